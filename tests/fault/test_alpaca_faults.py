"""Alpaca with every fault on the way: no order is ever there twice, and no execution is missed or counted twice."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.config import StrategyConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType, TimeInForce
from nautilus_trader.model.objects import Price
from nautilus_trader.model.orders import Order, OrderList
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.execution import commands
from sagetrade_nautilus.messages import ORDER_WATCH_TOPIC, OrderUnknown
from tests.support.alpaca_node import AAPL, BTC, make_node, run_node, until
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server

pytestmark = pytest.mark.slow  # a node for each fault

POST, CANCEL, CHANGE = "POST /v2/orders", "DELETE /v2/orders/", "PATCH /v2/orders/"
LOOK = "GET /v2/orders:by_client_order_id"


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with alpaca_server() as made:
        yield made


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

    def market(self, qty: int = 4, side: OrderSide = OrderSide.BUY) -> Order:
        order = self.order_factory.market(AAPL, side, self._qty(qty), time_in_force=TimeInForce.DAY)
        self.submit_order(order)
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
        await until(lambda: _sum(node) == server.account.held("AAPL"), "the same position on both sides")
        for order in node.cache.orders():
            assert order.filled_qty <= order.quantity
            names = [trade.value for trade in order.trade_ids]
            assert len(names) == len(set(names))

    run_node(node, scenario, [desk])
    names = [order["client_order_id"] for order in server.account.orders.values()]
    assert len(names) == len(set(names))
    return desk


def _sum(node: TradingNode) -> Decimal:
    return sum((p.signed_decimal_qty() for p in node.cache.positions_open(instrument_id=AAPL)), Decimal(0))


# -- An order on its way --------------------------------------------------------------------------


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


@pytest.mark.parametrize("fault", ["slow", 429])
def test_an_order_that_is_cancelled_while_it_is_on_its_way_is_cancelled_as_it_arrives(
    server: AlpacaServer, fault: int | str
) -> None:
    server.retry_after, server.slow_s = "1", 0.5

    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST] = [fault]
        server.streams.faults = ["drop"]
        order = desk.limit()
        await until(lambda: server.asked("POST", "/v2/orders"))
        desk.cancel_order(order)
        await until(lambda: order.status == OrderStatus.CANCELED)
        assert desk.told(order, "OrderCancelRejected") == 0

    play(server, act, timeout_s=2.0, sweep_s=60.0)
    assert [order["status"] for order in server.account.orders.values()] == ["canceled"]


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

    engine = {"inflight_check_interval_ms": 100, "inflight_check_threshold_ms": 200, "inflight_check_retries": 2}
    play(server, act, engine=engine)


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

    engine = {"inflight_check_interval_ms": 100, "inflight_check_threshold_ms": 200, "inflight_check_retries": 2}
    play(server, act, engine=engine)


# -- News on their way ----------------------------------------------------------------------------


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
        await until(lambda: _sum(node) == 7)

    play(server, act)


# -- Changes and cancels on their way -------------------------------------------------------------


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


# -- Keys and accounts ----------------------------------------------------------------------------


def test_refused_keys_and_an_account_that_may_not_trade_keep_the_node_from_starting(server: AlpacaServer) -> None:
    for broken in ("keys", "status"):
        server.faults["GET /v2/account"] = [401] * 9 if broken == "keys" else []
        server.status = "ACCOUNT_CLOSED"
        node = make_node(server, connection_s=1.0)
        desk = Desk()

        async def act() -> None:
            await asyncio.sleep(0)

        with pytest.raises(AssertionError, match="the node starts"):
            run_node(node, act, [desk], start_s=2.5)
    assert server.asked("POST", "/v2/orders") == []


def test_no_log_line_shows_a_key(server: AlpacaServer, capfd: pytest.CaptureFixture[str]) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        server.faults[POST], server.faults["GET /v2"] = [500, 422], [500] * 5
        desk.market()
        order = desk.limit()
        await until(lambda: order.status in (OrderStatus.REJECTED, OrderStatus.SUBMITTED, OrderStatus.ACCEPTED))
        await asyncio.sleep(0.5)

    play(server, act)
    shown = "".join(capfd.readouterr())
    assert KEY not in shown
    assert SECRET not in shown


def test_crypto_pays_its_fee_in_what_it_receives(server: AlpacaServer) -> None:
    async def act(desk: Desk, node: TradingNode) -> None:
        quantity = node.cache.instrument(BTC).make_qty(Decimal("0.5"))
        order = desk.order_factory.market(BTC, OrderSide.BUY, quantity)
        desk.submit_order(order)
        await until(lambda: order.status == OrderStatus.FILLED)
        [position] = node.cache.positions_open(instrument_id=BTC)
        assert position.signed_decimal_qty() == server.account.held("BTC/USD") == Decimal("0.49875")

    play(server, act)
