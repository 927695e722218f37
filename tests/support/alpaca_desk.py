"""A desk in a real node at Alpaca's server of the tests: it sends what it is told to, through every fault."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from nautilus_trader.config import StrategyConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderSide, OrderType, TimeInForce
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import Order, OrderList
from nautilus_trader.model.position import Position
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.messages import ORDER_WATCH_TOPIC, OrderUnknown
from tests.support.alpaca_node import AAPL, make_node, run_node, until
from tests.support.alpaca_server.server import AlpacaServer

POST, CANCEL, CHANGE = "POST /v2/orders", "DELETE /v2/orders/", "PATCH /v2/orders/"
LOOK = "GET /v2/orders:by_client_order_id"


class Desk(Strategy):
    """Sends what it is told to, and keeps what it hears."""

    def __init__(self) -> None:
        super().__init__(StrategyConfig(strategy_id="DESK-001", manage_contingent_orders=False))
        self.heard: list[Any] = []
        self.unknown: list[str] = []

    def on_start(self) -> None:
        self.msgbus.subscribe(ORDER_WATCH_TOPIC, self._watch)

    def _watch(self, message: Any) -> None:
        if isinstance(message, OrderUnknown):
            self.unknown.append(message.client_order_id)

    def on_order_event(self, event: Any) -> None:
        self.heard.append(event)

    def market(self, qty: int = 4, side: OrderSide = OrderSide.BUY, of: Position | None = None) -> Order:
        order = self.order_factory.market(
            AAPL, side, self._qty(qty), time_in_force=TimeInForce.DAY, reduce_only=of is not None
        )
        self.submit_order(order, position_id=None if of is None else of.id)
        return order

    def limit(self, price: str = "90.00", qty: int = 4) -> Order:
        order = self.order_factory.limit(AAPL, OrderSide.BUY, self._qty(qty), Price.from_str(price))
        self.submit_order(order)
        return order

    def bracket(self, entry: OrderType = OrderType.MARKET) -> OrderList:
        orders = self.order_factory.bracket(
            AAPL,
            OrderSide.BUY,
            self._qty(4),
            entry_order_type=entry,
            entry_price=Price.from_str("99.00") if entry == OrderType.LIMIT else None,
            tp_price=Price.from_str("110.00"),
            tp_post_only=False,
            sl_trigger_price=Price.from_str("95.00"),
        )
        self.submit_order_list(orders)
        return orders

    def told(self, order: Order, kind: str) -> int:
        return sum(type(e).__name__ == kind and e.client_order_id == order.client_order_id for e in self.heard)

    def _qty(self, number: int) -> Any:
        return self.cache.instrument(AAPL).make_qty(number)


Act = Callable[[Desk, TradingNode], Awaitable[None]]


def play(server: AlpacaServer, act: Act, **settings: Any) -> Desk:
    """Run a node with one desk, and look at the end that both sides have the same executions."""
    node = make_node(server, **{"sweep_s": 0.3, **settings})
    desk = Desk()

    async def scenario() -> None:
        await act(desk, node)
        await until(lambda: held(node) == server.account.held("AAPL"), "the same position on both sides")
        for order in node.cache.orders():
            assert order.filled_qty <= order.quantity
            names = [trade.value for trade in order.trade_ids]
            assert len(names) == len(set(names))

    run_node(node, scenario, [desk])
    names = [order["client_order_id"] for order in server.account.orders.values()]
    assert len(names) == len(set(names))
    return desk


def held(node: TradingNode) -> Decimal:
    return sum((p.signed_decimal_qty() for p in node.cache.positions_open(instrument_id=AAPL)), Decimal(0))
