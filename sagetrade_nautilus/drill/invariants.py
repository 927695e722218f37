"""What must hold whatever fails. Each is one small function over plain values: a sentence of what broke, or ``None``.

`ON_LEAVING` is asked of every order and change on its way out of the process, `SETTLED` at the end, when all messages
have arrived and both sides had time to agree.
"""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import msgspec

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.switch.state import State

SLACK = 1.02
"""Equity is known to us a message later than to the venue; limits on shares of it are judged with this much room."""


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What the process had been told of one instrument when an order left: two last prices, and when by its clock."""

    price: float
    age_s: float
    jump_pct: float
    crossed: bool


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """An order, or a change of one, at the moment when it leaves the process.

    Parameters
    ----------
    client_order_id, symbol : str
        What it is.
    is_change : bool
        Whether it changes an order that is at the venue.
    opens : bool
        Whether it may open or enlarge: all that is not reduce-only.
    state : State
        The strictest that the kill switch can have said when the gate let it through.
    flatten : bool
        Whether it asked to close positions then.
    notional : float
        Its size at the dearest of its prices, in quote currency.
    sight : Sight, optional
        The market as the process knew it; ``None`` if it had been told no price.
    equity, day_loss_pct : float
        What the account is worth at the prices that the process knows, and what the day has lost for certain: at
        these and at the true prices; NaN if a price is missing or fills are on their way to us.
    exposures : dict[str, float]
        Gross notional for each symbol with this order, of positions at the venue and of entries that work there or
        travel.
    tripped : frozenset[str]
        The rules of the circuit breaker that a process, this one or one before it, has journaled as tripped, and none
        as released.
    state_now : State
        What the kill switch says now, as the order leaves.
    """

    client_order_id: str
    symbol: str
    is_change: bool
    opens: bool
    state: State
    flatten: bool
    notional: float
    sight: Sight | None
    equity: float
    day_loss_pct: float
    exposures: dict[str, float]
    tripped: frozenset[str]
    state_now: State


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides at the end.

    Parameters
    ----------
    arrivals : tuple[str, ...]
        The client order ids that reached the venue, in order.
    flips : tuple[str, ...]
        Reducing orders that went beyond what was open, but for those that left while we did not know of a fill.
    filled : dict[str, Decimal]
        What our orders have been filled with, signed, for each symbol.
    ours, theirs : dict[str, Decimal]
        The signed position for each symbol, as we and as the venue have it.
    open_here, open_there : frozenset[str]
        Client order ids that can still be filled, as we and as the venue have it.
    journal : str
        What is wrong with the journal's chain; empty if nothing is.
    journaled : frozenset[str]
        The client order ids that the journal has a first line of.
    """

    arrivals: tuple[str, ...]
    flips: tuple[str, ...]
    filled: dict[str, Decimal]
    ours: dict[str, Decimal]
    theirs: dict[str, Decimal]
    open_here: frozenset[str]
    open_there: frozenset[str]
    journal: str
    journaled: frozenset[str]

    @property
    def agree(self) -> bool:
        """Whether both sides have the same positions and open orders."""
        return self.ours == self.theirs and self.open_here == self.open_there


def no_entry_while_switched_off(order: Leaving, limits: LimitConfig) -> str | None:
    """What the kill switch forbids is not let through."""
    if order.state is State.RUNNING or not order.opens:
        return None
    return f"let through although {order.state.value}"


def nothing_in_a_halt_but_a_way_out(order: Leaving, limits: LimitConfig) -> str | None:
    """Halted, nothing leaves at all, but what shrinks a position where that was asked for."""
    if order.state is not State.HALTED or (order.flatten and not order.opens):
        return None
    return f"let through although halted{' to flatten' if order.flatten else ''}"


def no_entry_out_of_the_queue_while_switched_off(order: Leaving, limits: LimitConfig) -> str | None:
    """What waited in the engine's queue when the kill switch was engaged does not leave any more."""
    if order.state_now is State.RUNNING or not order.opens:
        return None
    return f"left although {order.state_now.value}"


def no_entry_on_a_bad_price(order: Leaving, limits: LimitConfig) -> str | None:
    """No entry without a price, on one that is none, on a crossed market or right after a spike."""
    if not order.opens:
        return None
    if order.sight is None or not order.sight.price > 0.0:
        return "no price is known"
    if order.sight.crossed:
        return "the market is crossed"
    if order.sight.jump_pct > limits.max_price_jump_pct * (1.0 + 1e-9):
        return f"the price has just jumped by {order.sight.jump_pct:.4g}%"
    return None


