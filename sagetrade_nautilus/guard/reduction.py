"""How much an order that says it only reduces may reduce: never more than is open, never the other way.

Sizes are decimals, so that what is left after several exits is exact.
"""

from collections.abc import Iterable
from decimal import Decimal

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

NONE = Decimal(0)


def room_within(entry: Order, order: Order) -> Decimal:
    """Return how much `order` may close of what `entry`, with which it leaves, will have opened."""
    return _exact(entry.quantity) if entry.side != order.side else NONE


def room(cache: CacheFacade, order: Order, position_id: PositionId | None, pending: Iterable[Order]) -> Decimal:
    """Return how much `order` may close: of its position, or else of all that its strategy holds of the instrument.

    What other orders on their way are closing is taken off (`pending` are those that the cache does not show as such
    yet), but for the paired exits of a bracket, of which one cancels the other.
    """
    named = position_id or order.position_id or cache.position_id(order.client_order_id)
    position = cache.position(named) if named else None
    if position is not None:
        held = [position]
    else:
        held = cache.positions_open(instrument_id=order.instrument_id, strategy_id=order.strategy_id)
    signed = sum((_signed(found) for found in held), NONE)
    asked = {"instrument_id": order.instrument_id, "side": order.side}
    found = (*cache.orders_open(**asked), *cache.orders_inflight(**asked), *pending)
    rivals = {rival.client_order_id: rival for rival in found if _is_rival(rival, order, held, cache)}
    claimed = sum((_exact(rival.leaves_qty) for rival in rivals.values()), NONE)
    return max(NONE, (signed if order.is_sell else -signed) - claimed)


def _is_rival(rival: Order, order: Order, held: Iterable[Position], cache: CacheFacade) -> bool:
    """Return whether `rival` closes what `order` would: by its position or, where it names none, by whose it is."""
    if not rival.is_reduce_only or rival.linked_order_ids or rival.client_order_id == order.client_order_id:
        return False
    if (rival.instrument_id, rival.side) != (order.instrument_id, order.side):
        return False
    position_id = cache.position_id(rival.client_order_id)
    if position_id is not None:
        return any(position_id == position.id for position in held)
    return rival.strategy_id in {order.strategy_id, *(position.strategy_id for position in held)}


def whole(instrument: Instrument | None, space: Decimal) -> Quantity | None:
    """Return `space` in whole steps of the instrument, rounded down; ``None`` if below its smallest size."""
    if instrument is None:
        return None
    step = _exact(instrument.size_increment)
    least = step if instrument.min_quantity is None else max(step, _exact(instrument.min_quantity))
    steps = space // step * step
    return instrument.make_qty(steps) if steps >= least else None


def _signed(position: Position) -> Decimal:
    return _exact(position.quantity) if position.is_long else -_exact(position.quantity)


def _exact(quantity: Quantity) -> Decimal:
    return Decimal(quantity.as_decimal())
