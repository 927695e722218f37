"""Orders and positions as their events make them: what was saved of each is told to it once more."""

from collections.abc import Iterable

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.events import OrderEvent, OrderFilled, OrderInitialized
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import LimitOrder, MarketOrder, Order, OrderUnpacker
from nautilus_trader.model.position import Position

from sagetrade_nautilus.fills import split


def order_of(events: list[OrderEvent]) -> Order:
    """Return an order as its events left it."""
    order = OrderUnpacker.from_init(events[0])
    for event in events[1:]:
        if not isinstance(event, OrderInitialized):
            order.apply(event)
        elif event.order_type == OrderType.LIMIT:  # an emulated order that was released
            order = LimitOrder.transform_py(order, event.ts_init, Price.from_str(event.options["price"]))
        else:
            order = MarketOrder.transform_py(order, event.ts_init)
    return order


def position_of(fills: Iterable[OrderFilled], cache: CacheFacade) -> Position | None:
    """Return a position as its fills make it; `cache` has its instrument."""
    position: Position | None = None
    for fill in fills:
        if position is None or position.is_closed:
            position = Position(cache.instrument(fill.instrument_id), fill)
        elif position.is_opposite_side(fill.order_side) and fill.last_qty > position.quantity:
            position = Position(cache.instrument(fill.instrument_id), split(fill, position.quantity)[1])
        else:
            position.apply(fill)
    return position
