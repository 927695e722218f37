"""Every order type is made as it was asked for, with sizes rounded down and prices never worse than asked."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OrderType, TimeInForce, TrailingOffsetType
from nautilus_trader.model.orders import Order
from nautilus_trader.test_kit.stubs.identifiers import TestIdStubs

from catalog.instruments import instrument_for
from sagetrade_nautilus.errors import OrderError
from sagetrade_nautilus.execution.order_types import ORDER_TYPES, make_order, read_params, whole_steps

BTC = instrument_for("BTCUSDT.BINANCE")
SPY = instrument_for("SPY.ARCA")
NOW = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)
FACTORY = OrderFactory(TestIdStubs.trader_id(), TestIdStubs.strategy_id(), TestClock())


def make(kind: str, params: dict[str, Any], side: str = "buy", qty: Any = "0.1") -> Order:
    return make_order(FACTORY, BTC, side, qty, kind, read_params(kind, params), NOW)


NEEDED: dict[str, dict[str, Any]] = {
    "market": {},
    "limit": {"price": 40_000},
    "market_to_limit": {},
    "stop_market": {"trigger_price": 39_000},
    "stop_limit": {"price": 39_000, "trigger_price": 39_100},
    "market_if_touched": {"trigger_price": 39_000},
    "limit_if_touched": {"price": 39_000, "trigger_price": 39_100},
    "trailing_stop_market": {"trailing_offset": 50},
    "trailing_stop_limit": {"trailing_offset": 50, "limit_offset": 10},
}


@pytest.mark.parametrize("kind", ORDER_TYPES)
def test_every_type_is_made_with_what_it_needs_and_keeps_what_it_is_told(kind: str) -> None:
    order = make(kind, {**NEEDED[kind], "tags": ["t-1", "entry"], "reduce_only": True, "time_in_force": "day"})
    assert order.order_type == OrderType[kind.upper()]
    assert (order.quantity, order.tags, order.is_reduce_only) == (BTC.make_qty(0.1), ["t-1", "entry"], True)
    assert order.time_in_force == TimeInForce.DAY


@pytest.mark.parametrize("kind", [kind for kind in ORDER_TYPES if NEEDED[kind]])
def test_what_a_type_needs_must_be_given(kind: str) -> None:
    for name in NEEDED[kind]:
        left = {key: value for key, value in NEEDED[kind].items() if key != name}
        with pytest.raises(OrderError, match=f"missing required field `{name}`"):
            make(kind, left)


@pytest.mark.parametrize("kind", ORDER_TYPES)
def test_what_a_type_does_not_know_is_refused(kind: str) -> None:
    with pytest.raises(OrderError, match="unknown field `prize`"):
        make(kind, {**NEEDED[kind], "prize": 1.0})


def test_post_only_display_and_expiry_reach_the_order() -> None:
    asked = {"price": 40_000, "post_only": True, "display_qty": "0.05", "time_in_force": "gtd", "expire_in_s": 30.0}
    order = make("limit", asked)
    assert (order.is_post_only, order.display_qty) == (True, BTC.make_qty(0.05))
    assert order.expire_time == NOW + dt.timedelta(seconds=30)


def test_a_trailing_stop_keeps_its_offset_and_its_kind() -> None:
    asked = {"trailing_offset": "25", "trailing_offset_type": "basis_points", "activation_price": 40_100}
    order = make("trailing_stop_market", asked, side="sell")
    assert (order.trailing_offset, order.trailing_offset_type) == (Decimal(25), TrailingOffsetType.BASIS_POINTS)
    assert order.activation_price == BTC.make_price(40_100)


def test_an_algorithm_is_named_with_its_parameters() -> None:
    order = make("limit", {"price": 40_000, "algorithm": "MICRO", "algorithm_params": {"cap": "40010.00"}})
    assert (order.exec_algorithm_id.value, order.exec_algorithm_params) == ("MICRO", {"cap": "40010.00"})


@pytest.mark.parametrize("value", ["-1", 0, "NaN", "Infinity"])
@pytest.mark.parametrize(("kind", "name"), [("limit", "price"), ("stop_market", "trigger_price")])
def test_a_price_that_is_no_number_above_0_is_refused(kind: str, name: str, value: Any) -> None:
    with pytest.raises(OrderError, match=f"{name} must be a number above 0"):
        make(kind, {name: value})


@given(st.decimals("0.01", "200000", places=5), st.sampled_from(("buy", "sell")))
def test_a_price_is_never_worse_than_asked_and_less_than_a_tick_away(price: Decimal, side: str) -> None:
    made = make("limit", {"price": price}, side=side, qty=1).price.as_decimal()
    away = price - made if side == "buy" else made - price
    assert 0 <= away < BTC.price_increment.as_decimal()


@given(st.decimals("0.00001", "1000000", places=9) | st.floats(1e-5, 1e6), st.sampled_from((BTC, SPY)))
def test_a_quantity_is_rounded_down_to_a_step_or_refused(asked: Any, instrument: Any) -> None:
    wish, step = Decimal(str(asked)), instrument.size_increment.as_decimal()
    if wish < step:
        with pytest.raises(OrderError, match="below the minimum"):
            whole_steps(asked, instrument)
        return
    made = whole_steps(asked, instrument).as_decimal()
    assert made % step == 0
    assert made <= wish < made + step
