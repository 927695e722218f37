"""What a journal tells of trades, as it grows: decisions, fills, prices and texts, and the figures that follow.

Sharpe, drawdown and the rest are those of `report.metrics`, over the fills and the prices that the journal names.
"""

from collections import Counter, deque
from contextlib import suppress
from typing import Final

import msgspec
import numpy as np

from sagetrade_nautilus.guard.journal.records import DenialRecord, JournalRecord, OrderRecord, RunRecord, TextRecord
from sagetrade_nautilus.guard.journal.trades import JournaledTrade, Trades
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.records import FillRecord, PriceSeries, RoundTrip
from sagetrade_nautilus.report.equity import EquityLedger
from sagetrade_nautilus.report.figures import Performance
from sagetrade_nautilus.report.metrics import performance
from sagetrade_nautilus.run.collect import closed_trade, in_order_of_entry

LAST_DECISIONS: Final = 40


class TradedSoFar(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Fills and prices since the first decision that was taken; `starting_balance` is the equity that it saw."""

    starting_balance: float
    fills: tuple[FillRecord, ...]
    prices: tuple[PriceSeries, ...]


class LiveMarks(msgspec.Struct, frozen=True, kw_only=True):
    """What a running node says at one moment: its equity, and its newest prices by instrument, with the moment."""

    equity: float | None = None
    marks: dict[str, tuple[int, float]] = {}


class JournalBook:
    """Hears a journal's records in order.

    A journal that a restarted node continues may use a trade's id again: the later trade then goes by its id and the
    moment of its decision.
    """

    def __init__(self) -> None:
        self.run: RunRecord = RunRecord()
        self.texts: dict[str, TextRecord] = {}
        self.decisions: deque[DecisionRecord] = deque(maxlen=LAST_DECISIONS)
        self.verdicts: Counter[str] = Counter()
        self.denials: Counter[str] = Counter()
        self.fills: list[FillRecord] = []
        self._trades = Trades()
        self._starting_balance: float | None = None
        self._prices: dict[str, dict[int, float]] = {}
        self._trips: tuple[RoundTrip, ...] | None = None

    def hear(self, record: JournalRecord) -> None:
        """Take up one record."""
        match record:
            case RunRecord():
                self.run = record
            case TextRecord():
                self.texts[record.item_id] = record
            case DecisionRecord():
                self._hear_decision(record)
            case DenialRecord():
                self.denials[record.reason.partition(":")[0]] += 1
            case OrderRecord():
                self._hear_fill(self._trades.hear(record))
            case _:
                pass

    def trips(self) -> tuple[RoundTrip, ...]:
        """Return the closed trades, in the order of their entry."""
        if self._trips is None:
            self._trips = in_order_of_entry(
                closed_trade(trade.fills, trade.decision, trade.closed.exit_purpose)
                for trade in self._trades
                if trade.decision is not None and trade.closed is not None
            )
        return self._trips

    def prices(self, instrument_id: str, mark: tuple[int, float] | None = None) -> PriceSeries | None:
        """Return the prices that decisions and fills saw of an instrument, and `mark` after them; ``None`` without any.

        Parameters
        ----------
        mark : (int, float), optional
            A moment in UNIX nanoseconds and the price then, as a running node knows it.
        """
        seen = self._prices.get(instrument_id)
        if not seen:
            return None
        moments = sorted(seen)
        prices = [seen[ts] for ts in moments]
        if mark is not None and mark[0] > moments[-1] and mark[1] > 0.0:
            moments.append(mark[0])
            prices.append(mark[1])
        return PriceSeries(instrument_id, np.array(moments, dtype=np.int64), np.array(prices, dtype=np.float64))

    def instruments(self) -> list[str]:
        """Return the instruments that the journal knows a price of, by name."""
        return sorted(self._prices)

    def ledger(self, seen: LiveMarks = LiveMarks()) -> EquityLedger | None:  # noqa: B008 - it cannot change
        """Return the fills on the grid of the prices; ``None`` before the first decision that was taken.

        What is open is worth the newest price that was seen.
        """
        if self._starting_balance is None:
            return None
        series = (self.prices(name, seen.marks.get(name)) for name in self.instruments())
        prices = tuple(one for one in series if one is not None)
        return EquityLedger(
            TradedSoFar(starting_balance=self._starting_balance, fills=tuple(self.fills), prices=prices)
        )

    def performance(self, ledger: EquityLedger) -> Performance:
        """Return the figures of everything that was traded."""
        return performance(ledger, ledger.all_fills(), self.trips())

    def _hear_decision(self, record: DecisionRecord) -> None:
        if record.verdict is Verdict.DENIED_BY_GUARD:
            self._take_back(record)
        self.verdicts[record.verdict.value] += 1
        self.decisions.append(record)
        self._see(record.instrument_id, record.ts, record.price)
        began = self._trades.hear(record)
        if began is not None and self._starting_balance is None and record.equity > 0.0:
            self._starting_balance = record.equity

    def _take_back(self, denied: DecisionRecord) -> None:
        """Count a decision that was taken until the guard denied it once, as denied."""
        trade = self._trades.trade(denied.trade_id or "")
        taken = None if trade is None else trade.decision
        if taken is not None and taken.decision_id == denied.decision_id:
            self.verdicts[taken.verdict.value] -= 1
            with suppress(ValueError):  # it is older than the last that are kept
                self.decisions.remove(taken)

    def _hear_fill(self, trade: JournaledTrade | None) -> None:
        if trade is None or trade.decision is None:  # no fill, or one of a position that was found
            return
        fill = trade.fills[-1]
        self._see(fill.instrument_id, fill.ts, fill.price)
        self._trips = None
        self.fills.append(fill)

    def _see(self, instrument_id: str, ts: int, price: float) -> None:
        if price > 0.0:
            self._prices.setdefault(instrument_id, {})[ts] = price
