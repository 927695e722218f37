"""What has been: closed trades, headlines, stops and held-back orders, out of the journal, as far as it goes.

Read on a thread, each line once: the journal knows of all runs in the folder, this process only of its own.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sagetrade_nautilus.guard.journal.journal import walk
from sagetrade_nautilus.guard.journal.records import DenialRecord, JournalRecord, TripRecord
from sagetrade_nautilus.guard.journal.trades import ClosedTrade, Trades
from sagetrade_nautilus.guard.switch.state import StateChange

TRADES_MAX: Final = 20_000
REST_LINES: Final = 200
REST_S: Final = 0.001
KEPT_MAX: Final = 2_000
"""Trades whose fills are remembered: a late fill can open one again that was closed."""


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
    changes, trips, denials : deque
        The last changes of the kill switch, trips of the circuit breaker, and orders that the gate held back.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._offset = 0
        self._lock = asyncio.Lock()
        self._trades = Trades(KEPT_MAX, TRADES_MAX)
        self.changes: deque[StateChange] = deque(maxlen=100)
        self.trips: deque[TripRecord] = deque(maxlen=100)
        self.denials: deque[DenialRecord] = deque(maxlen=1_000)

    @property
    def trades(self) -> tuple[ClosedTrade, ...]:
        """The last 20,000 trades that are over, in the order in which they ended."""
        return tuple(self._trades.closed)

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
        self._trades.hear(record)
        match record:
            case StateChange():
                self.changes.append(record)
            case TripRecord():
                self.trips.append(record)
            case DenialRecord():
                self.denials.append(record)
            case _:
                pass
