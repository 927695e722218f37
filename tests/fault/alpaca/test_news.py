"""News on their way from Alpaca with every fault: no execution is missed or counted twice."""

import asyncio

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderStatus

from tests.support.alpaca_desk import Desk, held, play
from tests.support.alpaca_node import until
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


def test_an_order_of_somebody_else_is_taken_into_the_account(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.market()
        await until(lambda: order.status == OrderStatus.FILLED)
        body = {"symbol": "AAPL", "side": "buy", "type": "market", "time_in_force": "day", "qty": "3"}
        with server.lock:
            server.account.submit(body)
        await until(lambda: held(node) == 7)

    play(server, act)
