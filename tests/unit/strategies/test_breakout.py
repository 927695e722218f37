"""The breakout follows a price out of the range of its last hours while the market trends."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.decision import MarketState, PositionState, Side
from sagetrade_nautilus.model.readings import Regime
from strategies.breakout import NANOS_PER_HOUR, Breakout, BreakoutConfig, Range
from tests.support.engine import BTC
from tests.support.signals import composite, signal

TREND = {"regime": Regime.LOW_VOL_TRENDING}


def _plugin(hours: float = 2.0) -> Breakout:
    config = BreakoutConfig(range_hours=hours)
    plugin = Breakout(config)
    plugin.initialize(config)
    return plugin


def _heard(plugin: Breakout, *bars: tuple[float, float]) -> int:
    """Have the plugin hear one bar an hour, with these highs and lows; return when the next one closes."""
    for hour, (high, low) in enumerate(bars):
        plugin.on_market(MarketState(hour * NANOS_PER_HOUR, low, high, low, (), instrument_id=BTC))
    return len(bars) * NANOS_PER_HOUR


@pytest.mark.parametrize(
    ("price", "side"), [(102.1, "buy"), (102.0, None), (100.0, None), (98.0, None), (97.9, "sell")]
)
def test_what_leaves_the_range_is_followed(price: float, side: Side | None) -> None:
    plugin = _plugin()
    ts = _heard(plugin, (101.0, 99.0), (102.0, 98.0), (101.0, 99.0))
    decision = plugin.on_new_signal(signal(0.0, price, ts, **TREND))
    assert (decision and decision.side) == side
    if decision is not None:
        assert decision.fault(price) is None


def test_a_range_that_is_not_known_in_full_is_not_left() -> None:
    plugin = _plugin(hours=10.0)
    ts = _heard(plugin, (101.0, 99.0), (101.0, 99.0))
    assert plugin.on_new_signal(signal(0.0, 200.0, ts, **TREND)) is None


def test_an_extreme_that_is_too_old_is_forgotten() -> None:
    plugin = _plugin()
    ts = _heard(plugin, (150.0, 50.0), (101.0, 99.0), (101.0, 99.0), (101.0, 99.0))
    assert plugin.on_new_signal(signal(0.0, 110.0, ts, **TREND)) is not None


def test_a_market_that_only_ranges_is_left_alone() -> None:
    plugin = _plugin()
    ts = _heard(plugin, (101.0, 99.0), (101.0, 99.0), (101.0, 99.0))
    assert plugin.on_new_signal(signal(0.0, 200.0, ts, regime=Regime.HIGH_VOL_RANGING)) is None


@pytest.mark.parametrize(("side", "sign"), [("buy", -1.0), ("sell", 1.0)])
def test_the_stop_follows_the_price_at_its_distance(side: Side, sign: float) -> None:
    held = PositionState("t-1", side, 1.0, 100.0, 60.0, 0.0)
    (action,) = _plugin().on_tick(MarketState(0, 110.0, 111.0, 109.0, (held,), composite(0.0, 110.0)))
    assert action.stop_price == pytest.approx(110.0 * exp(sign * 0.01 * 24.0**0.5))


@given(
    st.lists(st.tuples(st.floats(90.0, 110.0), st.floats(0.0, 5.0)), min_size=1, max_size=40),
    st.integers(1, 12),
    st.floats(80.0, 120.0),
)
def test_the_range_is_that_of_the_bars_within_it(bars: list[tuple[float, float]], window: int, price: float) -> None:
    kept = Range(window)
    for ts, (low, width) in enumerate(bars):
        kept.add(ts, low + width, low)
    now = len(bars)
    within = [(low + width, low) for low, width in bars[max(now - window, 0) :]]
    expected = 0
    if now >= window:
        expected = (price > max(high for high, _ in within)) - (price < min(low for _, low in within))
    assert kept.left(now, price) == expected
