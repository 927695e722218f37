"""One of Nautilus's acceptance tests for execution adapters, in a real node against Alpaca's server of the tests."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from nautilus_trader.model.enums import OrderStatus, TimeInForce
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.orders import Order
from nautilus_trader.test_kit.strategies.tester_exec import ExecTester, ExecTesterConfig

from tests.support.alpaca_node import AAPL, make_node, run_node, until
from tests.support.alpaca_server.server import AlpacaServer

DAY, GTC = TimeInForce.DAY, TimeInForce.GTC


class Card:
    """One run of an `ExecTester`: a quote comes, orders are made, perhaps the price moves, it stops."""

    def __init__(self, server: AlpacaServer, instrument_id: InstrumentId = AAPL, **settings: Any) -> None:
        self.server = server
        self.symbol = instrument_id.symbol.value
        node_settings = {key: settings.pop(key) for key in ("fractional", "gtd_as_gtc") if key in settings}
        self.node = make_node(server, **node_settings)
        common: dict[str, Any] = {"order_qty": Decimal(2), "log_data": False, "subscribe_trades": False}
        common |= {"close_positions_time_in_force": GTC if "/" in self.symbol else DAY}
        self.tester = ExecTester(ExecTesterConfig(**{"instrument_id": instrument_id, **common, **settings}))
        self.kept: list[Order] = []
        self.positions: list[Any] = []

    def run(self, done: Callable[[], Any], *moves: tuple[str, str], then: Callable[[], Any] | None = None) -> None:
        """Run until `done`; after each of `moves` until `then` as well; then stop, and wait until all is over."""
        price = ("50000.00", "50010.00") if "/" in self.symbol else ("100.00", "100.02")

        async def scenario() -> None:
            path = self.server.path_of(self.symbol)
            await until(lambda: self.symbol in self.server.streams.subscribed(path).get("quotes", ()), "quotes")
            self.server.move(self.symbol, *price)
            await until(done, "what the card waits for")
            for move in moves:
                self.server.move(self.symbol, *move)
                await until(then or done, "what the move brings")
            self.tester.stop()
            await until(self.is_over, "the end")
            self.kept, self.positions = self.node.cache.orders(), self.node.cache.positions()

        run_node(self.node, scenario, [self.tester])

    def is_over(self) -> bool:
        cache = self.node.cache
        return not (cache.orders_open() or cache.orders_inflight() or cache.positions_open())

    def orders(self) -> list[Order]:
        found = self.kept or self.node.cache.orders()
        return sorted((order for order in found if order.strategy_id == self.tester.id), key=lambda o: o.ts_init)

    def told(self, number: int = 0) -> list[str]:
        """Return the events of one order, by the moment at which it was made."""
        return [type(event).__name__ for event in self.orders()[number].events]

    def count(self, *statuses: OrderStatus) -> int:
        return sum(order.status in statuses for order in self.orders())

    def venue(self, status: str) -> int:
        return sum(order["status"] == status for order in self.server.account.orders.values())
