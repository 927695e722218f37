"""A paper venue that can die, who sends it commands, and what was told."""

from pathlib import Path
from typing import Any

from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder, SubmitOrder, SubmitOrderList
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import OrderSide, OrderStatus
from nautilus_trader.model.identifiers import StrategyId, TraderId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.venue import PaperVenue
from catalog.instruments import instrument_for
from sagetrade_nautilus.execution.order_store import OrderStore

BTC = instrument_for("BTCUSDT.BINANCE")
BAR_TYPE = BarType.from_str(f"{BTC.id}-5-MINUTE-LAST-EXTERNAL")
TRADER, STRATEGY = TraderId("T-1"), StrategyId("s-1")
MINUTE = 60_000_000_000
BUY, SELL = OrderSide.BUY, OrderSide.SELL


class PaperDesk:
    """Sends commands to a venue that can die, and remembers what was told."""

    def __init__(self, path: Path | None = None, **settings: Any) -> None:
        self.path = path
        self.config = PaperExecClientConfig(venue="BINANCE", instruments=[str(BTC.id)], latency_ms=50.0, **settings)
        self.clock = TestClock()
        self.factory = OrderFactory(TRADER, STRATEGY, self.clock)
        self.told: list[Any] = []
        self.store: OrderStore | None = None
        self.begin()

    def begin(self) -> None:
        self.store = OrderStore(self.path, survives_power_loss=False)
        self.venue = PaperVenue(self.config, TRADER, self.store, self.told.append)
        self.venue.open([BTC], self.now)

    def die(self) -> None:
        """End without a word, as SIGKILL does to all that is not in the file, and begin again."""
        assert self.store is not None
        self.store.close()
        self.begin()

    @property
    def now(self) -> int:
        return int(self.clock.timestamp_ns())

    def bar(self, *prices: float) -> None:
        self.clock.set_time(self.now + 5 * MINUTE)
        opened, high, low, close = prices if len(prices) == 4 else prices * 4
        values = (Price(value, 2) for value in (opened, high, low, close))
        self.venue.show(Bar(BAR_TYPE, *values, Quantity(10, 5), self.now, self.now))

    def send(self, what: Any) -> None:
        if isinstance(what, Order):
            what = SubmitOrder(TRADER, STRATEGY, what, UUID4(), self.now)
        self.venue.send(what, self.now)

    def arrive(self) -> None:
        self.venue.settle(self.now + 50_000_000)

    def bracket(self, side: OrderSide, size: float, tp: float, sl: float) -> list[Order]:
        orders = self.factory.bracket(
            BTC.id, side, Quantity(size, 5), tp_price=Price(tp, 2), sl_trigger_price=Price(sl, 2), tp_post_only=False
        )
        self.send(SubmitOrderList(TRADER, STRATEGY, orders, UUID4(), self.now))
        return list(orders.orders)

    def cancel(self, order: Order) -> None:
        self.send(CancelOrder(TRADER, STRATEGY, BTC.id, order.client_order_id, None, UUID4(), self.now))

    def limit(self, side: OrderSide, size: float, price: float, **more: Any) -> Order:
        return self.factory.limit(BTC.id, side, Quantity(size, 5), Price(price, 2), **more)

    def market(self, side: OrderSide, size: float, **more: Any) -> Order:
        return self.factory.market(BTC.id, side, Quantity(size, 5), **more)

    def status(self, order: Order) -> OrderStatus:
        assert self.store is not None
        return (self.venue.cache.order(order.client_order_id) or self.store.order(order.client_order_id)).status

    def books(self) -> dict[str, Any]:
        """Return all that matters of the venue; its own ids name the life that gave them, so they are left out."""
        cache = self.venue.cache
        return {
            "open": sorted(
                (order.client_order_id.value, order.status, str(order.quantity), str(order.filled_qty), order.tags)
                for order in cache.orders()
                if not order.is_closed
            ),
            "held": sorted(
                (str(held.signed_decimal_qty()), held.avg_px_open, str(held.realized_pnl))
                for held in cache.positions_open()
            ),
            "balance": str(self.venue.account_state().balances[0].total),
        }

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.told]
