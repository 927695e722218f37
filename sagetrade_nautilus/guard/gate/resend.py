"""Whether an order may leave under an id that has left before: only as the very same order, and while unanswered."""

from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order

REMEMBERED_ORDERS = 10_000
BODY = (
    "strategy_id",
    "instrument_id",
    "side",
    "order_type",
    "quantity",
    "price",
    "trigger_price",
    "time_in_force",
    "expire_time_ns",
    "is_reduce_only",
    "is_post_only",
    "limit_offset",
    "trailing_offset",
)
UNSPOKEN = (OrderStatus.INITIALIZED, OrderStatus.EMULATED, OrderStatus.RELEASED)

Body = tuple[object, ...]


class Resends:
    """Remembers what every order looked like when it left. What it does not remember does not leave twice."""

    def __init__(self) -> None:
        self._bodies: dict[ClientOrderId, Body] = {}

    def refusal(self, order: Order, known: Order | None) -> str | None:
        """Return why `order` may not leave, or ``None``.

        Parameters
        ----------
        order : Order
            What wants out.
        known : Order, optional
            What the cache has under its id.
        """
        body = self._bodies.get(order.client_order_id)
        status = order.status if known is None else known.status
        if body is None:
            first = status in UNSPOKEN and (known is None or known is order)
            return None if first else f"resend: this run did not send it, and it is {status.name}"
        changed = [name for name, was, now in zip(BODY, body, body_of(order), strict=True) if was != now]
        if changed:
            return f"resend: {', '.join(changed)} differ from what was sent under this id"
        if known is not order or status != OrderStatus.SUBMITTED:
            return f"resend: it is {status.name}"
        return None

    def note(self, order: Order) -> None:
        """Remember that `order` has left, as it is now."""
        self._bodies[order.client_order_id] = body_of(order)
        if len(self._bodies) > REMEMBERED_ORDERS:
            del self._bodies[next(iter(self._bodies))]


def body_of(order: Order) -> Body:
    """Return all that says what an order asks for."""
    return tuple(getattr(order, name, None) for name in BODY)
