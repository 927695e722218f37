"""Orders that open or enlarge, as the limits see them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.guard.gate.book import ProposedOrder
from sagetrade_nautilus.model.market import Market


class Entry(NamedTuple):
    """An order that opens or enlarges, or a change of one: what is still to be filled of it, and at which prices."""

    order: Order
    size: Decimal
    price: Price | None
    trigger: Price | None
    changes: bool

    @classmethod
    def of(cls, order: Order, change: ModifyOrder | None = None) -> "Entry":
        """Return `order` as it is, or as `change` would make it."""
        size, price, trigger = (change.quantity, change.price, change.trigger_price) if change else (None, None, None)
        return cls(
            order,
            (size or order.quantity).as_decimal() - order.filled_qty.as_decimal(),
            price or (order.price if order.has_price else None),
            trigger or (order.trigger_price if order.has_trigger_price else None),
            changes=change is not None,
        )


def proposal(entry: Entry, market: Market) -> ProposedOrder:
    """Return what the order could cost at most: its size at the highest of its own prices and the last."""
    order = entry.order
    named = tuple(price.as_double() for price in (entry.price, entry.trigger) if price is not None)
    return ProposedOrder(
        symbol=order.instrument_id.value,
        notional=float(entry.size) * max((market.price, *named)),
        sells=order.is_sell,
        strategy=order.strategy_id.value,
        quantity=float(entry.size),
        named_prices=named,
        client_order_id="" if entry.changes else order.client_order_id.value,
    )


def not_sized(orders: Iterable[Order]) -> str | None:
    """Return why one of `orders` may not leave: it is for an amount of money.

    Nautilus makes a size of that behind the gate, at a price of its own: no limit, and no cut, would count the same.
    """
    found = next((order for order in orders if order.is_quote_quantity), None)
    return None if found is None else f"quote_quantity: {found.quantity} in money; name the size in the base currency"
