"""When commands arrive at the paper venue, by the node's clock or by that of its data."""

import asyncio

from nautilus_trader.common.component import Clock, TestClock, TimeEvent

from adapters.paper.venue import PaperVenue
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

QUIET_TURNS = 12
"""Turns of the event loop after which a command has found its way through the queues of the node."""


class Arrivals:
    """Has the venue carry out each command when it arrives.

    Parameters
    ----------
    loop, clock : AbstractEventLoop, Clock
        The node's. A clock that is told to go on rings itself; beside a live clock the event loop keeps the time, since
        that clock calls from a thread of its own.
    venue : PaperVenue
        The venue.
    follows_data : bool
        Whether time is that of the last datum. All that is sent between two data was sent at the time of the first, and
        arrives as soon as nothing more is sent.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Clock, venue: PaperVenue, *, follows_data: bool) -> None:
        self._loop = loop
        self._clock = clock
        self._venue = venue
        self._follows_data = follows_data
        self._heard_ns = 0
        self._turns = 0
        self._due: int | None = None
        self._is_over = False

    def now(self) -> int:
        """Return the venue's time, UNIX nanoseconds."""
        if self._follows_data:
            return max(self._heard_ns, int(self._venue.clock.timestamp_ns()))
        return int(self._clock.timestamp_ns())

    def heard(self, ts: int) -> None:
        """Take note of a datum's time."""
        self._heard_ns = max(self._heard_ns, ts)

    def plan(self) -> None:
        """Wait for the next command that travels, if that is not waited for already."""
        due = self._venue.next_arrival()
        if due is None or self._is_over:
            return
        if self._follows_data:
            waits, self._turns = self._turns > 0, QUIET_TURNS
            if not waits:
                self._loop.call_soon(self._settle_when_quiet)
        elif due != self._due:
            self._due = due
            self._wake_at(due)

    def end(self) -> None:
        """Carry out nothing more: what travels arrives in the next life."""
        self._is_over = True

    def _wake_at(self, due: int) -> None:
        name = f"paper-{id(self)}-{due}"
        if not isinstance(self._clock, TestClock):
            self._loop.call_later(max(due - self.now(), 0) / NANOS_PER_SECOND, self._settle)
        elif name not in self._clock.timer_names:
            self._clock.set_time_alert_ns(name, due, self._settle)

    def _settle(self, event: TimeEvent | None = None) -> None:
        """Carry out what is due, and wait for the next; the loop may wake a little early."""
        if self._is_over:
            return
        self._due = None
        self._venue.settle(self.now() if event is None else event.ts_event)
        self.plan()

    def _settle_when_quiet(self) -> None:
        if self._is_over:
            return
        self._turns -= 1
        if self._turns > 0:
            self._loop.call_soon(self._settle_when_quiet)
        elif (arrival := self._venue.next_arrival()) is not None:
            self._venue.settle(arrival)
            self.plan()
