"""Plays data into a node, one datum after another, each when the one before has been worked through."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from nautilus_trader.core.data import Data

from adapters.replay.clocks import ReplayClocks
from adapters.replay.pace import Pace


class Arrival(NamedTuple):
    """A datum and when it reaches the node, UNIX nanoseconds."""

    at_ns: int
    datum: Data


class Player:
    """Gives a node its data and its time.

    A datum is delivered when every timer that is due before it has rung, and the next one waits until the node has
    nothing left to do. So however fast it is played, the node sees and does the same.

    Parameters
    ----------
    data : iterable of Arrival
        In the order in which they arrive.
    end_ns : int
        Until when timers ring after the last datum, UNIX nanoseconds.
    pace : Pace
        How fast.

    Attributes
    ----------
    deliver : callable
        Takes each datum; the replay's data client puts itself here.
    arrive : callable
        Has a simulated venue take up what has reached it by now; returns whether there was anything.
    count : int
        How many data were delivered.
    """

    deliver: Callable[[Data], None]
    arrive: Callable[[], bool]

    def __init__(self, data: Iterable[Arrival], end_ns: int, pace: Pace) -> None:
        self._data = iter(data)
        self._end_ns = end_ns
        self._pace = pace
        self.count = 0
        self.arrive = lambda: False

    async def play(self, clocks: ReplayClocks) -> None:
        """Play until the data end."""
        await clocks.settle()
        for due_ns, datum in self._data:
            if due_ns > clocks.now_ns:
                await clocks.ring_through(clocks.now_ns)
                await self._pace.reach(due_ns, clocks)
                await clocks.ring_before(due_ns)
            self.deliver(datum)
            self.count += 1
            await clocks.settle()
        await clocks.ring_through(clocks.now_ns)
        await self._pace.reach(self._end_ns, clocks)
        await clocks.ring_through(self._end_ns)
