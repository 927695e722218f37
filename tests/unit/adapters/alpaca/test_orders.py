"""Nautilus's orders as Alpaca's: what is sent for each, and what is refused before it leaves."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.enums import (
    ContingencyType,
    OrderSide,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, OrderListId, StrategyId, TraderId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import LimitOrder, Order, StopMarketOrder

from adapters.alpaca.orders import Habits, base_id, change_number, list_bodies, order_body, replacement_body
from adapters.alpaca.parsing import plain
from sagetrade_nautilus.errors import OrderError

AAPL, BTC = InstrumentId.from_str("AAPL.ALPACA"), InstrumentId.from_str("BTC/USD.ALPACA")
BUY, SELL = OrderSide.BUY, OrderSide.SELL
DAY, GTC, IOC, FOK, GTD = TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD
OPEN, CLOSE = TimeInForce.AT_THE_OPEN, TimeInForce.AT_THE_CLOSE
FACTORY = OrderFactory(TraderId("T-1"), StrategyId("S-1"), TestClock())
PX, TRIGGER = Price.from_str("100.50"), Price.from_str("99.00")
HABITS = Habits()


def qty(text: str = "3") -> Quantity:
    return Quantity.from_str(text)


def market(tif: TimeInForce = DAY, instrument_id: InstrumentId = AAPL, amount: str = "3", **more: Any) -> Order:
    return FACTORY.market(instrument_id, BUY, qty(amount), time_in_force=tif, **more)


def limit(tif: TimeInForce = DAY, instrument_id: InstrumentId = AAPL, amount: str = "3", **more: Any) -> Order:
    return FACTORY.limit(instrument_id, SELL, qty(amount), PX, time_in_force=tif, **more)


def stop(tif: TimeInForce = DAY, instrument_id: InstrumentId = AAPL, **more: Any) -> Order:
    return FACTORY.stop_market(instrument_id, SELL, qty(), TRIGGER, time_in_force=tif, **more)


def stop_limit(tif: TimeInForce = DAY, instrument_id: InstrumentId = AAPL) -> Order:
    return FACTORY.stop_limit(instrument_id, BUY, qty(), PX, TRIGGER, time_in_force=tif)


def trailing(kind: TrailingOffsetType, tif: TimeInForce = DAY, **more: Any) -> Order:
    offset = Decimal("1.5") if kind == TrailingOffsetType.PRICE else Decimal(150)
    return FACTORY.trailing_stop_market(AAPL, SELL, qty(), offset, trailing_offset_type=kind, time_in_force=tif, **more)


@pytest.mark.parametrize(
    ("order", "sent"),
    [
        (market(), {"type": "market", "side": "buy", "time_in_force": "day"}),
        (limit(GTC), {"type": "limit", "side": "sell", "limit_price": "100.5", "time_in_force": "gtc"}),
        (limit(IOC), {"type": "limit", "side": "sell", "limit_price": "100.5", "time_in_force": "ioc"}),
        (limit(FOK), {"type": "limit", "side": "sell", "limit_price": "100.5", "time_in_force": "fok"}),
        (limit(OPEN), {"type": "limit", "side": "sell", "limit_price": "100.5", "time_in_force": "opg"}),
        (market(CLOSE), {"type": "market", "side": "buy", "time_in_force": "cls"}),
        (stop(GTC), {"type": "stop", "side": "sell", "stop_price": "99", "time_in_force": "gtc"}),
        (
            stop_limit(),
            {"type": "stop_limit", "side": "buy", "stop_price": "99", "limit_price": "100.5", "time_in_force": "day"},
        ),
        (
            trailing(TrailingOffsetType.PRICE),
            {"type": "trailing_stop", "side": "sell", "trail_price": "1.5", "time_in_force": "day"},
        ),
        (
            trailing(TrailingOffsetType.BASIS_POINTS, GTC),
            {"type": "trailing_stop", "side": "sell", "trail_percent": "1.5", "time_in_force": "gtc"},
        ),
    ],
)
def test_each_type_and_time_in_force_is_sent_as_alpaca_names_it(order: Order, sent: dict[str, str]) -> None:
    fixed = {"symbol": "AAPL", "qty": "3", "client_order_id": order.client_order_id.value}
    assert order_body(order, HABITS) == fixed | sent


def test_crypto_parts_of_shares_and_amounts_of_money() -> None:
    coin = order_body(limit(GTC, BTC, "0.000020000"), HABITS)
    assert (coin["symbol"], coin["qty"]) == ("BTC/USD", "0.00002")
    assert order_body(market(DAY, amount="0.5"), HABITS)["qty"] == "0.5"
    money = order_body(market(DAY, amount="25.50", quote_quantity=True), HABITS)
    assert money["notional"] == "25.5"
    assert "qty" not in money


def test_what_closes_a_part_of_a_share_is_sent_for_the_day_whoever_sends_it() -> None:
    """The guard's own closing orders name no time in force."""
    assert order_body(market(GTC, amount="0.5", reduce_only=True), HABITS)["time_in_force"] == "day"
    assert order_body(market(GTC, amount="2", reduce_only=True), HABITS)["time_in_force"] == "gtc"
    assert order_body(market(GTC, BTC, "0.5", reduce_only=True), HABITS)["time_in_force"] == "gtc"
    with pytest.raises(OrderError, match="for the DAY only"):
        order_body(limit(GTC, amount="0.5", reduce_only=True), HABITS)


