"""Limits on how often and how much alike orders leave. What only reduces is not counted here."""

from collections.abc import Iterable, Iterator
from itertools import takewhile

from sagetrade_nautilus.guard.gate.book import Moment, ProposedOrder, SentOrder
from sagetrade_nautilus.guard.gate.limits.base import Ceiling, Limit
from sagetrade_nautilus.guard.standing import Denial
from sagetrade_nautilus.nanos import NANOS_PER_SECOND


class NoDuplicate:
    """The same entry (strategy, instrument, side, size and prices) is not sent twice within `threshold` seconds."""

    def __init__(self, threshold: float) -> None:
        self.window_s = threshold

    def check(self, order: ProposedOrder, now: Moment) -> Denial | None:
        for sent in _others(order, now, self.window_s):
            if _body(sent) == _body(order):
                return Denial("no_duplicate_s", (now.ts - sent.ts) / NANOS_PER_SECOND, self.window_s)
        return None


class MaxRepeatedOrders(Ceiling):
    """One strategy sends at most `threshold` entries for one instrument and side within `window_s` seconds."""

    name = "max_repeated_orders"

    def __init__(self, threshold: int, window_s: float) -> None:
        super().__init__(threshold)
        self.window_s = window_s

    def value(self, order: ProposedOrder, now: Moment) -> float:
        alike = (order.strategy, order.symbol, order.sells)
        lately = _others(order, now, self.window_s)
        return (order.quantity > 0.0) + sum((sent.strategy, sent.symbol, sent.sells) == alike for sent in lately)


class MaxOrdersPerMinute(Ceiling):
    """At most `threshold` entries leave within a minute, all strategies together."""

    name = "max_orders_per_minute"
    window_s = 60.0

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return (order.quantity > 0.0) + sum(1 for _ in _others(order, now, self.window_s))


class MaxMessagesPerS(Ceiling):
    """At most `threshold` entries and changes of entries leave within a second."""

    name = "max_messages_per_s"

    def value(self, order: ProposedOrder, now: Moment) -> float:
        return now.messages + (order.quantity > 0.0)


def remembered_s(limits: Iterable[Limit]) -> float:
    """Return for how long the entries that left must be remembered, so that each of `limits` can count its own."""
    counting = (NoDuplicate, MaxRepeatedOrders, MaxOrdersPerMinute)
    return max((limit.window_s for limit in limits if isinstance(limit, counting)), default=0.0)


def _others(order: ProposedOrder, now: Moment, window_s: float) -> Iterator[SentOrder]:
    """Yield the entries that left less than `window_s` seconds ago, newest first.

    Where the order itself is sent again, its last sending is left out: it is no duplicate of that.
    """
    window_ns = window_s * NANOS_PER_SECOND
    is_repeat = bool(order.client_order_id)
    for sent in takewhile(lambda sent: now.ts - sent.ts < window_ns, reversed(now.sent)):
        if is_repeat and sent.client_order_id == order.client_order_id:
            is_repeat = False
        else:
            yield sent


def _body(order: ProposedOrder | SentOrder) -> tuple[object, ...]:
    return order.strategy, order.symbol, order.sells, order.quantity, order.named_prices
