"""How a micro-trade's entry is worked: one limit order that creeps towards a cap and does not outlive its time.

A pure state machine. Prices are whole ticks and quantities whole steps of the instrument, so that its bounds are exact;
times are nanoseconds. `begin` and `advance` answer the next state and what is to be done about it. Whatever the venue
says or does not say, the machine is done `cancel_ns` * `cancels_max` after the deadline.
"""

from enum import Enum
from fractions import Fraction
from math import ceil, floor
from typing import Literal

import msgspec

from sagetrade_nautilus.nanos import NANOS_PER_SECOND

BPS = 10_000


class Phase(Enum):
    """Where an entry stands: at work, being cancelled, or over."""

    WORKING = "working"
    CANCELING = "canceling"
    DONE = "done"


class MicroPolicy(msgspec.Struct, frozen=True, gc=False):
    """What is asked for, and how far and how long it may go.

    Parameters
    ----------
    sign : {1, -1}
        1 buys, -1 sells.
    asked : int
        Quantity in steps, > 0.
    first, cap : int
        The first and the worst price in ticks; `first` is not beyond `cap`.
    step : int
        Ticks from one price to the next, >= 0.
    lifetime_ns, reprice_ns : int
        Time until the rest is cancelled, and between two prices (0: the first is kept).
    cancel_ns, cancels_max : int
        How long a cancel may go unanswered, > 0, and how often it is sent, > 0.
    partial : {'keep', 'close'}
        What becomes of a part when the rest could not be had.

    Raises
    ------
    ValueError
        A value lies outside these ranges.
    """

    sign: Literal[1, -1]
    asked: int
    first: int
    cap: int
    step: int
    lifetime_ns: int
    reprice_ns: int = 0
    cancel_ns: int = 5 * NANOS_PER_SECOND
    cancels_max: int = 3
    partial: Literal["keep", "close"] = "keep"

    def __post_init__(self) -> None:
        beyond = self.sign * (self.first - self.cap) > 0
        if beyond or min(self.asked, self.first, self.cap, self.lifetime_ns, self.cancel_ns, self.cancels_max) <= 0:
            raise ValueError(f"not a policy that can be followed: {self}")
        if self.step < 0 or self.reprice_ns < 0:
            raise ValueError(f"steps and intervals do not go backward: {self}")


class MicroState(msgspec.Struct, frozen=True, gc=False):
    """An entry in flight.

    Parameters
    ----------
    price : int
        The last price that was sent, in ticks.
    deadline_ns : int
        When what is not filled is cancelled.
    wake_ns : int, optional
        When `advance` wants to hear `Woke`; ``None`` once it is done.
    filled : int
        What was had so far, in steps.
    changing : bool
        Whether a new price was sent that the venue has not answered.
    cancels : int
        How many cancels were sent.
    """

    phase: Phase
    price: int
    deadline_ns: int
    wake_ns: int | None
    filled: int = 0
    changing: bool = False
    cancels: int = 0


class Filled(msgspec.Struct, frozen=True, gc=False):
    """The venue filled `quantity` steps."""

    quantity: int


class Woke(msgspec.Struct, frozen=True, gc=False):
    """The time that was asked for has come."""


class ChangeAnswered(msgspec.Struct, frozen=True, gc=False):
    """A new price was taken or refused."""


class Ended(msgspec.Struct, frozen=True, gc=False):
    """The order is dead: cancelled, expired, rejected or denied."""


Event = Filled | Woke | ChangeAnswered | Ended


class Send(msgspec.Struct, frozen=True, gc=False):
    """Send the order with this price, in ticks."""

    price: int


class Reprice(msgspec.Struct, frozen=True, gc=False):
    """Change the order's price to this, in ticks."""

    price: int


class Cancel(msgspec.Struct, frozen=True, gc=False):
    """Cancel what is left of the order."""


class Finish(msgspec.Struct, frozen=True, gc=False):
    """The entry is over with `filled` steps; `close` says whether they are to be closed.

    `why` is 'filled', 'unfilled', 'partial', 'unresolved' (no cancel was ever answered) or 'late_fill'.
    """

    filled: int
    close: bool
    why: str