def test_extended_hours_are_a_habit_that_an_order_may_break() -> None:
    late = Habits(extended_hours=True)
    assert order_body(limit(), late)["extended_hours"] is True
    assert order_body(limit(), HABITS, extended_hours=True)["extended_hours"] is True
    for order, own in ((limit(), False), (limit(GTC), None), (market(), None), (stop(), None)):
        assert "extended_hours" not in order_body(order, late, own)
    with pytest.raises(OrderError, match="only limit orders with DAY"):
        order_body(market(), HABITS, extended_hours=True)


def test_an_order_that_ends_at_a_time_rests_only_if_somebody_ends_it() -> None:
    clock = TestClock()
    clock.set_time(1)
    order = limit(GTD, expire_time=clock.utc_now() + timedelta(days=1))
    with pytest.raises(OrderError, match="gtd_as_gtc"):
        order_body(order, HABITS)
    assert order_body(order, Habits(gtd_as_gtc=True))["time_in_force"] == "gtc"


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (FACTORY.market_if_touched(AAPL, BUY, qty(), TRIGGER), "have Nautilus emulate it"),
        (FACTORY.limit_if_touched(AAPL, BUY, qty(), PX, TRIGGER), "have Nautilus emulate it"),
        (FACTORY.market_to_limit(AAPL, BUY, qty()), "have Nautilus emulate it"),
        (limit(post_only=True), "could take liquidity"),
        (limit(display_qty=qty("1")), "shows the whole"),
        (stop(trigger_type=TriggerType.BID_ASK), "leave `trigger_type`"),
        (market(GTC, amount="0.5"), "for the DAY only"),
        (market(GTC, amount="50", quote_quantity=True), "for the DAY only"),
        (limit(DAY, amount="50", quote_quantity=True), "market orders only"),
        (stop(GTC, BTC), "STOP_LIMIT it has"),
        (limit(DAY, BTC), "GTC or IOC"),
        (limit(FOK, BTC), "GTC or IOC"),
        (trailing(TrailingOffsetType.TICKS), "PRICE or BASIS_POINTS"),
        (trailing(TrailingOffsetType.PRICE, activation_price=PX), "trails from the first moment"),
        (limit(client_order_id=ClientOrderId("a~1")), "client order id"),
        (limit(client_order_id=ClientOrderId("a" * 120)), "client order id"),
    ],
)
def test_what_alpaca_has_nothing_for_is_refused_with_the_way_out(order: Order, why: str) -> None:
    with pytest.raises(OrderError, match=why):
        order_body(order, HABITS)


def bracket(instrument_id: InstrumentId = AAPL, amount: str = "3", **more: Any) -> list[Order]:
    prices = {"tp_price": Price.from_str("110.00"), "sl_trigger_price": TRIGGER, "tp_post_only": False}
    found: list[Order] = FACTORY.bracket(instrument_id, BUY, qty(amount), **prices, **more).orders
    return found


def exits(kind: type = StopMarketOrder, **more: Any) -> list[Order]:
    names = ClientOrderId("stop-1"), ClientOrderId("target-1")
    shared: dict[str, Any] = {
        "trader_id": TraderId("T-1"),
        "strategy_id": StrategyId("S-1"),
        "instrument_id": AAPL,
        "order_side": SELL,
        "quantity": qty(),
        "ts_init": 0,
        "time_in_force": GTC,
        "contingency_type": ContingencyType.OUO,
        "order_list_id": OrderListId("L-1"),
    } | more
    first = StopMarketOrder(
        client_order_id=names[0],
        init_id=UUID4(),
        trigger_price=TRIGGER,
        trigger_type=TriggerType.DEFAULT,
        linked_order_ids=[names[1]],
        **shared,
    )
    second = LimitOrder(client_order_id=names[1], init_id=UUID4(), price=PX, linked_order_ids=[names[0]], **shared)
    return [first, second]


def test_an_entry_with_two_exits_is_one_bracket() -> None:
    orders = bracket(entry_order_type=OrderType.LIMIT, entry_price=PX)
    [(body, sent)] = list_bodies(orders, HABITS)
    assert sent[0] is orders[0]
    assert set(sent) == set(orders)
    assert body["client_order_id"] == orders[0].client_order_id.value
    assert (body["order_class"], body["type"], body["side"]) == ("bracket", "limit", "buy")
    assert (body["take_profit"], body["stop_loss"]) == ({"limit_price": "110"}, {"stop_price": "99"})


