"""What the page shows of finished runs: a list, one run, several side by side. Files in, values out."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from sagetrade_nautilus.dashboard.curves import Equity, EquityCharts, equity_charts, overlaid, read_equity
from sagetrade_nautilus.dashboard.places import RunFolder
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.report.figures import Benchmark, Metrics, Month, Performance
from sagetrade_nautilus.report.time_charts import TimeChart
from sagetrade_nautilus.report.words import Sentence, verdict
from sagetrade_nautilus.report.write import EQUITY, REPORT

COMPARED_MAX: Final = 5
ALIKE: Final[dict[str, Callable[[Metrics], object]]] = {
    "period": lambda one: (one.start, one.end),
    "markets": lambda one: sorted(one.benchmark.symbols),
    "data": lambda one: one.data_fingerprint,
    "currency": lambda one: one.currency,
    "balance": lambda one: one.starting_balance,
    "costs": lambda one: one.costs.assumed,
}
Stamp = tuple[int, int]


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run in the list; of one that cannot be read there is only why."""

    id: str
    fault: str = ""
    name: str = ""
    start: str = ""
    end: str = ""
    currency: str = ""
    symbols: tuple[str, ...] = ()
    starting_balance: float = 0.0
    data_fingerprint: str = ""
    total: Performance | None = None


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """One run: its figures as ``metrics.json`` has them, its curves, and what the report says in words."""

    id: str
    name: str
    start: str
    end: str
    currency: str
    starting_balance: float
    config_digest: str
    code_version: str
    total: Performance
    benchmark: Benchmark
    per_strategy: dict[str, Performance]
    months: tuple[Month, ...]
    sentences: tuple[Sentence, ...]
    charts: EquityCharts | None
    charts_fault: str
    has_report: bool


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Runs side by side; the first is what the others are held against. `unlike` names in what they are not alike."""

    rows: list[RunRow]
    unlike: list[str]
    chart: TimeChart | None
    missing: list[str]


class Curves:
    """The equity of runs, each read once as long as its file is not replaced."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Stamp, Equity]] = {}

    def of(self, run: RunFolder) -> Equity:
        """Return a run's equity; raises `DataError` as `read_equity` does."""
        path = run.folder / EQUITY
        try:
            status = path.stat()
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._read.get(run.id)
        if known is None or known[0] != stamp:
            known = self._read[run.id] = (stamp, read_equity(path))
        return known[1]


def row(run: RunFolder) -> RunRow:
    """Return a run's line of the list."""
    found = run.metrics
    if found is None:
        return RunRow(id=run.id, fault=run.fault)
    return RunRow(
        id=run.id,
        name=found.name,
        start=found.start,
        end=found.end,
        currency=found.currency,
        symbols=found.benchmark.symbols,
        starting_balance=found.starting_balance,
        data_fingerprint=found.data_fingerprint,
        total=found.total,
    )


def unlike(found: Sequence[Metrics]) -> list[str]:
    """Return in what runs differ that must be alike before their figures can be held against one another.

    Other days or markets are other data too; 'data' is said only where they do not explain it.
    """
    differ = [name for name, read in ALIKE.items() if any(read(one) != read(found[0]) for one in found)]
    explained = "period" in differ or "markets" in differ
    return [name for name in differ if name != "data" or not explained]


def run_view(run: RunFolder, found: Metrics, curves: Curves) -> RunView:
    """Return everything that the page of a run shows at once."""
    charts, fault = None, ""
    try:
        charts = equity_charts(curves.of(run), found.starting_balance, found.currency)
    except DataError as error:
        fault = str(error)
    return RunView(
        id=run.id,
        name=found.name,
        start=found.start,
        end=found.end,
        currency=found.currency,
        starting_balance=found.starting_balance,
        config_digest=found.config_digest,
        code_version=found.code_version,
        total=found.total,
        benchmark=found.benchmark,
        per_strategy=found.per_strategy,
        months=found.months,
        sentences=tuple(msgspec.structs.replace(one, text=one.after_topic) for one in verdict(found)),
        charts=charts,
        charts_fault=fault,
        has_report=(run.folder / REPORT).is_file(),
    )


def compared(wanted: list[str], runs: dict[str, RunFolder], curves: Curves) -> Compared:
    """Return the wanted runs side by side; those that are not there or cannot be read are named."""
    rows: list[RunRow] = []
    found: list[Metrics] = []
    lines: list[tuple[str, Equity, float]] = []
    missing: list[str] = []
    for name in dict.fromkeys(wanted[:COMPARED_MAX]):
        run = runs.get(name)
        if run is None or run.metrics is None:
            missing.append(name)
            continue
        rows.append(row(run))
        found.append(run.metrics)
        try:
            lines.append((name, curves.of(run), run.metrics.starting_balance))
        except DataError:
            missing.append(name)
    chart = overlaid(lines) if lines else None
    return Compared(rows=rows, unlike=unlike(found), chart=chart, missing=missing)