def no_entry_on_an_old_price(order: Leaving, limits: LimitConfig) -> str | None:
    """No entry on a price that is older than the limit."""
    if not order.opens or order.sight is None or order.sight.age_s <= limits.max_price_age_s:
        return None
    return f"the price is {order.sight.age_s:.4g} s old"


def one_order_within_its_limit(order: Leaving, limits: LimitConfig) -> str | None:
    """One order is worth no more than its share of equity."""
    return _share_above(order, order.notional, limits.max_order_notional_pct, "the order")


def exposure_within_its_limits(order: Leaving, limits: LimitConfig) -> str | None:
    """Gross exposure at the venue, with everything on its way, stays within the limits, each symbol's and all."""
    one = _share_above(order, order.exposures.get(order.symbol, 0.0), limits.max_symbol_exposure_pct, order.symbol)
    return one or _share_above(order, sum(order.exposures.values()), limits.max_exposure_pct, "all")


def no_entry_once_the_day_is_lost(order: Leaving, limits: LimitConfig) -> str | None:
    """No entry while the day is plainly lost."""
    lost = order.opens and order.day_loss_pct > limits.max_daily_loss_pct + 0.25
    return f"the day has lost {order.day_loss_pct:.4g}%" if lost else None


def no_entry_while_the_breaker_is_tripped(order: Leaving, limits: LimitConfig) -> str | None:
    """No entry after a trip of the circuit breaker, over a restart either, until it is released."""
    return f"tripped: {', '.join(sorted(order.tripped))}" if order.opens and order.tripped else None


def ids_are_unique(world: Settled) -> str | None:
    """No client order id reaches the venue twice."""
    twice = sorted(name for name, count in Counter(world.arrivals).items() if count > 1)
    return f"arrived twice: {', '.join(twice)}" if twice else None


def no_reducing_order_flips(world: Settled) -> str | None:
    """What says that it only reduces never closes more than is open."""
    return world.flips[0] if world.flips else None


def our_position_is_the_venues(world: Settled) -> str | None:
    """Both sides hold the same, as far as Nautilus makes positions of all fills that it has been told."""
    wrong = [name for name in sorted(world.theirs) if world.theirs[name] not in (world.ours[name], world.filled[name])]
    return "; ".join(f"{name}: ours {world.ours[name]}, theirs {world.theirs[name]}" for name in wrong) or None


def nautilus_keeps_late_fills(world: Settled) -> str | None:
    """A fill that is told after its position's end makes a position, too."""
    wrong = [name for name in sorted(world.theirs) if world.ours[name] != world.theirs[name] == world.filled[name]]
    return "; ".join(f"{name}: held {world.ours[name]}, filled {world.filled[name]}" for name in wrong) or None


def our_open_orders_are_the_venues(world: Settled) -> str | None:
    """Both sides know the same open orders."""
    alone = sorted(world.open_here ^ world.open_there)
    return f"open on one side only: {', '.join(alone)}" if alone else None


def the_chain_holds(world: Settled) -> str | None:
    """The journal verifies from its first line to its last."""
    return world.journal or None


def every_order_is_journaled(world: Settled) -> str | None:
    """Whatever reached the venue had its line first."""
    missing = sorted(set(world.arrivals) - world.journaled)
    return f"no line for {', '.join(missing)}" if missing else None


NOTHING_ELSE = "nothing_else_is_raised"
"""No process ends with an error but the guard's own on a full disk."""
KNOWN = {
    nautilus_keeps_late_fills.__name__: "Nautilus drops a fill that is told after its position's end, or even raises",
}
"""What is known not to hold yet, and why. It is counted, and fails a drill only where that is asked for."""
ON_LEAVING: tuple[Callable[[Leaving, LimitConfig], str | None], ...] = (
    no_entry_while_switched_off,
    nothing_in_a_halt_but_a_way_out,
    no_entry_out_of_the_queue_while_switched_off,
    no_entry_on_a_bad_price,
    no_entry_on_an_old_price,
    one_order_within_its_limit,
    exposure_within_its_limits,
    no_entry_once_the_day_is_lost,
    no_entry_while_the_breaker_is_tripped,
)
SETTLED: tuple[Callable[[Settled], str | None], ...] = (
    ids_are_unique,
    no_reducing_order_flips,
    our_position_is_the_venues,
    nautilus_keeps_late_fills,
    our_open_orders_are_the_venues,
    the_chain_holds,
    every_order_is_journaled,
)


def _share_above(order: Leaving, notional: float, limit_pct: float, of: str) -> str | None:
    if not order.opens:
        return None
    share = notional / order.equity * 100.0 if order.equity > 0.0 else float("inf")
    return None if share <= limit_pct * SLACK else f"{of}: {share:.4g}% of equity against {limit_pct:g}%"
