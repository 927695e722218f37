"""Orders on their way to Alpaca with every fault: none is ever there twice, and each is found or said to be unknown."""

import asyncio

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderSide, OrderStatus
from nautilus_trader.model.objects import Price

from sagetrade_nautilus.execution import commands
from tests.support.alpaca_desk import CANCEL, LOOK, POST, Desk, play
from tests.support.alpaca_node import AAPL, until
from tests.support.alpaca_server.server import KEY, AlpacaServer

pytestmark = pytest.mark.slow  # a node for each fault
IMPATIENT = {"inflight_check_interval_ms": 100, "inflight_check_threshold_ms": 200, "inflight_check_retries": 2}
"""Settings of Nautilus's engine with which it gives up an order of which nothing is heard."""


@pytest.mark.parametrize("fault", [401, 403, 422])
def test_a_refusal_is_told_once_and_leaves_nothing_behind(server: AlpacaServer, fault: int) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST] = [fault]
        order = desk.market()
        await until(lambda: order.status == OrderStatus.REJECTED)
        [rejected] = [event for event in desk.heard if type(event).__name__ == "OrderRejected"]
        assert "a fault" in rejected.reason
        assert KEY not in rejected.reason

    play(server, act)
    assert len(server.asked("POST", "/v2/orders")) == 1
    assert server.account.orders == {}


def test_too_many_requests_delay_an_order_and_send_it_once(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST], server.retry_after = [429, 429], "1"
        order = desk.market()
        await until(lambda: order.status == OrderStatus.FILLED)

    play(server, act)
    assert len(server.asked("POST", "/v2/orders")) == 3
    assert len(server.account.orders) == 1


def test_an_order_that_would_leave_much_later_does_not_leave(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST], server.retry_after = [429], "30"
        order = desk.market()
        await until(lambda: order.status == OrderStatus.REJECTED)

    play(server, act)
    assert server.account.orders == {}


def test_an_order_that_is_cancelled_while_it_is_on_its_way_is_cancelled_as_it_arrives(server: AlpacaServer) -> None:
    server.slow_s = 0.5

    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST] = ["slow"]
        server.streams.faults = ["drop"]
        order = desk.limit()
        await until(lambda: server.asked("POST", "/v2/orders"))
        desk.cancel_order(order)
        await until(lambda: order.status == OrderStatus.CANCELED)
        assert desk.told(order, "OrderCancelRejected") == 0

    play(server, act, timeout_s=2.0, sweep_s=60.0)
    assert [order["status"] for order in server.account.orders.values()] == ["canceled"]


def test_an_order_that_is_cancelled_after_it_was_turned_away_is_not_sent_again(server: AlpacaServer) -> None:
    server.retry_after = "1"

    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST] = [429]
        order = desk.market()  # which would be filled as it arrives
        await until(lambda: server.asked("POST", "/v2/orders"))
        desk.cancel_order(order)
        await until(lambda: order.status == OrderStatus.REJECTED)
        assert desk.told(order, "OrderCancelRejected") == 0

    play(server, act, sweep_s=60.0)
    assert len(server.asked("POST", "/v2/orders")) == 1
    assert server.account.orders == {}


@pytest.mark.parametrize("symbol", ["TSLA", "AAPL"])
def test_an_order_whose_id_another_node_of_the_account_has_used_is_refused_and_the_others_left_alone(
    server: AlpacaServer, symbol: str
) -> None:
    server.account.prices["TSLA"] = server.account.prices["AAPL"]  # which this node does not trade

    async def act(desk: Desk, node: TradingNode) -> None:
        server.streams.faults = ["drop"]
        order = desk.order_factory.limit(AAPL, OrderSide.BUY, desk._qty(4), Price.from_str("90.00"))
        other = {"symbol": symbol, "side": "buy", "type": "limit", "time_in_force": "gtc"}
        name = order.client_order_id.value
        server.account.submit(other | {"client_order_id": name, "qty": "7", "limit_price": "99.00"})
        desk.submit_order(order)
        await until(lambda: order.status == OrderStatus.REJECTED)
        await asyncio.sleep(1.0)  # which sweeps

    play(server, act)
    assert [order["status"] for order in server.account.orders.values()] == ["new"]


@pytest.mark.parametrize("fault", ["lost", "nonsense", "slow"])
def test_an_order_whose_acknowledgement_is_lost_is_found_by_its_id_and_not_sent_again(
    server: AlpacaServer, fault: str
) -> None:
    server.slow_s = 1.0

    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST] = [fault]
        order = desk.market()
        await until(lambda: order.status == OrderStatus.FILLED)
        assert desk.told(order, "OrderAccepted") == desk.told(order, "OrderFilled") == 1
        assert desk.told(order, "OrderRejected") == 0

    play(server, act, timeout_s=0.4)
    assert len(server.asked("POST", "/v2/orders")) == 1


@pytest.mark.parametrize("fault", [500, 503, "cut"])
def test_an_order_that_never_arrived_is_said_to_be_unknown_and_not_sent_again(
    server: AlpacaServer, fault: int | str
) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST] = [fault]
        order = desk.limit()
        await until(lambda: desk.unknown == [order.client_order_id.value])
        await asyncio.sleep(0.5)
        assert order.status == OrderStatus.SUBMITTED
        commands.query(desk.msgbus, desk.clock, order)
        await until(lambda: len(desk.unknown) == 2, "an answer to the question")
        commands.send_again(desk.msgbus, desk.clock, order, None, None)
        await until(lambda: order.status == OrderStatus.ACCEPTED, "what is sent again under its id arrives")

    play(server, act)
    assert len(server.asked("POST", "/v2/orders")) == 2
    assert len(server.account.orders) == 1


