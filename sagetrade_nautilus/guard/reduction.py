"""Whether an order that says it only reduces really does: never more than is open, never the other way."""

from collections.abc import Iterable
from typing import NamedTuple

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.orders import Order

ROUNDING = 1e-9


class Open(NamedTuple):
    """What there is to reduce: a signed quantity (negative is short), and how much of it is being closed already."""

    signed: float
    leaving: float = 0.0


def opened_by(entry: Order) -> Open:
    """Return what `entry` will have opened when it is filled: what the exits that leave with it may close."""
    size = entry.quantity.as_double()
    return Open(size if entry.is_buy else -size)


def held(cache: CacheFacade, order: Order, position_id: PositionId | None, pending: Iterable[Order]) -> Open:
    """Return what `order` may close: its position, or else all that its strategy holds of the instrument.

    Orders on their way that close the same (`pending` are those that the cache does not show as such yet) are counted,
    but for the paired exits of a bracket, of which one cancels
    the other.
    """
    position = cache.position(position_id or order.position_id) if position_id or order.position_id else None
    if position is not None:
        signed = 0.0 if position.is_closed else position.signed_qty
    else:
        positions = cache.positions_open(instrument_id=order.instrument_id, strategy_id=order.strategy_id)
        signed = sum(found.signed_qty for found in positions)
    asked = {"instrument_id": order.instrument_id, "strategy_id": order.strategy_id, "side": order.side}
    rivals = {
        rival.client_order_id: rival
        for rival in (*cache.orders_open(**asked), *cache.orders_inflight(**asked), *pending)
        if rival.is_reduce_only and not rival.linked_order_ids and rival.client_order_id != order.client_order_id
    }
    leaving = sum(
        rival.leaves_qty.as_double()
        for client_order_id, rival in rivals.items()
        if rival.instrument_id == order.instrument_id
        and rival.strategy_id == order.strategy_id
        and rival.side == order.side
        and (position is None or cache.position_id(client_order_id) == position.id)
    )
    return Open(signed, leaving)


def excess_of(order: Order, known: Open) -> str | None:
    """Return why `order` would do more than reduce what is `known` to be open, or ``None``."""
    size = order.quantity.as_double()
    points_back = known.signed > 0.0 if order.is_sell else known.signed < 0.0
    room = max(0.0, abs(known.signed) - known.leaving) if points_back else 0.0
    if size <= room * (1.0 + ROUNDING):
        return None
    return f"reduce_only: {size:.6g} against {room:.6g}"
