"""News on their way from Alpaca with every fault: no execution is missed or counted twice."""

import asyncio

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import OrderSide, OrderStatus

from sagetrade_nautilus.account import equity
from sagetrade_nautilus.prices import Prices
from tests.support.alpaca_desk import Desk, held, play
from tests.support.alpaca_node import AAPL, until
from tests.support.alpaca_server.server import AlpacaServer

pytestmark = pytest.mark.slow  # a node for each fault


@pytest.mark.parametrize(
    "faults",
    [["drop"] * 3, ["twice"] * 3, ["hold"], ["drop", "twice", "drop"], ["hold", None, "drop"], [None, "hold", "twice"]],
)
def test_executions_are_counted_once_whatever_becomes_of_the_news(
    server: AlpacaServer, faults: list[str | None]
) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit(qty=20)
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        server.streams.faults = list(faults)
        with server.lock:
            for qty in ("2", "3", "4"):
                server.account.fill(order.venue_order_id.value, qty, "90")
        await until(lambda: str(order.filled_qty) == "9")
        await asyncio.sleep(0.7)  # two sweeps, which must add nothing
        told = [str(event.last_qty) for event in desk.heard if type(event).__name__ == "OrderFilled"]
        assert sorted(told) == ["2", "3", "4"]
        server.streams.faults = ["twice"]
        desk.cancel_order(order)
        await until(lambda: order.status == OrderStatus.CANCELED)
        assert (str(order.filled_qty), desk.told(order, "OrderCanceled")) == ("9", 1)

    play(server, act)


def test_what_happens_while_the_stream_is_cut_is_heard_afterwards(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order, other = desk.limit(), desk.limit("80.00")
        await until(lambda: order.status == other.status == OrderStatus.ACCEPTED)
        server.streams.is_open = False
        server.streams.cut()
        server.move("AAPL", "89.98", "90.00")
        with server.lock:
            server.account.expire(other.venue_order_id.value)
        await asyncio.sleep(0.3)
        server.streams.is_open = True
        await until(lambda: order.status == OrderStatus.FILLED and other.status == OrderStatus.EXPIRED)

    play(server, act, sweep_s=60.0)


def test_executions_beyond_one_page_are_all_found(server: AlpacaServer) -> None:
    server.account.pieces = 130

    async def act(desk: Desk, node: TradingNode) -> None:
        server.streams.faults = ["drop"] * 140
        order = desk.market(260)
        await until(lambda: order.status == OrderStatus.FILLED)
        assert desk.told(order, "OrderFilled") == 130

    play(server, act)


@pytest.mark.parametrize("faults", [[], ["drop"] * 9])
@pytest.mark.parametrize("price", [90, 110])
def test_what_the_account_is_worth_is_right_as_a_position_closes_and_stays_so(
    server: AlpacaServer, faults: list[str | None], price: int
) -> None:
    """A loss that is realised must not be missing for a moment: the peak that falls are held against would be wrong."""
    worths: list[float] = []

    async def act(desk: Desk, node: TradingNode) -> None:
        def worth(event: object = None) -> None:
            prices = Prices(node.cache, node.kernel.clock.timestamp_ns())
            worths.append(equity(node.cache, AAPL.venue, USD, prices))

        desk.subscribe_quote_ticks(AAPL)
        await until(lambda: server.streams.subscribed("/v2/iex").get("quotes") == {"AAPL"})
        server.move("AAPL", "100.00", "100.00")
        await until(lambda: node.cache.quote_tick(AAPL))
        desk.market(100)
        await until(node.cache.positions_open)
        server.move("AAPL", f"{price}.00", f"{price}.00")
        await until(lambda: node.cache.quote_tick(AAPL).bid_price == price)
        await asyncio.sleep(1.2)  # in which the balance is told
        worth()
        node.kernel.msgbus.subscribe("events.position.*", worth)
        server.streams.faults = list(faults)
        desk.market(100, OrderSide.SELL, of=node.cache.positions_open()[0])
        await until(lambda: not node.cache.positions_open())
        for _ in range(20):
            worth()
            await asyncio.sleep(0.1)

    play(server, act, sweep_s=0.3)
    assert set(worths) == {100_000.0 + 100 * (price - 100)}


def test_an_order_of_somebody_else_is_taken_into_the_account(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.market()
        await until(lambda: order.status == OrderStatus.FILLED)
        body = {"symbol": "AAPL", "side": "buy", "type": "market", "time_in_force": "day", "qty": "3"}
        with server.lock:
            server.account.submit(body)
        await until(lambda: held(node) == 7)

    play(server, act)
