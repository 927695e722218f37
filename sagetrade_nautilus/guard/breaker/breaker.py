"""The circuit breaker: what the account has lost, and whether that is enough to stop. Pure: values in, values out.

It latches. A trip by the day's loss or by losses in a row lasts until the next UTC day or until a person resumes, as
the configuration says; one by a drawdown, by an order loop or by a step of the clock until a person resumes.
"""

from math import isfinite

import msgspec
from msgspec import UNSET, UnsetType

from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.guard.standing import Standing
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.nanos import NANOS_PER_DAY

DAILY_LOSS = "max_daily_loss_pct"
DAY_DROP = "max_day_drop_pct"
DRAWDOWN = "max_drawdown_pct"
LOSSES = "max_losses_in_a_row"
BY_RULE = frozenset({DAILY_LOSS, DAY_DROP, LOSSES})
"""The trips that the next day may release."""
LOSS_LIMITS = BY_RULE | {DRAWDOWN}
"""The limits of what may be lost."""


class Trip(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One rule that tripped.

    Parameters
    ----------
    rule : str
        The limit's name in the configuration.
    value, threshold : float
        The number that tripped it, and what it was held against.
    ts : int
        When, UNIX nanoseconds.
    state : State
        What may trade since then.
    until_next_day : bool
        Whether the next UTC day releases it; else a person does.
    sequence : int
        The kill switch's sequence number after this trip was put there; 0 where it was not, as long as it is stricter
        for another reason too.
    """

    rule: str
    value: float
    threshold: float
    ts: int
    state: State
    until_next_day: bool
    sequence: int = 0

    def __str__(self) -> str:
        return str(Standing(self.rule, self.value, self.threshold))


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the breaker must not forget, over a restart either.

    Parameters
    ----------
    day : int
        The UTC day, counted from 1970-01-01.
    day_start, day_peak : float, optional
        Equity at its start (or when it was first known), and the highest since; ``None`` while it is unknown.
    equity, peak : float, optional
        The last known equity, and the highest ever.
    day_opened, highest : float, optional
        What the day really began with and the highest ever, once a release has the rules count from a later equity.
    losses_in_a_row : int
        Losing trades since the last winning one.
    trips : tuple[Trip, ...]
        What tripped and was not released, oldest first.
    """

    day: int = -1
    day_start: float | None = None
    day_peak: float | None = None
    equity: float | None = None
    peak: float | None = None
    losses_in_a_row: int = 0
    trips: tuple[Trip, ...] = ()
    day_opened: float | UnsetType | None = UNSET
    highest: float | UnsetType | None = UNSET

    @property
    def opening(self) -> float | None:
        """Equity at the start of the UTC day, whatever was released since."""
        return self.day_start if self.day_opened is UNSET else self.day_opened

    @property
    def high_water(self) -> float | None:
        """The highest equity ever, whatever was released since."""
        known = [value for value in (self.peak, self.highest) if value is not None and value is not UNSET]
        return max(known, default=None)

    @property
    def state(self) -> State:
        """The strictest state of all trips."""
        return max((trip.state for trip in self.trips), default=State.RUNNING)


def observe(memory: Memory, equity: float, ts: int, limits: LimitConfig, breaker: BreakerConfig) -> Memory:
    """Return the memory after `equity` was seen at `ts`: a new day begun, peaks moved, rules tripped.

    An equity that is not known (no finite number) is no observation; a limit holds back what opens meanwhile.
    """
    known = isfinite(equity)
    if ts // NANOS_PER_DAY > memory.day:  # time that runs backwards begins nothing
        memory = _next_day(memory, ts // NANOS_PER_DAY, equity if known else memory.equity)
    if not known:
        return memory
    start, day_peak, peak = memory.day_start, memory.day_peak, memory.peak
    seen = msgspec.structs.replace(
        memory,
        equity=equity,
        day_start=equity if start is None else start,
        day_peak=equity if day_peak is None or equity > day_peak else day_peak,
        peak=equity if peak is None or equity > peak else peak,
    )
    return _tripped(seen, ts, limits, breaker)


def after_trade(memory: Memory, pnl: float, ts: int, limits: LimitConfig, breaker: BreakerConfig) -> Memory:
    """Return the memory after a trade was closed that made `pnl` after fees. One that made nothing is no loss."""
    losses = memory.losses_in_a_row + 1 if pnl < 0.0 else 0
    return _tripped(msgspec.structs.replace(memory, losses_in_a_row=losses), ts, limits, breaker)


def trip(memory: Memory, new: Trip) -> Memory:
    """Return the memory with `new` among its trips; a rule that has tripped already does not trip again."""
    if any(known.rule == new.rule for known in memory.trips):
        return memory
    return msgspec.structs.replace(memory, trips=(*memory.trips, new))


def released(memory: Memory, trips: tuple[Trip, ...]) -> Memory:
    """Return the memory after a person released `trips`: their rules count anew from the equity of now."""
    rules, now = {known.rule for known in trips}, memory.equity
    memory = _without(memory, trips)
    if rules & {DAILY_LOSS, DAY_DROP}:
        memory = msgspec.structs.replace(memory, day_start=now, day_peak=now, day_opened=memory.opening)
    if DRAWDOWN in rules:
        memory = msgspec.structs.replace(memory, peak=now, highest=memory.high_water)
    return memory


def standings(memory: Memory, limits: LimitConfig) -> list[Standing]:
    """Return how far each rule of the breaker is; losses are in percent, and 0 where there is a gain."""
    daily_loss, day_drop, drawdown = _falls_pct(memory)
    return [
        Standing(DAILY_LOSS, daily_loss, limits.max_daily_loss_pct),
        Standing(DAY_DROP, day_drop, limits.max_day_drop_pct),
        Standing(DRAWDOWN, drawdown, limits.max_drawdown_pct),
        Standing(LOSSES, memory.losses_in_a_row, limits.max_losses_in_a_row),
    ]


def budget_left(memory: Memory, limits: LimitConfig) -> float:
    """Return the share of the day's loss budget that is left, in [0, 1]; 0 once anything has tripped."""
    if memory.trips:
        return 0.0
    used = max(standing.used for standing in standings(memory, limits) if standing.limit in (DAILY_LOSS, DAY_DROP))
    return min(1.0, max(0.0, 1.0 - used))


def _falls_pct(memory: Memory) -> tuple[float, float, float]:
    """Return the falls from the day's start, from its peak and from the highest peak."""
    now, start = memory.equity, memory.day_start
    return (
        _fall_pct(start, now, start),
        _fall_pct(memory.day_peak, now, start),
        _fall_pct(memory.peak, now, memory.peak),
    )


def _fall_pct(high: float | None, now: float | None, of: float | None) -> float:
    """Return the fall from `high` in percent of `of`; 0 for a rise, 100 where `of` is worth nothing."""
    if high is None or now is None or of is None:
        return 0.0
    if not of > 0.0:
        return 100.0
    return (high - now) / of * 100.0 if high > now else 0.0


def _next_day(memory: Memory, day: int, start: float | None) -> Memory:
    """Begin the UTC day `day` with an equity of `start`."""
    begun = msgspec.structs.replace(memory, day=day, day_start=start, day_peak=start, day_opened=UNSET)
    return _without(begun, tuple(known for known in memory.trips if known.until_next_day))


def _without(memory: Memory, trips: tuple[Trip, ...]) -> Memory:
    rules = {known.rule for known in trips}
    kept = tuple(known for known in memory.trips if known.rule not in rules)
    losses = 0 if LOSSES in rules else memory.losses_in_a_row
    return msgspec.structs.replace(memory, trips=kept, losses_in_a_row=losses)


def _tripped(memory: Memory, ts: int, limits: LimitConfig, breaker: BreakerConfig) -> Memory:
    daily_loss, day_drop, drawdown = _falls_pct(memory)
    is_far = (
        daily_loss < limits.max_daily_loss_pct
        and day_drop < limits.max_day_drop_pct
        and drawdown < limits.max_drawdown_pct
        and memory.losses_in_a_row < limits.max_losses_in_a_row
    )
    if is_far:  # as at almost every look
        return memory
    for standing in standings(memory, limits):
        if standing.value >= standing.threshold:
            until_next_day = standing.limit in BY_RULE and breaker.release == "next_day"
            memory = trip(memory, Trip(*standing, ts, State(breaker.action), until_next_day))
    return memory
