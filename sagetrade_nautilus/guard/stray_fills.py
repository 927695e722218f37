"""Fills that Nautilus would book where they do not belong.

Some come when their position is closed already: a stop's, where the order that closes has filled as well. Where
strategies hedge, Nautilus 1.231 would give the new position the old one's id, refuse that, and end the process with the
fill unbooked. So the order is moved to a position of its own, before its fill is booked: a strategy closes what it does
not know.

Others are somebody else's, in what we hold: a venue that nets has one position, and what was sold of it by hand is
gone. Nautilus would book a short position of nobody's beside ours, which our strategy would then sell once more.
"""

from collections.abc import Callable, Iterator
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.live.execution_engine import LiveExecutionEngine
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.position import Position

from sagetrade_nautilus.account import held_positions
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.fills import split

OURS, MARK = "P-", "L"
"""What ids that Nautilus made up begin with; what is put behind one that was used before."""
VENUE = "VENUE"
"""How Nautilus tags an order that it found at the venue; one that it made up itself is tagged otherwise."""
ID_MAX = 36
"""How long Nautilus lets the name of a trade be."""


def guard_fills(
    engine: ExecutionEngine, cache: Cache, is_running: Callable[[], bool], tell: Callable[[Position, OrderFilled], None]
) -> None:
    """Look at each fill as a live engine takes it from its queue, and not before: others wait ahead of it.

    A simulated venue sells nothing that is not held, so a backtest has none of these.

    Parameters
    ----------
    is_running : callable
        Tells whether the node trades. Before that Nautilus goes through what was traded in other lives of it, which
        says nothing about what is open.
    tell : callable
        Hears of a position of ours that somebody else trades in.

    Raises
    ------
    GuardError
        The engine does not take its events as this Nautilus version does.
    """
    if not isinstance(engine, LiveExecutionEngine):
        return
    take = getattr(engine, "_handle_event_with_tracking", None)
    if take is None:
        raise GuardError("the execution engine's events cannot be guarded; install nautilus_trader 1.231.*")

    def book(event: Any) -> None:
        order = cache.order(event.client_order_id) if isinstance(event, OrderFilled) else None
        if order is None or event.trade_id in order.trade_ids:  # which Nautilus refuses by itself
            take(event)
        elif order.strategy_id.is_external() and VENUE in (order.tags or ()) and is_running():
            for part in _parts(cache, event, tell):
                take(part)
        else:
            _make_room(cache, event)
            take(event)

    engine._handle_event_with_tracking = book  # type: ignore[method-assign]


def _make_room(cache: Cache, fill: OrderFilled) -> None:
    """Give the order of a fill a position of its own where the one that it was sent for is closed."""
    wanted = cache.position_id(fill.client_order_id)
    position = None if wanted is None else cache.position(wanted)
    if position is None or not position.is_closed or not wanted.value.startswith(OURS):
        return
    while cache.position(wanted) is not None:
        wanted = PositionId(wanted.value + MARK)
    cache.add_position_id(wanted, fill.instrument_id.venue, fill.client_order_id, fill.strategy_id)


def _parts(cache: Cache, fill: OrderFilled, tell: Callable[[Position, OrderFilled], None]) -> Iterator[OrderFilled]:
    """Yield a fill of somebody else's: a part for each position of ours that it reduces, oldest first, and the rest.

    What he holds himself goes first: then all of it is his.
    """
    against = [one for one in held_positions(cache, instrument_id=fill.instrument_id) if _opposes(one, fill)]
    ours = [] if any(one.strategy_id.is_external() for one in against) else against
    rest, count = fill, 0
    for position in ours:
        is_last = rest.last_qty <= position.quantity
        part, after = (rest, rest) if is_last else split(rest, position.quantity)
        cache.add_position_id(position.id, fill.instrument_id.venue, fill.client_order_id, position.strategy_id)
        tell(position, part)
        yield _named(part, count)
        if is_last:
            return
        rest, count = after, count + 1
    wanted = cache.position_id(fill.client_order_id)
    position = None if wanted is None else cache.position(wanted)
    if position is not None and position.strategy_id != fill.strategy_id:
        nobodys = PositionId(f"{fill.instrument_id}-{fill.strategy_id}")  # as Nautilus names it where a venue nets
        cache.add_position_id(nobodys, fill.instrument_id.venue, fill.client_order_id, fill.strategy_id)
    yield _named(rest, count)


def _opposes(position: Position, fill: OrderFilled) -> bool:
    return bool(position.is_opposite_side(fill.order_side))


def _named(part: OrderFilled, number: int) -> OrderFilled:
    """Return a part of a fill under a name of its own, but for the first, which keeps that of the whole."""
    if not number:
        return part
    own = {"trade_id": f"{part.trade_id.value}-{number}"[-ID_MAX:], "event_id": UUID4().value}
    return OrderFilled.from_dict(OrderFilled.to_dict(part) | own)
