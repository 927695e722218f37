"""What has been: closed trades, headlines, stops and held-back orders, out of the journal, as far as it goes.

Read on a thread, each line once: the journal knows of all runs in the folder, this process only of its own.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from math import fsum
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.guard.fills import fill_of
from sagetrade_nautilus.guard.journal import walk
from sagetrade_nautilus.guard.records import DenialRecord, JournalRecord, OrderRecord, TripRecord
from sagetrade_nautilus.guard.state import StateChange
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.records import FillRecord
from sagetrade_nautilus.model.round_trips import TradeAmounts, trade_amounts

TRADES_MAX: Final = 20_000
REST_LINES: Final = 200
REST_S: Final = 0.001
OPEN_MAX: Final = 2_000
"""Trades whose fills are remembered: a late fill can open one again that was closed."""
RECENT: Final = 200
SAME: Final = 1e-9


class ClosedTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One closed trade. `exit_role` is what closed it: 'take_profit', 'stop_loss', 'time_exit', 'flatten' or so.

    `equity` is what the account was worth when it was decided; 0 where that is not known.
    """

    trade_id: str
    strategy: str
    instrument_id: str
    amounts: TradeAmounts
    exit_role: str
    equity: float

    @property
    def net_pnl(self) -> float:
        """The result after fees, in quote currency."""
        return self.amounts.net_pnl


def gently(journal: Path, offset: int = 0) -> Iterator[tuple[JournalRecord, int]]:
    """Walk through a journal on a thread, with rests: the node's loop shares the interpreter, and must not wait."""
    for number, found in enumerate(walk(journal, offset), start=1):
        yield found
        if number % REST_LINES == 0:
            time.sleep(REST_S)


class History:
    """Reads the journal as it grows.

    Parameters
    ----------
    journal : Path
        The node's.

    Attributes
    ----------
    trades : deque of ClosedTrade
        The last 20,000, the oldest first.
    changes, trips, denials : deque
        The last changes of the kill switch, trips of the circuit breaker, and orders that the gate held back.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._offset = 0
        self._lock = asyncio.Lock()
        self._open: dict[str, tuple[DecisionRecord, list[FillRecord]]] = {}
        self.trades: deque[ClosedTrade] = deque(maxlen=TRADES_MAX)
        self.changes: deque[StateChange] = deque(maxlen=100)
        self.trips: deque[TripRecord] = deque(maxlen=100)
        self.denials: deque[DenialRecord] = deque(maxlen=1_000)

    async def read(self) -> "History":
        """Take up what was written since the last time, and return itself.

        Raises
        ------
        JournalError
            The journal cannot be read.
        """
        async with self._lock:
            await asyncio.to_thread(self._read)
        return self

    def _read(self) -> None:
        for record, offset in gently(self._journal, self._offset):
            self._hear(record)
            self._offset = offset

    def _hear(self, record: JournalRecord) -> None:
        match record:
            case DecisionRecord() if record.trade_id and record.verdict is Verdict.TAKEN:
                self._open[record.trade_id] = (record, [])
                if len(self._open) > OPEN_MAX:
                    del self._open[next(iter(self._open))]
            case OrderRecord():
                self._fill(record)
            case StateChange():
                self.changes.append(record)
            case TripRecord():
                self.trips.append(record)
            case DenialRecord():
                self.denials.append(record)
            case _:
                pass

    def _fill(self, record: OrderRecord) -> None:
        fill = fill_of(record)
        if fill is None or fill.trade_id not in self._open:
            return
        decision, fills = self._open[fill.trade_id]
        fills.append(fill)
        entered = fsum(fill.quantity for fill in fills if fill.is_entry)
        left = fsum(fill.quantity for fill in fills if not fill.is_entry)
        if entered <= 0.0 or abs(entered - left) > SAME * entered:
            return
        with suppress(ReportError):  # exits that came before their entry make no trade
            self._close(
                ClosedTrade(
                    trade_id=fill.trade_id,
                    strategy=decision.strategy,
                    instrument_id=decision.instrument_id,
                    amounts=trade_amounts(fills),
                    exit_role=record.tags[1],
                    equity=decision.equity,
                )
            )

    def _close(self, trade: ClosedTrade) -> None:
        """Put the trade last; one that a late fill opened again takes its old place."""
        for place in range(len(self.trades) - 1, max(len(self.trades) - RECENT, 0) - 1, -1):
            other = self.trades[place]
            if (other.trade_id, other.amounts.entry_ts) == (trade.trade_id, trade.amounts.entry_ts):
                self.trades[place] = trade
                return
        self.trades.append(trade)
