"""The paper execution client between a node's bus and its venue."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import GenerateOrderStatusReport, SubmitOrder
from nautilus_trader.live.config import LiveExecClientConfig
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import OrderSide, OrderStatus
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, StrategyId, TraderId
from nautilus_trader.model.objects import Price, Quantity

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.execution import PaperExecutionClient
from adapters.paper.factories import PaperLiveExecClientFactory
from catalog.instruments import instrument_for
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.messages import ORDER_WATCH_TOPIC

BTC = instrument_for("BTCUSDT.BINANCE")
TRADER, STRATEGY = TraderId("T-1"), StrategyId("s-1")
MINUTE = 60_000_000_000
LATENCY = 50_000_000


class Node:
    """What a client needs of a node, and what the node hears from it."""

    def __init__(self, folder: Path) -> None:
        self.loop, self.clock, self.cache = asyncio.new_event_loop(), TestClock(), Cache()
        self.bus = MessageBus(TRADER, self.clock)
        self.heard: list[Any] = []
        for endpoint in ("ExecEngine.process", "ExecEngine.reconcile_execution_report", "Portfolio.update_account"):
            self.bus.register(endpoint, self.heard.append)
        self.bus.subscribe(ORDER_WATCH_TOPIC, self.heard.append)
        self.cache.add_instrument(BTC)
        config = PaperExecClientConfig(venue="BINANCE", instruments=[str(BTC.id)], state=str(folder / "paper.sqlite"))
        self.client = PaperExecutionClient(self.loop, self.bus, self.cache, self.clock, config)
        self.loop.run_until_complete(self.client._connect())
        self.factory = OrderFactory(TRADER, STRATEGY, self.clock)
        self.bar()
        self.heard.clear()

    def bar(self) -> None:
        self.wait(5 * MINUTE)
        bar_type = BarType.from_str(f"{BTC.id}-5-MINUTE-LAST-EXTERNAL")
        now = self.clock.timestamp_ns()
        self.bus.publish(f"data.bars.{bar_type}", Bar(bar_type, *[Price(100, 2)] * 4, Quantity(9, 5), now, now))

    def wait(self, nanoseconds: int) -> None:
        for ring in self.clock.advance_time(self.clock.timestamp_ns() + nanoseconds):
            ring.handle()

    def submit(self, order: Any) -> Any:
        self.client.submit_order(SubmitOrder(TRADER, STRATEGY, order, UUID4(), self.clock.timestamp_ns()))
        return order

    def market(self, instrument_id: InstrumentId = BTC.id) -> Any:
        return self.factory.market(instrument_id, OrderSide.BUY, Quantity(1, 5))

    def names(self) -> list[str]:
        return [type(message).__name__ for message in self.heard]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    yield made
    made.loop.run_until_complete(made.client._disconnect())
    made.loop.close()


def test_an_order_is_on_its_way_at_once_and_filled_after_the_latency(node: Node) -> None:
    node.submit(node.market())
    node.wait(LATENCY - 1)
    assert node.names() == ["OrderSubmitted"]
    node.wait(1)
    assert node.names() == ["OrderSubmitted", "OrderFilled"]


def test_an_order_that_is_sent_again_is_answered_with_what_became_of_it(node: Node) -> None:
    order = node.submit(node.market())
    node.wait(LATENCY)
    node.submit(order)
    node.wait(LATENCY)
    assert node.names() == ["OrderSubmitted", "OrderFilled", "OrderStatusReport"]
    assert node.heard[-1].order_status == OrderStatus.FILLED


def test_what_is_not_traded_here_is_rejected_and_nothing_is_sent(node: Node) -> None:
    node.submit(node.market(InstrumentId.from_str("ETHUSDT.BINANCE")))
    node.wait(LATENCY)
    assert node.names() == ["OrderRejected"]
    assert "does not trade ETHUSDT.BINANCE" in node.heard[0].reason


def test_the_venue_says_that_it_does_not_know_an_order(node: Node) -> None:
    question = GenerateOrderStatusReport(BTC.id, ClientOrderId("O-1"), None, UUID4(), 0)
    assert node.loop.run_until_complete(node.client.generate_order_status_report(question)) is None
    assert node.names() == ["OrderUnknown"]


def test_what_travels_when_the_node_ends_is_carried_out_by_nobody(node: Node) -> None:
    node.submit(node.market())
    node.client._arrivals.end()
    node.wait(LATENCY)
    assert node.names() == ["OrderSubmitted"]


@pytest.mark.parametrize("instruments", [[], ["BTCUSDT.BINANCE", "AAPL.XNAS"]])
def test_instruments_of_other_venues_and_none_are_refused(node: Node, instruments: list[str]) -> None:
    config = PaperExecClientConfig(venue="BINANCE", instruments=instruments)
    with pytest.raises(ConfigError, match="name some of its own"):
        PaperExecutionClient(node.loop, node.bus, node.cache, node.clock, config)


def test_a_client_of_another_configuration_is_refused(node: Node) -> None:
    with pytest.raises(ConfigError, match="PaperExecClientConfig was expected"):
        PaperLiveExecClientFactory.create(
            node.loop, "BINANCE", LiveExecClientConfig(), node.bus, node.cache, node.clock
        )
