"""Nautilus's acceptance tests for adapters, `ExecTester` and `DataTester`, in a real node against Alpaca's server.

The names of the cards are those of Nautilus's execution and data testing specifications.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import OrderStatus, OrderType, TimeInForce, TrailingOffsetType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.orders import Order
from nautilus_trader.test_kit.strategies.tester_data import DataTester, DataTesterConfig
from nautilus_trader.test_kit.strategies.tester_exec import ExecTester, ExecTesterConfig

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


@pytest.mark.parametrize("symbol", ["AAPL", "BTC/USD"])
def test_data_of_the_past_and_of_now(server: AlpacaServer, symbol: str) -> None:
    # TC-D01, TC-D02, TC-D03, TC-D20, TC-D21, TC-D30, TC-D31, TC-D40, TC-D41
    instrument_id = InstrumentId.from_str(f"{symbol}.ALPACA")
    bar_type = BarType.from_str(f"{symbol}.ALPACA-1-MINUTE-LAST-EXTERNAL")
    node = make_node(server)
    heard: dict[str, list[Any]] = {"live": [], "past": [], "instruments": []}

    class Tester(DataTester):
        def on_historical_data(self, data: Any) -> None:
            heard["past"].append(data)

        def on_quote_tick(self, quote: Any) -> None:
            heard["live"].append(quote)

        on_trade_tick = on_bar = on_quote_tick

        def on_instrument(self, instrument: Any) -> None:
            heard["instruments"].append(instrument)

    tester = Tester(
        DataTesterConfig(
            instrument_ids=[instrument_id],
            bar_types=[bar_type],
            subscribe_quotes=True,
            subscribe_trades=True,
            subscribe_bars=True,
            subscribe_instrument=True,
            request_instruments=True,
            request_quotes=True,
            request_trades=True,
            request_bars=True,
            requests_start_delta=pd.Timedelta(minutes=10),
            log_data=False,
        )
    )
    path = server.path_of(symbol)

    async def scenario() -> None:
        await until(lambda: len(server.streams.subscribed(path)) == 3, "subscriptions")
        server.move(symbol, "10.00", "10.02")
        now = f"{pd.Timestamp.now('UTC').ceil('min'):%Y-%m-%dT%H:%M:%SZ}"
        server.streams.data(path, {"T": "t", "S": symbol, "t": now, "p": 10.5, "s": 3, "i": 9, "x": "V", "tks": "B"})
        server.streams.data(path, {"T": "b", "S": symbol, "t": now, "o": 1, "h": 3, "l": 1, "c": 2, "v": 5})
        await until(lambda: len(heard["live"]) >= 3, "live data")
        kinds = {type(datum).__name__ for datum in heard["live"]}
        assert kinds == {"QuoteTick", "TradeTick", "Bar"}
        await until(lambda: len({type(datum).__name__ for datum in heard["past"]}) >= 3, "data of the past")
        assert node.cache.instrument(instrument_id) is not None
        tester.stop()  # TC-D70
        await until(lambda: not any(server.streams.subscribed(path).values()), "it listens no longer")

    run_node(node, scenario, actors=[tester])
    bars = [datum for datum in heard["past"] if type(datum).__name__ == "Bar"]
    assert len(bars) in (9, 10)
    assert all(bar.ts_event % 60_000_000_000 == 0 and bar.ts_init == bar.ts_event for bar in bars)
    assert server.streams.subscribed(path) == {}
