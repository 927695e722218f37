"""Everything that the dashboard can look at, behind the questions that its page asks. Each answer is a plain struct.

A source of trades is a finished run ('run:demo-1a2b3c4d') or a node's folder ('node:paper').
"""

from pathlib import Path
from typing import Final

import msgspec

from catalog.columns import BarColumns
from sagetrade_nautilus.dashboard import runs as run_views
from sagetrade_nautilus.dashboard import trades as trade_views
from sagetrade_nautilus.dashboard.book import JournalBook, LiveMarks
from sagetrade_nautilus.dashboard.curves import Equity, EquityCharts, equity_charts
from sagetrade_nautilus.dashboard.experiments import ExperimentSource
from sagetrade_nautilus.dashboard.journals import NONE, Journals, ReadJournal, explained
from sagetrade_nautilus.dashboard.market import MarketView, bars_of, market
from sagetrade_nautilus.dashboard.places import RunFolder, Runs, places, run_config
from sagetrade_nautilus.dashboard.switches import Switches
from sagetrade_nautilus.errors import DataError, JournalError, ReportError
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.report.figures import Performance

RUN: Final = "run"
NODE: Final = "node"
BARS_MAX: Final = 6


class JournalView(msgspec.Struct, frozen=True, kw_only=True):
    """What a node's journal tells.

    Parameters
    ----------
    is_there : bool
        Whether there is a journal.
    fault : str
        Why it could not be read to its end; '' if it could.
    lines : int
        How many lines were read.
    run, currency : str
        What the run is called; what its fees are counted in is not in every journal.
    total, charts
        Figures and curves over all that was traded; ``None`` before the first trade.
    adds_up_to, counted : float, optional
        What the account is worth by the journal, and by the node itself at the same moment.
    verdicts, denials : dict[str, int]
        What became of decisions, and which limits held orders back.
    decisions : list[DecisionLine]
        The last decisions, the newest first.
    """

    is_there: bool
    fault: str
    lines: int
    run: str
    total: Performance | None
    charts: EquityCharts | None
    adds_up_to: float | None
    counted: float | None
    verdicts: dict[str, int]
    denials: dict[str, int]
    decisions: "list[DecisionLine]"
    instruments: list[str]


class DecisionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One decision in short."""

    t: int
    strategy: str
    instrument: str
    side: str
    verdict: str
    why: str
    score: float
    trade: str


class Sources:
    """Runs, nodes' folders, journals and experiments, as they are when asked.

    Parameters
    ----------
    runs, state : Path
        The folder of reports, and the one of nodes' folders.
    experiments : ExperimentSource
        Whatever knows of experiments.
    switches : Switches
        The kill switches in `state`.
    """

    def __init__(self, runs: Path, state: Path, experiments: ExperimentSource, switches: Switches) -> None:
        self.runs = Runs(runs)
        self.experiments = experiments
        self.switches = switches
        self.curves = run_views.Curves()
        self._state = state
        self._journals = Journals()
        self._histories: dict[Path, tuple[tuple[object, ...], JournalView]] = {}
        self._bars: dict[tuple[str, str, int], BarColumns | None] = {}

    def latches(self) -> dict[Path, str]:
        """Return the places by the files of their kill switches."""
        return {place.latch.absolute(): place.id for place in places(self._state)}

    def history(self, source: str, seen: LiveMarks = LiveMarks()) -> JournalView | None:  # noqa: B008 - it cannot change
        """Return what a source's journal tells; ``None`` if there is no such source.

        What is open is worth the price that its node has `seen` last.
        """
        path = self._journal(source)
        if path is None:
            return None
        with self._journals.reading(path) as kept:
            state = (kept.inode, kept.offset, kept.fault, msgspec.json.encode(seen))
            known = self._histories.get(path)
            if known is None or known[0] != state:
                known = self._histories[path] = (state, _history(kept, seen))
            return known[1]

    def trades(self, source: str, offset: int, count: int = trade_views.PAGE_MAX) -> trade_views.TradePage | None:
        """Return some of a source's closed trades; ``None`` if there is no such source."""
        path = self._journal(source)
        if path is None:
            return None
        with self._journals.reading(path) as kept:
            return trade_views.page(kept.book.trips(), offset, count)

    def market(self, source: str, instrument: str, start: int | None, end: int | None) -> MarketView | None:
        """Return a market as a source knows it; ``None`` if it knows none of that name."""
        path = self._journal(source)
        if path is None:
            return None
        with self._journals.reading(path) as kept:
            if instrument not in kept.book.instruments():
                return None
            return market(kept.book, instrument, self._bars_of(source, instrument), start, end)

    def trade(self, source: str, trade: str, currency: str = "") -> trade_views.TradeView | None:
        """Return why a trade was made; ``None`` if there is no such source.

        A run says in which currency its money is counted; for a node, `currency` is what it says itself.

        Raises
        ------
        JournalError
            Its journal cannot be read, or knows no such trade.
        """
        path = self._journal(source)
        if path is None:
            return None
        found = explained(path, trade)
        with self._journals.reading(path) as kept:
            book: JournalBook = kept.book
            trip = next((trip for trip in book.trips() if trip.trade_id == trade), None)
            instrument = found.decision.instrument_id
            bars = self._bars_of(source, instrument)
            around = market(book, instrument, bars, *trade_views.window(found, trip))
        run = self._run(source)
        currency = run.metrics.currency if run is not None and run.metrics is not None else currency
        return trade_views.trade_view(trade, currency, path.parent, found, trip, self._journals.fault(path), around)

    def _run(self, source: str) -> RunFolder | None:
        kind, _, name = source.partition(":")
        return self.runs.get(name) if kind == RUN else None

    def _journal(self, source: str) -> Path | None:
        kind, _, name = source.partition(":")
        if kind == RUN:
            run = self._run(source)
            return None if run is None else run.journal
        if kind == NODE:
            return next((place.journal for place in places(self._state) if place.id == name), None)
        return None

    def _bars_of(self, source: str, instrument: str) -> BarColumns | None:
        run = self._run(source)
        if run is None:
            return None
        stamp = run.folder.stat().st_mtime_ns
        key = (source, instrument, stamp)
        if key not in self._bars:
            self._bars[key] = bars_of(run_config(run), instrument)
            while len(self._bars) > BARS_MAX:
                del self._bars[next(iter(self._bars))]
        return self._bars[key]


def _history(kept: ReadJournal, seen: LiveMarks) -> JournalView:
    book, fault = kept.book, "" if kept.fault == NONE else kept.fault
    total, charts, adds_up_to = None, None, None
    try:
        ledger = book.ledger(seen)
        if ledger is not None:
            total = book.performance(ledger)
            start = ledger.starting_balance
            adds_up_to = start + total.net_pnl
            equity = start + ledger.curve(ledger.all_fills()).pnl
            charts = equity_charts(Equity(ledger.ts, equity), start, "")
    except (ReportError, DataError, JournalError) as error:
        fault = fault or str(error)
    return JournalView(
        is_there=kept.fault != NONE,
        fault=fault,
        lines=kept.lines,
        run=book.run.name,
        total=total,
        charts=charts,
        adds_up_to=adds_up_to,
        counted=seen.equity,
        verdicts=dict(sorted(book.verdicts.items())),
        denials=dict(sorted(book.denials.items())),
        decisions=[
            DecisionLine(
                t=record.ts // NANOS_PER_SECOND,
                strategy=record.strategy,
                instrument=record.instrument_id,
                side=record.side,
                verdict=record.verdict.value,
                why=record.why,
                score=record.score,
                trade=record.trade_id or "",
            )
            for record in reversed(book.decisions)
        ],
        instruments=book.instruments(),
    )
