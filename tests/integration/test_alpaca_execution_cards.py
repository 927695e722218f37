"""Nautilus's acceptance test for execution adapters, `ExecTester`, in a real node against Alpaca's server.

The names of the cards are those of Nautilus's execution testing specification.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.enums import OrderStatus, OrderType, TimeInForce, TrailingOffsetType
from nautilus_trader.model.identifiers import InstrumentId

from tests.support.alpaca_card import Card
from tests.support.alpaca_node import AAPL, BTC, make_node, run_node, until
from tests.support.alpaca_server.server import AlpacaServer, alpaca_server

pytestmark = pytest.mark.slow  # a node for each card

DAY, GTC, IOC, FOK, GTD = TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD
AT_ONCE = ["OrderInitialized", "OrderSubmitted", "OrderAccepted", "OrderFilled"]
RESTS = AT_ONCE[:3]


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with alpaca_server() as made:
        yield made


@pytest.mark.parametrize(
    ("card", "qty", "tif"),
    [("TC-E01", 3, DAY), ("TC-E02", -3, GTC), ("TC-E03", 3, IOC), ("TC-E04", 3, FOK)],
)
def test_a_market_order_opens_a_position_that_is_closed_on_stop(
    server: AlpacaServer, card: str, qty: int, tif: TimeInForce
) -> None:
    run = Card(
        server,
        open_position_on_start_qty=Decimal(qty),
        open_position_time_in_force=tif,
        enable_limit_buys=False,
        enable_limit_sells=False,
    )
    run.run(run.node.cache.positions_open)
    assert run.told() == run.told(1) == AT_ONCE  # TC-E06, TC-E80, TC-E82
    [position] = run.positions
    assert (position.peak_qty, position.is_closed) == (3, True)
    assert position.avg_px_open == (100.02 if qty > 0 else 100.0)
    assert server.account.held("AAPL") == 0


def test_an_amount_of_money_buys_parts_of_shares(server: AlpacaServer) -> None:  # TC-E05
    run = Card(
        server,
        fractional=True,
        open_position_on_start_qty=Decimal(50),
        open_position_time_in_force=DAY,
        use_quote_quantity=True,
        enable_limit_buys=False,
        enable_limit_sells=False,
    )
    server.account.pieces = 2
    run.run(lambda: run.count(OrderStatus.FILLED))
    first = run.orders()[0]
    assert str(first.quantity) == str(first.filled_qty) == "0.499900020"
    assert server.asked("POST", "/v2/orders")[0]["notional"] == "50"
    assert server.account.held("AAPL") == 0


@pytest.mark.parametrize(("buys", "sells"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize("instrument_id", [AAPL, BTC])
def test_limit_orders_rest_until_they_are_cancelled_on_stop(
    server: AlpacaServer, instrument_id: InstrumentId, buys: bool, sells: bool
) -> None:  # TC-E10, TC-E11, TC-E12, TC-E40, TC-E41, TC-E81
    if instrument_id == BTC:
        server.account.positions["BTC/USD"] = [Decimal(9), Decimal(1)]  # nobody sells short there, or buys on margin
        server.account.cash = Decimal(1_000_000)
    run = Card(server, instrument_id, enable_limit_buys=buys, enable_limit_sells=sells, close_positions_on_stop=False)
    wanted = buys + sells
    run.is_over = lambda: not run.node.cache.orders_open() and run.venue("canceled") == wanted  # type: ignore[method-assign]
    run.run(lambda: run.count(OrderStatus.ACCEPTED) == wanted)
    for number in range(wanted):
        assert run.told(number) in ([*RESTS, "OrderPendingCancel", "OrderCanceled"], [*RESTS, "OrderCanceled"])


@pytest.mark.parametrize("way", ["use_individual_cancels_on_stop", "use_batch_cancel_on_stop"])  # TC-E42, TC-E43
def test_orders_are_cancelled_one_by_one_or_together(server: AlpacaServer, way: str) -> None:
    run = Card(server, **{way: True})
    run.run(lambda: run.count(OrderStatus.ACCEPTED) == 2)
    assert run.count(OrderStatus.CANCELED) == run.venue("canceled") == 2


@pytest.mark.parametrize(
    ("tif", "offset", "end"),
    [(IOC, 1, "OrderCanceled"), (FOK, 1, "OrderCanceled"), (DAY, 500, "OrderCanceled"), (GTD, 500, "OrderCanceled")],
)
def test_other_times_in_force(server: AlpacaServer, tif: TimeInForce, offset: int, end: str) -> None:
    # TC-E14, TC-E16, TC-E19, TC-E17
    run = Card(
        server,
        limit_time_in_force=tif,
        tob_offset_ticks=offset,
        enable_limit_sells=False,
        gtd_as_gtc=True,
        order_expire_time_delta_mins=60 if tif == GTD else None,
    )
    run.run(lambda: run.node.cache.orders() and (run.orders()[0].is_closed or run.count(OrderStatus.ACCEPTED)))
    assert run.told()[:3] == RESTS
    assert run.told()[-1] == end


@pytest.mark.parametrize("kind", [OrderType.STOP_MARKET, OrderType.STOP_LIMIT])
@pytest.mark.parametrize("sells", [False, True])
@pytest.mark.parametrize("way", ["modify", "cancel_replace"])
def test_stops_rest_and_follow_the_price(server: AlpacaServer, kind: OrderType, sells: bool, way: str) -> None:
    # TC-E20 to TC-E23, TC-E34, TC-E35
    run = Card(
        server,
        enable_limit_buys=False,
        enable_limit_sells=False,
        enable_stop_buys=not sells,
        enable_stop_sells=sells,
        stop_order_type=kind,
        stop_limit_offset_ticks=50,
        **{f"{way}_stop_orders_to_maintain_offset": True},
    )

    def moved() -> bool:
        return any(float(order.trigger_price) in (98.51, 101.51) for order in run.node.cache.orders_open())

    run.run(lambda: run.count(OrderStatus.ACCEPTED) == 1, ("99.51", "100.51"), then=moved)
    assert len(run.orders()) == (1 if way == "modify" else 2)
    assert run.told()[:3] == RESTS
    assert ("OrderUpdated" in run.told()) == (way == "modify")
    assert server.account.held("AAPL") == 0


@pytest.mark.parametrize("way", ["modify", "cancel_replace"])
def test_limits_follow_the_price(server: AlpacaServer, way: str) -> None:  # TC-E30, TC-E31, TC-E32, TC-E33
    run = Card(server, **{f"{way}_orders_to_maintain_tob_offset": True})

    def followed() -> bool:
        return {float(order.price) for order in run.node.cache.orders_open()} == {96.0, 105.02}

    run.run(lambda: run.count(OrderStatus.ACCEPTED) == 2, ("101.00", "101.02"), then=followed)
    assert len(run.orders()) == (2 if way == "modify" else 3)


@pytest.mark.parametrize("sells", [False, True])
def test_a_bracket_is_accepted_and_its_exits_live_once_the_entry_is_filled(server: AlpacaServer, sells: bool) -> None:
    # TC-E50, TC-E51, TC-E52
    run = Card(
        server,
        enable_brackets=True,
        enable_limit_buys=not sells,
        enable_limit_sells=sells,
        tob_offset_ticks=100,
        bracket_offset_ticks=300,
    )
    entry = ("103.00", "103.02") if sells else ("98.00", "98.02")

    def filled() -> bool:
        first = next(iter(server.account.orders.values()))
        states = [order["status"] for order in (first, *first["legs"])]
        return bool(run.node.cache.positions_open()) and states == ["filled", "new", "new"]

    run.run(lambda: run.count(OrderStatus.ACCEPTED) == 3, entry, then=filled)
    assert run.told()[:3] == RESTS
    assert server.asked("POST", "/v2/orders")[0]["order_class"] == "bracket"
    assert server.account.held("AAPL") == 0


@pytest.mark.parametrize(
    ("card", "settings"),
    [
        ("TC-E24", {"stop_order_type": OrderType.MARKET_IF_TOUCHED}),
        ("TC-E26", {"stop_order_type": OrderType.LIMIT_IF_TOUCHED, "stop_limit_offset_ticks": 5}),
        (
            "TC-E72",
            {
                "stop_order_type": OrderType.TRAILING_STOP_MARKET,
                "trailing_offset": Decimal(100),
                "trailing_offset_type": TrailingOffsetType.BASIS_POINTS,
            },
        ),
        ("TC-E73", {"stop_time_in_force": GTD, "order_expire_time_delta_mins": 5}),
        ("TC-E60", {"use_post_only": True, "enable_limit_buys": True, "enable_stop_buys": False}),
        ("TC-E62", {"order_display_qty": Decimal(1), "enable_limit_buys": True, "enable_stop_buys": False}),
    ],
)
def test_what_alpaca_has_nothing_for_is_denied_before_it_leaves(
    server: AlpacaServer, card: str, settings: dict[str, Any]
) -> None:
    common = {"enable_limit_buys": False, "enable_limit_sells": False, "enable_stop_buys": True}
    run = Card(server, **{**common, **settings})
    run.run(lambda: run.count(OrderStatus.DENIED))
    assert run.told() == ["OrderInitialized", "OrderDenied"]
    assert server.asked("POST", "/v2/orders") == []


def test_an_orders_own_parameter_asks_for_extended_hours(server: AlpacaServer) -> None:  # TC-E63
    run = Card(server, limit_time_in_force=DAY, order_params={"extended_hours": True}, enable_limit_sells=False)
    run.run(lambda: run.count(OrderStatus.ACCEPTED))
    assert server.asked("POST", "/v2/orders")[0]["extended_hours"] is True


@pytest.mark.parametrize("carried", [True, False])
def test_what_is_there_from_before_is_taken_over(server: AlpacaServer, carried: bool) -> None:  # TC-E84 to TC-E87
    account = server.account
    account.carries = carried
    bought = {"symbol": "AAPL", "side": "buy", "type": "market", "time_in_force": "day", "qty": "5"}
    account.submit(bought | {"client_order_id": "old-1"})
    account.submit(bought | {"symbol": "MSFT", "side": "sell", "client_order_id": "old-2"})
    account.submit(bought | {"type": "limit", "limit_price": "90", "time_in_force": "gtc", "client_order_id": "old-3"})
    changed = account.submit(
        bought | {"type": "limit", "limit_price": "90", "time_in_force": "gtc", "qty": "10", "client_order_id": "old-4"}
    )
    account.fill(changed["id"], "4", "90")
    changed = account.replace(changed["id"], {"limit_price": "91", "client_order_id": "old-4~1"})
    account.fill(changed["id"], "2", "91")
    node = make_node(server)

    async def scenario() -> None:
        held = {position.instrument_id.symbol.value: position.signed_qty for position in node.cache.positions_open()}
        assert held == {"AAPL": 11.0, "MSFT": -5.0}
        old = {order.client_order_id.value: order for order in node.cache.orders_open()}
        assert sorted(old) == ["old-3", "old-4"]
        assert (old["old-3"].status, str(old["old-3"].price)) == (OrderStatus.ACCEPTED, "90.00")
        four = old["old-4"]
        assert (str(four.quantity), str(four.filled_qty), str(four.price)) == ("10", "6", "91.00")
        server.move("AAPL", "90.00", "90.50")
        await until(lambda: four.status == OrderStatus.FILLED)
        await until(lambda: _held(node) == server.account.held("AAPL") == 15)

    run_node(node, scenario)
    assert len(server.account.orders) == 5


def _held(node: Any) -> Decimal:
    return sum((p.signed_decimal_qty() for p in node.cache.positions_open(instrument_id=AAPL)), Decimal(0))
