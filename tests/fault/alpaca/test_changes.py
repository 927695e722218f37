"""Changes and cancels on their way to Alpaca with every fault: each is done once, given up or in doubt."""

import asyncio

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderStatus, OrderType
from nautilus_trader.model.objects import Price

from sagetrade_nautilus.execution import commands
from tests.support.alpaca_desk import CANCEL, CHANGE, Desk, play
from tests.support.alpaca_node import until
from tests.support.alpaca_server.server import AlpacaServer

pytestmark = pytest.mark.slow  # a node for each fault


@pytest.mark.parametrize("fault", [429, 500, "cut", "lost", "slow"])
def test_a_cancel_is_repeated_until_it_is_done(server: AlpacaServer, fault: int | str) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        server.faults[CANCEL] = [fault]
        desk.cancel_order(order)
        await until(lambda: order.status == OrderStatus.CANCELED)
        assert desk.told(order, "OrderCanceled") == 1
        assert desk.told(order, "OrderCancelRejected") == 0

    play(server, act, timeout_s=0.5)


def test_a_cancel_without_an_answer_is_in_doubt_and_a_question_says_that_the_order_is_at_work(
    server: AlpacaServer,
) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        server.faults[CANCEL] = [500] * 3
        desk.cancel_order(order)
        await until(lambda: not server.faults[CANCEL])
        await asyncio.sleep(0.3)
        assert order.status == OrderStatus.PENDING_CANCEL
        commands.query(desk.msgbus, desk.clock, order)
        await until(lambda: order.status == OrderStatus.ACCEPTED)

    play(server, act)


@pytest.mark.parametrize("end", [OrderStatus.FILLED, OrderStatus.CANCELED])
def test_a_cancel_that_comes_too_late_tells_what_had_happened_and_nothing_else(
    server: AlpacaServer, end: OrderStatus
) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        server.streams.faults = ["drop"]
        with server.lock:
            if end == OrderStatus.FILLED:
                server.account.move("AAPL", "89.98", "90.00")
            else:
                server.account.cancel(order.venue_order_id.value)
        desk.cancel_order(order)
        await until(lambda: order.status == end)
        assert desk.told(order, "OrderCanceled") == (end == OrderStatus.CANCELED)
        assert desk.told(order, "OrderCancelRejected") == 0

    play(server, act, sweep_s=60.0)


@pytest.mark.parametrize(
    ("fault", "news"),
    [
        (None, []),
        ("lost", []),
        ("slow", []),
        (429, []),
        (None, ["drop", "drop"]),
        (None, ["hold"]),
        ("lost", ["drop"] * 2),
    ],
)
def test_a_change_is_made_once(server: AlpacaServer, fault: int | str | None, news: list[str]) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        if fault is not None:
            server.faults[CHANGE] = [fault]
        server.streams.faults = list(news)
        desk.modify_order(order, quantity=desk._qty(6), price=Price.from_str("91.00"))
        await until(lambda: order.status == OrderStatus.ACCEPTED and str(order.price) == "91.00")
        assert str(order.quantity) == "6"
        assert desk.told(order, "OrderUpdated") == 1
        desk.modify_order(order, price=Price.from_str("92.00"))
        await until(lambda: order.status == OrderStatus.ACCEPTED and str(order.price) == "92.00")
        server.move("AAPL", "91.98", "92.00")
        await until(lambda: order.status == OrderStatus.FILLED)

    play(server, act, timeout_s=0.5)
    names = [order["client_order_id"] for order in server.account.orders.values()]
    assert [name.partition("~")[2] for name in names] == ["", "1", "2"]


@pytest.mark.parametrize("fault", [403, 422])
def test_a_change_that_is_refused_leaves_the_order_as_it_is(server: AlpacaServer, fault: int) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        server.faults[CHANGE] = [fault]
        desk.modify_order(order, price=Price.from_str("91.00"))
        await until(lambda: desk.told(order, "OrderModifyRejected"))
        assert (order.status, str(order.price)) == (OrderStatus.ACCEPTED, "90.00")

    play(server, act)
    assert len(server.account.orders) == 1


def test_a_change_that_never_arrived_is_given_up_after_a_while(
    server: AlpacaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.alpaca.ledger.DOUBT_NS", 300_000_000)

    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        server.faults[CHANGE] = [500]
        desk.modify_order(order, price=Price.from_str("91.00"))
        await until(lambda: order.status == OrderStatus.PENDING_UPDATE)
        await until(lambda: desk.told(order, "OrderModifyRejected"))
        assert (order.status, str(order.price)) == (OrderStatus.ACCEPTED, "90.00")

    play(server, act)


@pytest.mark.parametrize("fault", ["slow", "lost", None])
def test_a_cancel_beside_a_change_cancels_what_the_change_has_made(server: AlpacaServer, fault: str | None) -> None:
    """Else a stop would stay behind that nobody cancels again, once its position is closed."""

    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        server.slow_s = 0.3
        server.faults[CHANGE] = [] if fault is None else [fault]
        server.streams.faults = ["drop"] * 2
        desk.modify_order(order, price=Price.from_str("91.00"))
        await until(lambda: len(server.account.orders) == 2, "the change has arrived")
        desk.cancel_order(order)
        await until(lambda: order.status == OrderStatus.CANCELED, wait_s=5.0)
        assert [o["status"] for o in server.account.orders.values()] == ["replaced", "canceled"]

    play(server, act, sweep_s=60.0)


def test_the_exits_of_a_bracket_can_be_moved(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        entry, *exits = desk.bracket().orders
        await until(lambda: entry.status == OrderStatus.FILLED and all(o.status == OrderStatus.ACCEPTED for o in exits))
        [stop] = [order for order in exits if order.order_type == OrderType.STOP_MARKET]
        desk.modify_order(stop, trigger_price=Price.from_str("97.00"))
        await until(lambda: str(stop.trigger_price) == "97.00" and stop.status == OrderStatus.ACCEPTED)
        server.move("AAPL", "96.00", "96.02")
        await until(lambda: sorted(o.status_string() for o in exits) == ["CANCELED", "FILLED"])

    play(server, act)


def test_cancelling_an_entry_takes_its_exits_away(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        orders = desk.bracket(OrderType.LIMIT).orders
        await until(lambda: all(order.status == OrderStatus.ACCEPTED for order in orders))
        desk.cancel_order(orders[0])
        await until(lambda: all(order.status == OrderStatus.CANCELED for order in orders))

    play(server, act)
