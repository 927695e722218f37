"""Writing a report: whole or not at all."""

import csv
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import numpy as np

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.durable import sync_file, sync_folder
from sagetrade_nautilus.errors import ReportError, cause
from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.report import html, metrics, trade_log
from sagetrade_nautilus.report.equity import EquityLedger, reconcile
from sagetrade_nautilus.report.figures import Metrics
from sagetrade_nautilus.report.swap import put_in_place
from sagetrade_nautilus.report.text import equity_digits

REPORT, METRICS, TRADES, EQUITY, CONFIG = (
    "report.html",
    "metrics.json",
    "trades.jsonl",
    "equity.csv",
    "config.json",
)
OWN_FILES = (REPORT, METRICS, TRADES, EQUITY, CONFIG)
DIGEST_CHARS = 8
CSV_DECIMALS = 4


def report_directory(config: RunConfig, directory: Path) -> Path:
    """Return where the report of `config` goes: ``<directory>/<name>-<digest>``."""
    return directory / f"{config.name}-{config.digest[:DIGEST_CHARS]}"


def write_report(
    summary: RunSummary,
    config: RunConfig,
    directory: Path,
    *,
    figures: Metrics | None = None,
    extra_files: Mapping[str, Path] | None = None,
) -> Path:
    """Write everything that a run leaves to its own directory and return that.

    It holds ``report.html``, ``metrics.json``, ``trades.jsonl``, ``equity.csv`` and ``config.json`` (the
    canonical configuration, whose SHA-256 is the digest). An older report is replaced in one step.

    Parameters
    ----------
    directory : Path
        Where reports of all runs are; it is made if need be.
    figures : Metrics, optional
        The run's metrics, if they have been computed already.
    extra_files : mapping of str to Path, optional
        Names in the report's directory to files that are moved there; they stay if anything fails.

    Raises
    ------
    ReportError
        The figures contradict one another, or the files cannot be written; an older report is untouched then.
    """
    if summary.config_digest != config.digest:
        raise ReportError(f"run {summary.name}: made with another configuration than the one given")
    extra, final = extra_files or {}, report_directory(config, directory)
    _check_names(extra)
    _check_place(final)
    ledger = EquityLedger(summary)
    reconcile(summary, ledger)
    figures = figures or metrics.compute(summary, config.report.bootstrap_samples, config.report.seed)
    page = html.render(summary, figures, ledger)
    try:
        with _temporary(final) as made:
            (made / REPORT).write_text(page, encoding="utf-8", newline="\n")
            _write_figures(made, summary, config, figures, ledger)
            for name, source in extra.items():
                shutil.copyfile(source, made / name)
            _sync(made)
            put_in_place(made, final)
    except OSError as error:
        raise ReportError(f"{error.filename or final}: the report cannot be written: {cause(error)}") from error
    for source in extra.values():
        with suppress(OSError):  # its copy is in place, so one that cannot be removed does no harm
            source.unlink()
    return final


def _check_names(extra: Mapping[str, Path]) -> None:
    for name, source in extra.items():
        if name in OWN_FILES or name in ("", ".", "..") or Path(name).name != name:
            raise ReportError(f"{name!r} cannot be the name of a further file in a report")
        if not source.is_file():
            raise ReportError(f"{source}: no such file to move into the report as {name}")


def _check_place(final: Path) -> None:
    if final.is_symlink() or (final.exists() and not final.is_dir()):
        raise ReportError(f"{final}: not a directory, so the report cannot go there; move it away")


def _write_figures(made: Path, summary: RunSummary, config: RunConfig, figures: Metrics, ledger: EquityLedger) -> None:
    metrics.write(figures, made / METRICS)
    trade_log.write(summary.round_trips, made / TRADES)
    _write_equity(summary, ledger, made / EQUITY)
    (made / CONFIG).write_bytes(msgspec.json.encode(config, order="sorted"))


@contextmanager
def _temporary(final: Path) -> Iterator[Path]:
    """Give an empty directory beside `final`; whatever is at its path afterwards is removed."""
    final.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    try:
        made.chmod(0o755)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _write_equity(summary: RunSummary, ledger: EquityLedger, path: Path) -> None:
    """Write a line a bar: equity, buying and holding, each strategy's result so far.

    All to four decimals, or to the ninth digit of a starting balance below 1,000.
    """
    curves = {name: ledger.curve(ledger.fills.strategy == name).pnl for name in summary.strategies}
    equity = summary.starting_balance + ledger.curve(ledger.all_fills()).pnl
    decimals = max(CSV_DECIMALS, equity_digits(summary.starting_balance) + 3)
    columns = [np.round(column, decimals).tolist() for column in (equity, ledger.benchmark(), *curves.values())]
    times = [trade_log.iso(ts) for ts in ledger.ts.tolist()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["timestamp", "equity", "buy_and_hold", *(f"pnl_{name}" for name in curves)])
        writer.writerows(zip(times, *columns, strict=True))


def _sync(made: Path) -> None:
    for path in sorted(made.iterdir()):
        sync_file(path)
    sync_folder(made)
