"""Nautilus's acceptance test for execution adapters, `ExecTester`, in a real node on the paper venue.

The names of the cards are those of Nautilus's execution testing specification.
"""

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.live.data_client import LiveMarketDataClient
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import OrderStatus, OrderType, TimeInForce
from nautilus_trader.model.identifiers import ClientId, InstrumentId, Venue
from nautilus_trader.model.orders import Order
from nautilus_trader.test_kit.strategies.tester_exec import ExecTester, ExecTesterConfig

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.factories import PaperLiveExecClientFactory
from catalog.instruments import instrument_for
from tests.support.engine import BTC
from tests.support.paper_node import node_config

pytestmark = pytest.mark.slow  # a node for each card

GTC, IOC, FOK, GTD = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD
MARKET = instrument_for(BTC)
RESTS = ["OrderInitialized", "OrderSubmitted", "OrderAccepted"]
PRICE = 40_000.0
WAIT_S = 15.0


class Quotes(LiveMarketDataClient):
    """Tells what the test says of the market, once somebody wants to hear it."""

    def __init__(self, loop: Any, msgbus: Any, cache: Any, clock: Any) -> None:
        super().__init__(loop, ClientId("BINANCE"), Venue("BINANCE"), msgbus, cache, clock, InstrumentProvider())
        self.wanted = False

    async def _connect(self) -> None:
        self._cache.add_instrument(MARKET)

    async def _disconnect(self) -> None:
        pass

    async def _subscribe_quote_ticks(self, command: Any) -> None:
        self.wanted = True

    async def _unsubscribe_quote_ticks(self, command: Any) -> None:
        pass

    def move(self, bid: float) -> None:
        now, size = self._clock.timestamp_ns(), MARKET.make_qty(50)
        prices = MARKET.make_price(bid), MARKET.make_price(bid + 0.1)
        self._handle_data(QuoteTick(MARKET.id, *prices, size, size, now, now))


class Factory(LiveDataClientFactory):
    """Keeps the client that it makes."""

    made: Quotes

    @staticmethod
    def create(loop: Any, name: str, config: Any, msgbus: Any, cache: Any, clock: Any) -> Quotes:
        Factory.made = Quotes(loop, msgbus, cache, clock)
        return Factory.made


