"""`sagetool backtest`: the run, a progress bar, the table, the words, and where the report lies."""

import datetime as dt
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ReportError, cause
from sagetrade_nautilus.experiments.by_hand import note
from sagetrade_nautilus.guard.journal.journal import head_path
from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.report.metrics import compute
from sagetrade_nautilus.report.order import note as note_last
from sagetrade_nautilus.report.table import show
from sagetrade_nautilus.report.write import write_report
from sagetrade_nautilus.run.backtest import prepare, run
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.version import code_version


def backtest(
    config: Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/demo.toml.")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the report's folder and nothing else.")] = False,
) -> None:
    """Run a backtest over the catalog and write its report.

    The report (HTML, metrics, trade log, decision journal) lands in the configured folder, in one piece or not at
    all. The same configuration, data and code give the same bytes.

    Example: sagetool backtest configs/demo.toml
    """
    settings = load(config)
    console = Console(quiet=quiet)
    began = time.monotonic()
    require_place(settings)
    count(settings)
    with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
        journal = Path(scratch) / JOURNAL
        summary = _run(settings, journal, console)
        folder = report(summary, settings, journal, console)
    took = f"[dim]({time.monotonic() - began:.0f} s in all)[/]"
    console.print(f"\n[bold]Report:[/] {escape(str(folder / 'report.html'))}  {took}", soft_wrap=True)
    if quiet:
        print(folder)


def require_place(settings: RunConfig) -> None:
    """Make sure that a report can be written where it goes, before the run takes its time; nothing is left there.

    Raises
    ------
    ReportError
        Nothing can.
    """
    directory = Path(settings.report.directory)
    there = next(folder for folder in (directory.absolute(), *directory.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise ReportError(f"{directory}: the report could not be written: {cause(error)}") from None


def count(settings: RunConfig) -> None:
    """Have the run counted beside the experiments that are here, and say where it reads days that are sealed."""
    told = note(settings, code_version(settings), dt.datetime.now(dt.UTC))
    if told:
        print(told, file=sys.stderr)


def report(summary: RunSummary, settings: RunConfig, journal: Path, console: Console, runner: str = "") -> Path:
    """Measure the run, write its report, note that it is the last, and show the table; return the report's folder.

    It goes where `report.directory` says, or into the folder of its `runner` there.
    """
    runs = Path(settings.report.directory)
    with console.status("Measuring and drawing the report"):
        metrics = compute(summary, settings.report.bootstrap_samples, settings.report.seed)
        folder = write_report(
            summary,
            settings,
            runs / runner,
            figures=metrics,
            extra_files={JOURNAL: journal, head_path(Path(JOURNAL)).name: head_path(journal)},
        )
        note_last(runs, folder)
    show(metrics, console)
    return folder


def _run(settings: RunConfig, journal: Path, console: Console) -> RunSummary:
    with bar(console) as progress:
        task = progress.add_task("Preparing the data", total=None)
        prepare(settings)
        progress.update(task, description=f"Backtest {settings.name}", total=1.0, completed=0.0)
        return run(settings, journal, lambda share: progress.update(task, completed=share))


def bar(console: Console) -> Progress:
    """Return the progress bar of a run."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True)
