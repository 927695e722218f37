"""Whether an order may leave under an id that has left before: only as the very same order, and while unanswered."""

from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.guard.book import SentOrder

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
        self._entries: dict[ClientOrderId, SentOrder] = {}

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
        _remember(self._bodies, order.client_order_id, body_of(order))

    def note_entry(self, order: Order, sent: SentOrder) -> None:
        """Remember what the limits were shown of an entry."""
        _remember(self._entries, order.client_order_id, sent)

    def entry(self, order: Order) -> SentOrder | None:
        """Return what the limits were shown when this unanswered order left before: it is no duplicate of itself."""
        return self._entries.get(order.client_order_id) if order.status == OrderStatus.SUBMITTED else None


def _remember[T](among: dict[ClientOrderId, T], client_order_id: ClientOrderId, value: T) -> None:
    among[client_order_id] = value
    if len(among) > REMEMBERED_ORDERS:
        del among[next(iter(among))]


def body_of(order: Order) -> Body:
    """Return all that says what an order asks for."""
    return tuple(getattr(order, name, None) for name in BODY)
