"""The rule of one exit: which instruments it is about, where the stop sells, and what becomes of it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.model.objects import Quantity

from sagetrade_nautilus.model.one_exit import (
    Stop,
    blur,
    can_be_sold,
    due,
    has_one_exit,
    is_dust,
    judge,
    stop_limit,
)
from sagetrade_nautilus.model.records import STOP_LOSS, TAKE_PROFIT

sizes = st.decimals("0", "1000", places=9)
prices = st.floats(0.01, 1e6)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BTC/USD.ALPACA", True),
        ("ETH/BTC.ALPACA", True),
        ("AAPL.ALPACA", False),
        ("BRK.B.ALPACA", False),
        ("BTC/USD.KRAKEN", False),
        ("BTCUSDT.BINANCE", False),
        ("", False),
    ],
)
def test_it_is_about_pairs_at_alpaca_alone(name: str, expected: bool) -> None:
    assert has_one_exit(name) is expected


@given(st.decimals("0.01", "1000000", places=2), st.floats(0.01, 9_999.0), st.sampled_from(["0.01", "0.5", "1"]))
def test_the_limit_lies_on_a_tick_and_never_above_what_was_asked(trigger: Decimal, bps: float, tick: str) -> None:
    limit = stop_limit(trigger, bps, Decimal(tick))
    assert limit % Decimal(tick) == 0
    assert limit == Decimal(tick) or limit <= trigger * (1 - Decimal(str(bps)) / 10_000)
    assert limit > 0
    assert limit == Decimal(tick) or trigger * (1 - Decimal(str(bps)) / 10_000) - limit < Decimal(tick)


@given(high=prices, now=prices, target=prices, worst=prices)
def test_a_position_is_sold_below_its_stop_before_all_and_at_its_take_profit_else(
    high: float, now: float, target: float, worst: float
) -> None:
    reached = due(high, now, target, worst)
    assert (reached == STOP_LOSS) == (now < worst)
    assert (reached == TAKE_PROFIT) == (now >= worst and high >= target)


@given(asked=sizes, share=st.decimals("0", "1", places=3), grown=sizes)
def test_a_stop_that_covers_the_position_is_kept_and_another_is_not(
    asked: Decimal, share: Decimal, grown: Decimal
) -> None:
    filled = (asked * share).quantize(Decimal("1e-9"))
    held = asked - filled + grown
    assert judge(asked, filled, asked - filled, held) is (Stop.RESIZED if grown else Stop.KEPT)


@given(st.lists(st.integers(1, 10**19), min_size=1, max_size=12), st.integers(0, 9))
def test_a_stop_for_what_is_there_is_kept_whatever_nautilus_makes_of_so_many_coins(
    steps: list[int], decimals: int
) -> None:
    """Its positions add floats up, and its sizes are made of them."""
    fills = [Decimal(count).scaleb(-decimals) for count in steps]
    there = sum(fills, Decimal(0))
    signed = 0.0
    for fill in fills:
        signed = round(signed + float(fill), decimals)
    if there < 10**13:  # beyond which Nautilus has no size
        held = Quantity(signed, decimals).as_decimal()
        assert judge(held, Decimal(0), there, held) is Stop.KEPT
        assert blur(held) < held / 10**13 * 2


@given(asked=sizes, filled=sizes, lost=st.decimals("0.000000001", "1", places=9))
def test_a_stop_that_somebody_made_smaller_cannot_be_had_in_full(
    asked: Decimal, filled: Decimal, lost: Decimal
) -> None:
    held = asked - filled
    assert judge(asked, filled, held - lost, held) is Stop.CUT


@given(bought=sizes, least=st.decimals("0.000000001", "1", places=9), fee=st.decimals("0", "0.01", places=4))
def test_what_is_bought_is_no_dust_whatever_its_fee(bought: Decimal, least: Decimal, fee: Decimal) -> None:
    if can_be_sold(bought, least):
        assert not is_dust(bought * (1 - fee), least)
