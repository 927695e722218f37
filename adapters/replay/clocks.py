"""The clocks of a node that follow its data: time stands still until it is told to go on, and timers ring on the way.

A `LiveClock` tells what the wall says, by which data of another year are stale, every day is today, and a minute takes
a minute. Nautilus's `TestClock` goes where it is told; this drives all of a node's together, in the order in which a
`BacktestEngine` does.
"""

import heapq
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Any

from nautilus_trader.common.component import TestClock, TimeEventHandler


class ReplayClocks:
    """All clocks of a node, and the timer events that they hold.

    Parameters
    ----------
    find : callable
        Returns the clocks, the node's own first; asked once, when time first goes on.
    settle : callable
        Waits until everything that an event set off has been worked through.
    """

    def __init__(self, find: Callable[[], Sequence[TestClock]], settle: Callable[[], Awaitable[None]]) -> None:
        self._find = find
        self.settle = settle
        self._clocks: Sequence[TestClock] = ()
        self._due: list[tuple[int, int, TimeEventHandler]] = []
        self._numbers = count()
        self.now_ns = 0

    def set(self, ts: int) -> None:
        """Put every clock at `ts`, UNIX nanoseconds, without ringing anything."""
        self._clocks = self._clocks or self._find()
        self.now_ns = ts
        for clock in self._clocks:
            clock.set_time(ts)

    async def ring_before(self, ts: int) -> None:
        """Ring what is due before `ts`, one event at a time, and put every clock at `ts`."""
        await self._ring(ts - 1, ts)
        self.set(ts)

    async def ring_through(self, ts: int) -> None:
        """Ring what is due up to and including `ts`, and put every clock at `ts`. Nothing happens if that is past."""
        if ts >= self.now_ns:
            await self._ring(ts, ts)
            self.set(ts)

    async def _ring(self, last: int, horizon: int) -> None:
        """Ring up to `last`. What is cancelled after it was due within `horizon` still rings, as in a backtest."""
        self._collect(horizon)
        while self._due and self._due[0][0] <= last:
            ts, _, handler = heapq.heappop(self._due)
            self.set(max(ts, self.now_ns))
            handler.handle()
            await self.settle()
            self._collect(horizon)

    def _collect(self, ts: int) -> None:
        for clock in self._clocks:
            for handler in clock.advance_time(ts, set_time=False):
                event: Any = handler.event
                heapq.heappush(self._due, (event.ts_event, next(self._numbers), handler))