async def until(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"it never came to it: {what}"
        await asyncio.sleep(0.01)


class Card:
    """One run of an `ExecTester`: a quote comes, orders are made, perhaps the price moves, it stops."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        paper = PaperExecClientConfig(
            venue="BINANCE", instruments=[BTC], state=str(folder / "paper.sqlite"), latency_ms=5.0,
            starting_balance=1e6, depth=1e7,
        )  # fmt: skip
        self.node = TradingNode(node_config(paper), asyncio.new_event_loop())
        self.node.add_data_client_factory("BINANCE", Factory)
        self.node.add_exec_client_factory("BINANCE", PaperLiveExecClientFactory)
        self.node.build()
        common: dict[str, Any] = {"order_qty": Decimal("0.5"), "log_data": False, "subscribe_trades": False}
        self.tester = ExecTester(ExecTesterConfig(instrument_id=InstrumentId.from_str(BTC), **{**common, **settings}))
        self.node.trader.add_strategy(self.tester)
        self.kept: list[Order] = []

    def run(self, done: Callable[[], Any], *moves: float, then: Callable[[], Any] | None = None) -> None:
        """Run until `done`; after each of `moves` until `then` as well; then stop, and wait until all is over."""

        async def whole() -> None:
            running = asyncio.create_task(self.node.run_async())
            try:
                await until(lambda: self.node.trader.is_running and Factory.made.wanted, "the node starts")
                Factory.made.move(PRICE)
                await until(done, "what the card waits for")
                for bid in moves:
                    Factory.made.move(bid)
                    await until(then or done, "what the move brings")
                self.tester.stop()
                await until(self.is_over, "the end")
                self.kept = self.node.cache.orders()
            finally:
                await self.node.stop_async()
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        loop = self.node.get_event_loop()
        try:
            loop.run_until_complete(whole())
        finally:
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self.node.dispose()

    def is_over(self) -> bool:
        cache = self.node.cache
        return not (cache.orders_open() or cache.orders_inflight() or cache.positions_open())

    def orders(self) -> list[Order]:
        return sorted(self.kept or self.node.cache.orders(), key=lambda order: order.ts_init)

    def told(self, number: int = 0) -> list[str]:
        return [type(event).__name__ for event in self.orders()[number].events]

    def count(self, *statuses: OrderStatus) -> int:
        return sum(order.status in statuses for order in self.orders())


@pytest.mark.parametrize(
    ("card", "qty", "tif"), [("TC-E01", 3, GTC), ("TC-E02", -3, GTC), ("TC-E03", 3, IOC), ("TC-E04", 3, FOK)]
)
def test_a_market_order_opens_a_position_that_is_closed_on_stop(
    tmp_path: Path, card: str, qty: int, tif: TimeInForce
) -> None:
    run = Card(
        tmp_path, open_position_on_start_qty=Decimal(qty), open_position_time_in_force=tif,
        enable_limit_buys=False, enable_limit_sells=False,
    )  # fmt: skip
    run.run(run.node.cache.positions_open)
    first, last = run.orders()[0], run.orders()[-1]
    assert run.told() == [*RESTS[:2], "OrderFilled"]  # as a backtest's exchange: what is filled at once is not accepted
    assert first.filled_qty == last.filled_qty == 3
    assert first.side != last.side


@pytest.mark.parametrize(("buys", "sells"), [(True, False), (False, True), (True, True)])
def test_limit_orders_rest_until_they_are_cancelled_on_stop(tmp_path: Path, buys: bool, sells: bool) -> None:
    # TC-E10, TC-E11, TC-E12, TC-E40, TC-E41, TC-E81
    run = Card(tmp_path, enable_limit_buys=buys, enable_limit_sells=sells)
    run.run(lambda: run.count(OrderStatus.ACCEPTED) == buys + sells)
    for number in range(buys + sells):
        assert run.told(number) in ([*RESTS, "OrderPendingCancel", "OrderCanceled"], [*RESTS, "OrderCanceled"])


@pytest.mark.parametrize("way", ["use_individual_cancels_on_stop", "use_batch_cancel_on_stop"])  # TC-E42, TC-E43
def test_orders_are_cancelled_one_by_one_or_together(tmp_path: Path, way: str) -> None:
    run = Card(tmp_path, **{way: True})
    run.run(lambda: run.count(OrderStatus.ACCEPTED) == 2)
    assert run.count(OrderStatus.CANCELED) == 2


@pytest.mark.parametrize(("tif", "end"), [(IOC, "OrderCanceled"), (FOK, "OrderCanceled"), (GTD, "OrderCanceled")])
def test_other_times_in_force(tmp_path: Path, tif: TimeInForce, end: str) -> None:  # TC-E14, TC-E16, TC-E17
    run = Card(
        tmp_path, limit_time_in_force=tif, enable_limit_sells=False,
        order_expire_time_delta_mins=60 if tif == GTD else None,
    )  # fmt: skip
    run.run(lambda: run.orders() and (run.orders()[0].is_closed or run.count(OrderStatus.ACCEPTED)))
    assert run.told()[-1] == end


@pytest.mark.parametrize("kind", [OrderType.STOP_MARKET, OrderType.STOP_LIMIT])
@pytest.mark.parametrize("sells", [False, True])
@pytest.mark.parametrize("way", ["modify", "cancel_replace"])
def test_stops_rest_and_follow_the_price(tmp_path: Path, kind: OrderType, sells: bool, way: str) -> None:
    # TC-E20 to TC-E23, TC-E34, TC-E35
    run = Card(
        tmp_path, enable_limit_buys=False, enable_limit_sells=False, enable_stop_buys=not sells,
        enable_stop_sells=sells, stop_order_type=kind, stop_limit_offset_ticks=50, stop_offset_ticks=1_000,
        **{f"{way}_stop_orders_to_maintain_offset": True},
    )  # fmt: skip
    first: list[float] = []

    def resting() -> bool:
        found = [float(order.trigger_price) for order in run.node.cache.orders_open()]
        first.extend(found[:1] if not first else [])
        return len(found) == 1

    def moved() -> bool:
        return any(float(order.trigger_price) != first[0] for order in run.node.cache.orders_open())

    run.run(resting, PRICE - 3.0 if not sells else PRICE + 3.0, then=moved)
    assert len(run.orders()) == (1 if way == "modify" else 2)
    assert ("OrderUpdated" in run.told()) == (way == "modify")


@pytest.mark.parametrize("way", ["modify", "cancel_replace"])
def test_limits_follow_the_price(tmp_path: Path, way: str) -> None:  # TC-E30, TC-E31, TC-E32, TC-E33
    run = Card(tmp_path, enable_limit_sells=False, **{f"{way}_orders_to_maintain_tob_offset": True})
    first: list[float] = []

    def resting() -> bool:
        found = [float(order.price) for order in run.node.cache.orders_open()]
        first.extend(found[:1] if not first else [])
        return len(found) == 1

    def followed() -> bool:
        return any(float(order.price) > first[0] for order in run.node.cache.orders_open())

    run.run(resting, PRICE + 10.0, then=followed)
    assert len(run.orders()) == (1 if way == "modify" else 2)


@pytest.mark.parametrize("sells", [False, True])
def test_a_bracket_is_accepted_and_its_exits_live_once_the_entry_is_filled(tmp_path: Path, sells: bool) -> None:
    # TC-E50, TC-E51, TC-E52
    run = Card(
        tmp_path, enable_brackets=True, enable_limit_buys=not sells, enable_limit_sells=sells,
        tob_offset_ticks=100, bracket_offset_ticks=30_000,
    )  # fmt: skip

    def filled() -> bool:
        return bool(run.node.cache.positions_open()) and len(run.node.cache.orders_open()) == 2

    run.run(lambda: run.count(OrderStatus.ACCEPTED) >= 1, PRICE + (5.0 if sells else -5.0), then=filled)
    assert run.told()[:3] == RESTS
    assert run.told()[-1] == "OrderFilled"