def test_a_bracket_of_our_own_strategies_is_sent_whole_with_an_entry_that_they_end_themselves() -> None:
    moment = TestClock().utc_now() + timedelta(days=1)
    orders = bracket(entry_order_type=OrderType.LIMIT, entry_price=PX, time_in_force=GTD, expire_time=moment)
    [(body, _)] = list_bodies(orders, Habits(gtd_as_gtc=True))
    assert (body["order_class"], body["time_in_force"]) == ("bracket", "gtc")
    with pytest.raises(OrderError, match="gtd_as_gtc"):
        list_bodies(orders, HABITS)


def test_an_entry_with_one_exit_and_two_exits_alone() -> None:
    entry, stop_loss, _ = bracket()
    [(body, _)] = list_bodies([entry, stop_loss], HABITS)
    assert (body["order_class"], "take_profit" in body, body["stop_loss"]) == ("oto", False, {"stop_price": "99"})
    pair = exits()
    [(body, sent)] = list_bodies(pair, HABITS)
    assert (body["order_class"], body["side"], body["client_order_id"]) == ("oco", "sell", "target-1")
    assert (body["take_profit"], body["stop_loss"]) == ({"limit_price": "100.5"}, {"stop_price": "99"})
    assert sent == [pair[1], pair[0]]


def test_orders_that_know_nothing_of_one_another_are_sent_one_by_one() -> None:
    assert [len(sent) for _, sent in list_bodies([limit(), market()], HABITS)] == [1, 1]


@pytest.mark.parametrize(
    ("orders", "why"),
    [
        (bracket(BTC), "no brackets for crypto"),
        (bracket(amount="2.5"), "whole shares"),
        (bracket(time_in_force=IOC), "one time in force"),
        (bracket(time_in_force=DAY), "one time in force"),
        (bracket()[1:] + bracket()[:1] + bracket()[2:], "Alpaca has brackets of"),
        (bracket(entry_order_type=OrderType.STOP_LIMIT, entry_price=PX, entry_trigger_price=PX), "market or a limit"),
        ([bracket()[0]], "Alpaca has brackets of"),
        ([exits()[0], exits()[0]], "Alpaca has brackets of"),
        ([exits()[0], exits(order_side=BUY)[1]], "Alpaca has brackets of"),
        ([exits()[0], exits(quantity=qty("2"))[1]], "one quantity"),
    ],
)
def test_other_lists_are_refused_whole(orders: list[Order], why: str) -> None:
    with pytest.raises(OrderError, match=why):
        list_bodies(orders, HABITS)


def change(order: Order, **what: Any) -> ModifyOrder:
    fields = {"quantity": None, "price": None, "trigger_price": None} | what
    place = (order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, None)
    return ModifyOrder(*place, fields["quantity"], fields["price"], fields["trigger_price"], UUID4(), 0)


def test_a_change_sends_what_changes_and_nothing_else() -> None:
    order = stop_limit()
    found = replacement_body(order, change(order, quantity=qty("5"), price=PX, trigger_price=PX), Decimal(0))
    assert found == {"qty": "5", "stop_price": "100.5"}
    assert replacement_body(limit(), change(limit(), price=TRIGGER), Decimal(1)) == {"limit_price": "99"}


@pytest.mark.parametrize(
    ("order", "what", "executed"),
    [
        (limit(), {}, 0),
        (limit(), {"price": PX}, 0),
        (limit(), {"quantity": qty("5")}, 1),
        (limit(amount="1.5"), {"quantity": qty("2")}, 0),
        (limit(), {"quantity": qty("2.5")}, 0),
        (market(amount="50", quote_quantity=True), {"quantity": qty("60")}, 0),
        (trailing(TrailingOffsetType.PRICE), {"trigger_price": PX}, 0),
    ],
)
def test_a_change_that_alpaca_would_not_make_is_refused(order: Order, what: dict[str, Any], executed: int) -> None:
    with pytest.raises(OrderError):
        replacement_body(order, change(order, **what), Decimal(executed))


@pytest.mark.parametrize("tif", [OPEN, CLOSE])
def test_nautilus_itself_makes_no_stop_for_an_auction(tif: TimeInForce) -> None:
    for make in (stop, stop_limit, lambda tif: trailing(TrailingOffsetType.PRICE, tif)):
        with pytest.raises(ValueError, match="time_in_force"):
            make(tif)


@pytest.mark.parametrize(("name", "base", "number"), [("O-1", "O-1", 0), ("O-1~12", "O-1", 12), ("x~y", "x", 0)])
def test_a_replacement_is_named_after_ours(name: str, base: str, number: int) -> None:
    assert (base_id(name), change_number(name)) == (base, number)


@pytest.mark.parametrize(("number", "text"), [("1.500", "1.5"), ("100", "100"), ("1E-9", "0.000000001"), ("0.0", "0")])
def test_numbers_are_plain(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


def test_anothers_id_in_other_letters_is_told_in_ascii() -> None:
    assert base_id("\u00e9t\u00e9") == "\\u00e9t\\u00e9"
