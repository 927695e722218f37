"""How much an order that says it only reduces may reduce: never more than is open, never the other way.

Sizes are decimals, so that what is left after several exits is exact.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, PositionId
from nautilus_trader.model.objects import Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

from sagetrade_nautilus.account import held_positions
from sagetrade_nautilus.sizes import whole

ZERO = Decimal(0)
Cut = tuple[Order, Quantity]
"""An order that only reduces, and what is left of its size."""
Group = frozenset[ClientOrderId]


def cuts(
    cache: CacheFacade, orders: Sequence[Order], position_id: PositionId | None, pending: Iterable[Order]
) -> tuple[str | None, list[Cut]]:
    """Return how to cut what only reduces down to what is open, or why it cannot be: it would reduce nothing.

    Parameters
    ----------
    orders : sequence of Order
        What leaves together; an exit beside its entry may close what that opens.
    position_id : PositionId, optional
        The position that they are sent for.
    pending : iterable of Order
        As for `room`.
    """
    opening = {order.instrument_id: order for order in orders if not order.is_reduce_only}
    found: list[Cut] = []
    claims: defaultdict[InstrumentId, dict[Group, Decimal]] = defaultdict(dict)
    for order in [order for order in orders if order.is_reduce_only]:
        parent = opening.get(order.instrument_id)
        space = room_within(parent, order) if parent else room(cache, order, position_id, pending)
        claimed = claims[order.instrument_id]
        others = (asked for group, asked in claimed.items() if group != _group(order) and _heeds(order, group))
        space -= sum(others, ZERO)
        size = order.quantity
        if size.as_decimal() > space:
            size = whole(cache.instrument(order.instrument_id), space)
            if size is None:
                return f"reduce_only: {order.quantity.as_double():.6g} against {max(0.0, float(space)):.6g}", []
            found.append((order, size))
        _claim(claimed, order, size)
    return None, found


def enlarged(cache: CacheFacade, order: Order, size: Quantity | None, pending: Iterable[Order]) -> str | None:
    """Return why an order that only reduces may not be changed to `size`: it would ask for more than is open."""
    space = room(cache, order, None, pending) + order.filled_qty.as_decimal()
    if size is not None and size > order.quantity and size.as_decimal() > space:
        return f"reduce_only: {size.as_double():.6g} against {float(space):.6g}"
    return None


def room_within(entry: Order, order: Order) -> Decimal:
    """Return how much `order` may close of what `entry`, with which it leaves, will have opened."""
    return _exact(entry.quantity) if entry.side != order.side else ZERO


def room(cache: CacheFacade, order: Order, position_id: PositionId | None, pending: Iterable[Order]) -> Decimal:
    """Return how much `order` may close: of its position, or else of all that its strategy holds of the instrument.

    What other orders on their way are closing is taken off (`pending` are those that the cache does not show as such
    yet). Of paired exits one cancels the other, so a pair closes its size once; what is in no pair, as an order at the
    market is, does not wait for them. Nor may it close what somebody else has closed at a venue that nets.
    """
    named = position_id or order.position_id or cache.position_id(order.client_order_id)
    position = cache.position(named) if named else None
    if position is not None:
        held = [position]
    else:
        held = cache.positions_open(instrument_id=order.instrument_id, strategy_id=order.strategy_id)
    asked = {"instrument_id": order.instrument_id, "side": order.side}
    alive = (*cache.orders_open(**asked), *cache.orders_inflight(**asked), *pending)
    space = _facing(order, held) - _claimed([rival for rival in alive if _is_rival(rival, order, held, cache)])
    found = held_positions(cache, instrument_id=order.instrument_id)
    if any(map(_is_nobodys, found)):
        space = min(space, _left(order, held, found, alive))
    return max(ZERO, space)


def _left(order: Order, held: Iterable[Position], found: Iterable[Position], alive: Iterable[Order]) -> Decimal:
    """Return how much of either side there still is for `order` to close, where ours and nobody's may stand against it.

    A venue that nets has one position in the instrument: where ours is long and nobody's short, so much of ours was
    sold by somebody else, or of nobody's bought back by us.
    """
    nobodys = any(map(_is_nobodys, held))
    mine = sum((max(ZERO, _facing(order, [one])) for one in found if _is_nobodys(one) is nobodys), ZERO)
    against = sum((max(ZERO, -_facing(order, [one])) for one in found if _is_nobodys(one) is not nobodys), ZERO)
    if not against:
        return mine
    rivals = [one for one in alive if one.is_reduce_only and _group(one) != _group(order)]
    alike = (order.instrument_id, order.side)
    rivals = [one for one in rivals if (one.instrument_id, one.side) == alike and not one.linked_order_ids]
    return mine - against - _claimed(rivals)


def _is_nobodys(position: Position) -> bool:
    """Tell whether reconciliation could give a position to no strategy, at a venue that nets."""
    named = f"{position.instrument_id}-{position.strategy_id}"  # as Nautilus names it there, and nowhere else
    return bool(position.strategy_id.is_external() and position.id.value == named)


def _facing(order: Order, held: Iterable[Position]) -> Decimal:
    """Return the size of positions that `order` would close; what it would enlarge counts below zero."""
    signed = sum((_signed(found) for found in held), ZERO)
    return signed if order.is_sell else -signed


def _claimed(rivals: Iterable[Order]) -> Decimal:
    claimed: dict[Group, Decimal] = {}
    for rival in {rival.client_order_id: rival for rival in rivals}.values():
        _claim(claimed, rival, rival.leaves_qty)
    return sum(claimed.values(), ZERO)


def _group(order: Order) -> Group:
    """Return the orders of which one cancels the others: those that `order` is linked with, and itself."""
    return frozenset((order.client_order_id, *(order.linked_order_ids or ())))


def _heeds(order: Order, group: Group) -> bool:
    """Tell whether what a group closes is taken off what `order` may: what is in no pair does not wait for pairs."""
    return len(group) == 1 or bool(order.linked_order_ids)


def _claim(claimed: dict[Group, Decimal], order: Order, size: Quantity) -> None:
    claimed[_group(order)] = max(claimed.get(_group(order), ZERO), _exact(size))


def _is_rival(rival: Order, order: Order, held: Iterable[Position], cache: CacheFacade) -> bool:
    """Return whether `rival` closes what `order` would: by its position or, where it names none, by whose it is."""
    if not rival.is_reduce_only or _group(rival) == _group(order) or not _heeds(order, _group(rival)):
        return False
    if (rival.instrument_id, rival.side) != (order.instrument_id, order.side):
        return False
    position_id = cache.position_id(rival.client_order_id)
    if rival.linked_order_ids and (rival.is_pending_cancel or position_id is None):
        return False  # it is on its way out, or waits for its entry
    if position_id is not None:
        return any(position_id == position.id for position in held)
    return rival.strategy_id in {order.strategy_id, *(position.strategy_id for position in held)}


def _signed(position: Position) -> Decimal:
    return _exact(position.quantity) if position.is_long else -_exact(position.quantity)


def _exact(quantity: Quantity) -> Decimal:
    return Decimal(quantity.as_decimal())