Action = Send | Reprice | Cancel | Finish
Step = tuple[MicroState, tuple[Action, ...]]


def price_limits(reference: str, sign: int, first_bps: float, cap_bps: float, tick: str) -> tuple[int, int]:
    """Return the first and the worst price in ticks: `first_bps` and `cap_bps` beyond `reference`, as the order goes.

    The cap is rounded towards the reference, so that it is never beyond what was allowed; the first price is rounded
    away from it, so that it still takes liquidity, but not beyond the cap. A cap below one tick is no price, and
    `MicroPolicy` refuses it.

    Parameters
    ----------
    reference, tick : str
        Decimal numbers, > 0.
    sign : {1, -1}
        1 buys, -1 sells.
    first_bps, cap_bps : float
        Basis points, >= 0.
    """
    at = Fraction(reference) / Fraction(tick)
    first, cap = (at * (1 + sign * Fraction(repr(float(bps))) / BPS) for bps in (first_bps, cap_bps))
    if sign > 0:
        return min(ceil(first), floor(cap)), floor(cap)
    return max(floor(first), ceil(cap)), ceil(cap)


def begin(policy: MicroPolicy, now: int) -> Step:
    """Return the state in which an entry begins, and the order to send."""
    state = MicroState(Phase.WORKING, policy.first, now + policy.lifetime_ns, None)
    return _waiting(policy, state, now), (Send(policy.first),)


def advance(policy: MicroPolicy, state: MicroState, event: Event, now: int) -> Step:
    """Return what `event` makes of `state` at `now`, and what is to be done."""
    if isinstance(event, Filled):
        return _filled(policy, state, event.quantity)
    if state.phase is Phase.DONE:
        return state, ()
    if isinstance(event, Ended):
        return _finished(policy, state, "partial" if state.filled else "unfilled")
    if isinstance(event, ChangeAnswered):
        return msgspec.structs.replace(state, changing=False), ()
    if state.wake_ns is not None and now < state.wake_ns:
        return state, ()
    return _woken(policy, state, now)


def _woken(policy: MicroPolicy, state: MicroState, now: int) -> Step:
    if now >= state.deadline_ns:
        if state.cancels >= policy.cancels_max:
            return _finished(policy, state, "unresolved")
        wake = now + policy.cancel_ns
        count = state.cancels + 1
        return msgspec.structs.replace(state, phase=Phase.CANCELING, wake_ns=wake, cancels=count), (Cancel(),)
    further = _further(policy, state.price)
    if state.changing or further == state.price:
        return _waiting(policy, state, now), ()
    changed = msgspec.structs.replace(state, price=further, changing=True)
    return _waiting(policy, changed, now), (Reprice(further),)


def _filled(policy: MicroPolicy, state: MicroState, quantity: int) -> Step:
    more = msgspec.structs.replace(state, filled=state.filled + quantity)
    if state.phase is Phase.DONE:
        close = policy.partial == "close" and more.filled < policy.asked
        return more, (Finish(more.filled, close, "late_fill"),)
    if more.filled < policy.asked:
        return more, ()
    return _finished(policy, more, "filled")


def _finished(policy: MicroPolicy, state: MicroState, why: str) -> Step:
    close = policy.partial == "close" and 0 < state.filled < policy.asked
    done = msgspec.structs.replace(state, phase=Phase.DONE, wake_ns=None, changing=False)
    return done, (Finish(state.filled, close, why),)


def _further(policy: MicroPolicy, price: int) -> int:
    """Return the next price towards the cap, never beyond it."""
    nearest = min if policy.sign > 0 else max
    return nearest(price + policy.sign * policy.step, policy.cap)


def _waiting(policy: MicroPolicy, state: MicroState, now: int) -> MicroState:
    """Return `state` with the next moment at which there is something to do: a new price or the deadline."""
    wake = state.deadline_ns
    if policy.reprice_ns and _further(policy, state.price) != state.price:
        wake = min(wake, now + policy.reprice_ns)
    return msgspec.structs.replace(state, wake_ns=wake)
