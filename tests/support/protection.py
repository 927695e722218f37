"""Measures how long a position was not wholly covered by a stop at the venue."""

from typing import Any

from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.model.enums import OrderStatus, OrderType

AT_VENUE = frozenset(
    {
        OrderStatus.ACCEPTED,
        OrderStatus.TRIGGERED,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.PENDING_UPDATE,
        OrderStatus.PENDING_CANCEL,
    }
)


class Bareness:
    """Looks at the cache after every order and position event; call `end` when the run is over.

    A stop covers what it has left from the moment at which the venue has accepted it, until it is dead.
    """

    def __init__(self, made: BacktestEngine) -> None:
        self._engine = made
        self._bare_since: int | None = None
        self._accepted: set[Any] = set()
        self.longest_ns = 0
        self.ended_bare = False
        for topic in ("events.order.*", "events.position.*"):
            made.kernel.msgbus.subscribe(topic=topic, handler=self._look)

    def end(self) -> "Bareness":
        self.ended_bare = self._bare_since is not None
        return self

    def _look(self, event: Any) -> None:
        if type(event).__name__ == "OrderAccepted":
            self._accepted.add(event.client_order_id)
        now, cache = self._engine.kernel.clock.timestamp_ns(), self._engine.cache
        held = sum(position.quantity.as_double() for position in cache.positions_open())
        covered = sum(
            order.leaves_qty.as_double()
            for order in cache.orders()
            if order.order_type == OrderType.STOP_MARKET
            and order.status in AT_VENUE
            and order.client_order_id in self._accepted
        )
        if held > covered + 1e-9:
            self._bare_since = now if self._bare_since is None else self._bare_since
        elif self._bare_since is not None:
            self.longest_ns = max(self.longest_ns, now - self._bare_since)
            self._bare_since = None
