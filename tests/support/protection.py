"""Measures how long what was filled went without a stop at the venue."""

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

    A stop covers what it has left from the moment at which the venue has accepted it, until it is dead. What the
    position grows by, or loses its stop for, is bare until the stops cover that much or the position is small enough.
    """

    def __init__(self, made: BacktestEngine) -> None:
        self._engine = made
        self._bare: list[tuple[float, int]] = []
        self._held = self._covered = 0.0
        self._accepted: set[Any] = set()
        self.longest_ns = 0
        self.ended_bare = False
        for topic in ("events.order.*", "events.position.*"):
            made.kernel.msgbus.subscribe(topic=topic, handler=self._look)

    def end(self) -> "Bareness":
        self.ended_bare = bool(self._bare)
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
        if held > self._held + 1e-9 or (self._covered >= self._held > 0.0 and held > covered + 1e-9):
            self._bare.append((held, now))
        self._held, self._covered = held, covered
        for size, since in self._bare:
            if min(size, held) <= covered + 1e-9:
                self.longest_ns = max(self.longest_ns, now - since)
        self._bare = [(size, since) for size, since in self._bare if min(size, held) > covered + 1e-9]
