"""Fills in parts."""

from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.objects import Money, Quantity


def split(fill: OrderFilled, size: Quantity) -> tuple[OrderFilled, OrderFilled]:
    """Return a fill as two: of `size`, less than it has, and of the rest.

    As where Nautilus splits one that turns a position round: the first bears its share of the commission, as the
    currency counts, and the second what is left.
    """
    share = size.as_decimal() / fill.last_qty.as_decimal()
    paid = Money(fill.commission.as_decimal() * share, fill.commission.currency)
    return _part(fill, size, paid), _part(fill, fill.last_qty - size, fill.commission - paid)


def _part(fill: OrderFilled, size: Quantity, paid: Money) -> OrderFilled:
    values = {"last_qty": str(size), "commission": str(paid)}
    return OrderFilled.from_dict(OrderFilled.to_dict(fill) | values)