@pytest.mark.parametrize("silent", [3, 6])
def test_an_order_that_is_sent_again_although_it_had_arrived_is_there_once(server: AlpacaServer, silent: int) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST], server.faults[LOOK] = ["lost"], [500] * silent
        server.streams.faults = ["drop"]
        order = desk.limit()
        await until(lambda: len(server.faults[LOOK]) <= silent - 3)
        commands.send_again(desk.msgbus, desk.clock, order, None, None)
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        assert desk.told(order, "OrderRejected") == 0

    play(server, act, sweep_s=1.5)
    assert len(server.account.orders) == 1
    assert len(server.asked("POST", "/v2/orders")) == 2


def test_while_alpaca_cannot_be_asked_an_order_stays_in_doubt_and_is_found_later(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST], server.faults["GET /v2/orders"] = ["lost"], [500] * 6
        server.faults["GET /v2/account/activities"] = [500] * 3
        server.streams.faults = ["drop", "drop"]
        order = desk.market()
        await asyncio.sleep(0.2)
        assert order.status == OrderStatus.SUBMITTED
        await until(lambda: order.status == OrderStatus.FILLED)

    play(server, act)
    assert len(server.account.orders) == 1


def test_a_bracket_whose_acknowledgement_is_lost_keeps_its_exits(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST] = ["lost"]
        entry, *exits = desk.bracket().orders
        await until(lambda: entry.status == OrderStatus.FILLED and all(o.status == OrderStatus.ACCEPTED for o in exits))
        server.move("AAPL", "94.00", "94.02")
        await until(lambda: sorted(o.status_string() for o in exits) == ["CANCELED", "FILLED"], "the stop, once")

    play(server, act)
    assert len(server.account.orders) == 3


def test_an_order_that_nautilus_gave_up_and_that_arrives_late_is_cancelled_there(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST] = ["cut"]
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.REJECTED, "Nautilus gives it up")
        with server.lock:
            server.account.submit(server.asked("POST", "/v2/orders")[0])
        await until(lambda: [o["status"] for o in server.account.orders.values()] == ["canceled"])

    play(server, act, engine=IMPATIENT)


@pytest.mark.parametrize("fault", ["cut", "lost"])
def test_an_order_without_exits_that_nautilus_gave_up_and_that_was_filled_is_its_strategys_all_the_same(
    server: AlpacaServer, fault: str
) -> None:
    """So a strategy of ours closes it, as it does what it does not know; other exits would nobody send."""

    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST], server.faults["GET /v2/"] = [fault], [500] * 999
        server.streams.faults = ["drop"] * 9
        order = desk.market()
        await until(lambda: order.status == OrderStatus.REJECTED, "Nautilus gives it up")
        if fault == "cut":
            with server.lock:
                server.account.submit(server.asked("POST", "/v2/orders")[0])
        server.faults.clear()
        await until(node.cache.positions_open, "what it has filled is known")
        await asyncio.sleep(1.0)  # which sweeps
        (position,) = node.cache.positions_open()
        assert position.strategy_id == desk.id
        assert position.avg_px_open == 100.02
        (again,) = [known for known in node.cache.orders() if known is not order]
        assert (again.status, again.tags) == (OrderStatus.FILLED, order.tags)
        assert len(server.account.orders) == 1

    play(server, act, engine=IMPATIENT)


def test_a_close_that_nautilus_gave_up_and_that_was_filled_closes_its_position(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        desk.market()
        await until(node.cache.positions_open)
        (position,) = node.cache.positions_open()
        server.faults[POST], server.faults["GET /v2/"] = ["lost"], [500] * 999
        server.streams.faults = ["drop"] * 9
        close = desk.market(side=OrderSide.SELL, of=position)
        await until(lambda: close.status == OrderStatus.REJECTED, "Nautilus gives it up")
        server.faults.clear()
        await until(lambda: position.is_closed, "it is known to be closed")
        await asyncio.sleep(1.0)  # which sweeps
        assert node.cache.positions_open() == []

    play(server, act, engine=IMPATIENT)


@pytest.mark.parametrize("fault", ["cut", "lost"])
def test_a_bracket_that_nautilus_gave_up_and_that_was_filled_keeps_its_exits_there(
    server: AlpacaServer, fault: str
) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST], server.faults["GET /v2/"] = [fault], [500] * 999
        server.streams.faults = ["drop"] * 9
        entry = desk.bracket().first
        await until(lambda: entry.status == OrderStatus.REJECTED, "Nautilus gives it up")
        if fault == "cut":
            with server.lock:
                server.account.submit(server.asked("POST", "/v2/orders")[0])
        server.faults.clear()
        await until(node.cache.positions_open, "what it has filled is known")
        await asyncio.sleep(1.0)  # which sweeps
        assert sorted(o["status"] for o in server.account.orders.values()) == ["filled", "new", "new"]
        assert len(node.cache.orders_open()) == 2  # of nobody's: a halt with --flatten finds them

    play(server, act, engine=IMPATIENT)


def test_an_order_that_nautilus_takes_for_cancelled_and_that_is_at_work_is_cancelled_there(
    server: AlpacaServer,
) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        order = desk.limit()
        await until(lambda: order.status == OrderStatus.ACCEPTED)
        server.faults[CANCEL], server.faults["GET /v2/orders"] = [500] * 3, [500] * 99
        desk.cancel_order(order)
        await until(lambda: order.status == OrderStatus.CANCELED, "Nautilus gives it up")
        assert [o["status"] for o in server.account.orders.values()] == ["new"]
        server.faults.clear()
        await until(lambda: [o["status"] for o in server.account.orders.values()] == ["canceled"])

    play(server, act, engine=IMPATIENT)
