"""Fills that come when their position is closed already: a stop's, where the order that closes has filled as well.

Where strategies hedge, Nautilus 1.231 would give the new position the old one's id, refuse that, and end the process
with the fill unbooked. So the order is moved to a position of its own, before its fill is booked: a strategy closes
what it does not know.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.live.execution_engine import LiveExecutionEngine
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import PositionId

from sagetrade_nautilus.errors import GuardError

OURS, MARK = "P-", "L"
"""What ids that Nautilus made up begin with; what is put behind one that was used before."""


def guard_fills(engine: ExecutionEngine, cache: Cache) -> None:
    """Look at each fill as a live engine takes it from its queue, and not before: others wait ahead of it.

    A simulated venue sells nothing that is not held, so a backtest has none of these.

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
    engine._handle_event_with_tracking = partial(_book, take, cache)  # type: ignore[method-assign]


def _book(forward: Callable[[Any], None], cache: Cache, event: Any) -> None:
    if isinstance(event, OrderFilled):
        _make_room(cache, event)
    forward(event)


def _make_room(cache: Cache, fill: OrderFilled) -> None:
    """Give the order of a fill a position of its own where the one that it was sent for is closed."""
    order, wanted = cache.order(fill.client_order_id), cache.position_id(fill.client_order_id)
    if order is None or fill.trade_id in order.trade_ids:
        return  # Nautilus refuses it by itself
    position = None if wanted is None else cache.position(wanted)
    if position is None or not position.is_closed or not wanted.value.startswith(OURS):
        return
    while cache.position(wanted) is not None:
        wanted = PositionId(wanted.value + MARK)
    cache.add_position_id(wanted, fill.instrument_id.venue, fill.client_order_id, fill.strategy_id)
