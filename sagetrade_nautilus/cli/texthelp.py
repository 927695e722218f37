"""`sagetool check texthelp`: does text help?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from sagetrade_nautilus.config import load
from sagetrade_nautilus.report.figures import Metrics
from sagetrade_nautilus.report.metrics import compute
from sagetrade_nautilus.report.text import horizon, number
from sagetrade_nautilus.report.text_help import ROWS, text_help
from sagetrade_nautilus.report.words import verdict
from sagetrade_nautilus.run.checks.text_runs import LATE_DAYS, text_runs

FOLLOWED = {"composite": "with text", "quant": "without", "composite - quant": "difference"}


def texthelp(
    config: Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/demo.toml.")],
) -> None:
    """Find out whether text helps, after costs.

    The run is made with its texts, without them, and with the same texts a week late; and the composite is held
    against itself without texts at each horizon. Differences have 95% intervals from paired block bootstraps.

    Example: sagetool check texthelp configs/demo.toml
    """
    settings = load(config)
    console = Console()
    samples, seed = settings.report.bootstrap_samples, settings.report.seed
    with console.status("Running it with texts, without, and with late ones"):
        runs = text_runs(settings)
    with console.status("Measuring"):
        metrics = [compute(run, samples, seed) for run in runs]
        found = text_help(*runs, samples, seed)
    console.print(_runs(metrics))
    console.print(_scores(metrics[0]))
    console.print(found.verdict(LATE_DAYS), markup=False)
    for sentence in verdict(metrics[0]):
        if sentence.topic == "Text":
            console.print(sentence.text, markup=False)


def _runs(metrics: Sequence[Metrics]) -> Table:
    table = _table("whole runs", "", "with text", "without", f"{LATE_DAYS} days late")
    for name, shown in ROWS:
        table.add_row(name, *(shown(one.total, one.starting_balance) for one in metrics))
    return table


def _scores(metrics: Metrics) -> Table:
    names = ("step", "", "IC", "turnover", "gross", "costs", "net", "95% interval")
    table = _table("the composite, followed step by step: a day, in bps of the average position", *names)
    quality = metrics.signal_quality
    coefficients = {(row.signal, row.horizon_min): row.ic for row in quality.rows if row.symbol == "all"}
    coefficients.update({(row.signal, row.horizon_min): row.ic for row in quality.text_adds})
    for row in quality.following:
        table.add_row(
            horizon(row.horizon_min) if row.signal == "composite" else "",
            FOLLOWED[row.signal],
            number(coefficients.get((row.signal, row.horizon_min)), 4, signed=True),
            *(_bps(value) for value in (row.turnover, row.gross_bps, row.cost_bps, row.net_bps)),
            "–" if row.low is None else f"{_bps(row.low)} to {_bps(row.high)}",
        )
    return table


def _bps(value: float | None) -> str:
    return number(value, 0 if value is not None and abs(value) >= 100.0 else 1)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, justify="left" if not column else "right", no_wrap=True)
    return table
