"""The circuit breaker at work: it keeps its memory, tells switch and journal, and hears a person's release."""

from collections.abc import Callable
from contextlib import suppress

import msgspec

from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.breaker import breaker
from sagetrade_nautilus.guard.breaker.breaker import Memory, Trip
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.standing import Standing
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import LatchRecord, State

BY = "circuit_breaker"
MEMORY_LOST = "memory_lost"
PEAK_STEP = 0.001
"""A peak is put on the disk when it has risen by this share, so that a rising market does not write at every price."""


class Circuit:
    """Holds the breaker's memory and acts on its trips.

    Parameters
    ----------
    store : MemoryFile, optional
        Where the memory outlives the process. Without one it does not, as in a backtest.
    latch : Latch, optional
        The kill switch, which a trip that waits for a person engages.
    on_trip : callable
        Told of every new trip.
    on_release : callable
        Told of every trip that ended, and by whom.
    """

    def __init__(
        self,
        limits: LimitConfig,
        config: BreakerConfig,
        store: MemoryFile | None,
        latch: Latch | None,
        on_trip: Callable[[Trip], None],
        on_release: Callable[[Trip, str], None],
    ) -> None:
        self._limits = limits
        self._config = config
        self._store = store
        self._latch = latch
        self._on_trip = on_trip
        self._on_release = on_release
        self._kept = Memory()
        self._memory = Memory()

    @property
    def memory(self) -> Memory:
        """What the breaker remembers."""
        return self._memory

    def wake(self, ts: int) -> None:
        """Take up what was kept. A memory that was lost may hide a loss: that is a trip which a person releases."""
        if self._store is None:
            return
        kept = self._store.load()
        if kept is None:
            self.trip(Standing(MEMORY_LOST, 1.0, 0.0), ts)
        else:
            self._kept = self._memory = kept

    def observe(self, equity: float, ts: int) -> None:
        """Look at what the account is worth now."""
        self._become(breaker.observe(self._memory, equity, ts, self._limits, self._config), ts)

    def after_trade(self, pnl: float, ts: int) -> None:
        """Hear of a closed trade's result after fees."""
        self._become(breaker.after_trade(self._memory, pnl, ts, self._limits, self._config), ts)

    def trip(self, standing: Standing, ts: int) -> None:
        """Trip for a reason outside the account's worth; a person releases it."""
        new = Trip(*standing, ts, State(self._config.action), until_next_day=False)
        self._become(breaker.trip(self._memory, new), ts)

    def heed(self, record: LatchRecord, ts: int) -> None:
        """Let go of what a person has released since: the kill switch was engaged by the trip, and is looser now.

        A trip that the kill switch could not tell of, since it was stricter for another reason, engages it now.
        """
        for trip in self._memory.trips:
            if not trip.until_next_day and not trip.sequence and record.state < trip.state:
                self._engage(trip)
                if self._store is not None:
                    self._save(self._store, ts)
        gone = tuple(
            trip
            for trip in self._memory.trips
            if 0 < trip.sequence < record.sequence and record.state < trip.state and not record.is_fault
        )
        if gone:
            self._become(breaker.released(self._memory, gone), ts, by=record.by)

    def standings(self) -> list[Standing]:
        """Return how far each rule of the breaker is."""
        return breaker.standings(self._memory, self._limits)

    def budget_left(self) -> float:
        """Return the share of the day's loss budget that is left, in [0, 1]."""
        return breaker.budget_left(self._memory, self._limits)

    def _become(self, memory: Memory, ts: int, by: str = BY) -> None:
        """Remember it, on the disk too, before anybody is told: whoever dies meanwhile has not forgotten a trip."""
        before, self._memory = self._memory, memory
        if self._store is None and memory.trips is before.trips:  # as at almost every look of a backtest
            return
        begun, ended = _without(memory.trips, before.trips), _without(before.trips, memory.trips)
        for trip in begun:
            self._engage(trip)
        if self._store is not None and _is_news(self._kept, self._memory):
            self._save(self._store, ts)
        for trip in begun:
            self._on_trip(trip)
        for trip in ended:
            self._on_release(trip, by)

    def _engage(self, trip: Trip) -> None:
        """Put a trip that waits for a person into the kill switch, so that it outlives everything."""
        if self._latch is None or trip.until_next_day:
            return
        with suppress(KillSwitchError):  # then it reads halted in this process, and the trip holds as well
            self._latch.engage(trip.state, str(trip), BY, trip.ts, self._config.flatten)
        record = self._latch.read()
        untold = record.state > trip.state and record.by != BY and not record.is_fault
        numbered = msgspec.structs.replace(trip, sequence=0 if untold else max(1, record.sequence))
        trips = tuple(numbered if known == trip else known for known in self._memory.trips)
        self._memory = msgspec.structs.replace(self._memory, trips=trips)

    def _save(self, store: MemoryFile, ts: int) -> None:
        try:
            store.save(self._memory)
            self._kept = self._memory
        except OSError as error:
            if self._latch is not None:
                why = f"the circuit breaker's memory cannot be written: {error.strerror or error}"
                with suppress(KillSwitchError):  # then it reads halted in this process
                    self._latch.engage(State.HALTED, why, BY, ts)


def _without(trips: tuple[Trip, ...], others: tuple[Trip, ...]) -> list[Trip]:
    """Return those of `trips` whose rule is not among `others`."""
    if trips is others:  # as at almost every look
        return []
    rules = {other.rule for other in others}
    return [trip for trip in trips if trip.rule not in rules]


def _is_news(kept: Memory, now: Memory) -> bool:
    """Return whether `now` says what a restart must know and `kept` does not."""
    if (kept.day, kept.trips, kept.losses_in_a_row) != (now.day, now.trips, now.losses_in_a_row):
        return True
    pairs = ((kept.day_start, now.day_start), (kept.day_peak, now.day_peak), (kept.peak, now.peak))
    return any(_has_risen(old, new) for old, new in pairs)


def _has_risen(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(new - old) > abs(old) * PEAK_STEP
