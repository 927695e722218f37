"""Fills that Nautilus would book where they do not belong.

Some come when their position is closed already: a stop's, where the order that closes has filled as well. Where
strategies hedge, Nautilus 1.231 would give the new position the old one's id, refuse that, and end the process with the
fill unbooked. So the order is moved to a position of its own, before its fill is booked: a strategy closes what it does
not know.

Others are somebody else's, in what we hold: a venue that nets has one position, and what was sold of it by hand is
gone. Nautilus would book a short position of nobody's beside ours, which our strategy would then sell once more.
"""

from collections.abc import Callable
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.live.execution_engine import LiveExecutionEngine
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.position import Position

from sagetrade_nautilus.errors import GuardError

OURS, MARK = "P-", "L"
"""What ids that Nautilus made up begin with; what is put behind one that was used before."""
VENUE = "VENUE"
"""How Nautilus tags an order that it found at the venue; one that it made up itself is tagged otherwise."""


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
        if order is not None and event.trade_id not in order.trade_ids:  # which Nautilus refuses by itself
            if order.strategy_id.is_external() and VENUE in (order.tags or ()) and is_running():
                _give_up(cache, event, tell)
            _make_room(cache, event)
        take(event)

    engine._handle_event_with_tracking = book  # type: ignore[method-assign]


def _give_up(cache: Cache, fill: OrderFilled, tell: Callable[[Position, OrderFilled], None]) -> None:
    """Have a fill of somebody else's reduce the position of ours that it was traded against.

    What he holds himself goes first; what is larger than each of ours is left to be a position of nobody's.
    """
    against = [
        position
        for position in cache.positions_open(instrument_id=fill.instrument_id)
        if position.is_opposite_side(fill.order_side)
    ]
    if any(position.strategy_id.is_external() for position in against):
        return
    enough = [position for position in against if position.quantity >= fill.last_qty]
    if enough:
        found = min(enough, key=lambda position: (position.ts_opened, position.id.value))
        cache.add_position_id(found.id, fill.instrument_id.venue, fill.client_order_id, found.strategy_id)
        tell(found, fill)


def _make_room(cache: Cache, fill: OrderFilled) -> None:
    """Give the order of a fill a position of its own where the one that it is for cannot take it."""
    wanted = cache.position_id(fill.client_order_id)
    position = None if wanted is None else cache.position(wanted)
    if position is None or not wanted.value.startswith(OURS):
        return
    if position.strategy_id != fill.strategy_id and (position.is_closed or position.quantity < fill.last_qty):
        wanted = PositionId(f"{fill.instrument_id}-{fill.strategy_id}")  # as Nautilus names nobody's at such a venue
    elif not position.is_closed:
        return
    while (found := cache.position(wanted)) is not None and found.is_closed:
        wanted = PositionId(wanted.value + MARK)
    cache.add_position_id(wanted, fill.instrument_id.venue, fill.client_order_id, fill.strategy_id)
