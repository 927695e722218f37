"""Our own statistics against pandas and NumPy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagetrade_nautilus.model.price_stats import (
    EfficiencyRatio,
    RealizedVolatility,
    RollingReturn,
    VwapDeviation,
    ZScore,
)

price_lists = st.lists(st.floats(min_value=1.0, max_value=1e5), min_size=30, max_size=90)
return_lists = st.lists(st.floats(min_value=-0.2, max_value=0.2), min_size=30, max_size=90)
lengths = st.integers(min_value=2, max_value=14)


@settings(deadline=None)
@given(price_lists, lengths)
def test_zscore_is_the_distance_from_the_mean_in_deviations(prices: list[float], length: int) -> None:
    """The z-score is (x - mean) / std of its own window, and bounded by sqrt(length - 1)."""
    zscore = ZScore(length)
    got = [zscore.update(price) for price in prices]
    for end in range(length, len(prices) + 1):
        window = np.array(prices[end - length : end])
        if window.std() > 1e-6:
            assert got[end - 1] == pytest.approx((window[-1] - window.mean()) / window.std(), abs=1e-6)
        assert abs(got[end - 1]) <= np.sqrt(length - 1) * (1 + 1e-6)
    assert zscore.ready
    assert zscore.value == got[-1]


def test_zscore_of_a_flat_price_is_zero() -> None:
    zscore = ZScore(5)
    assert [zscore.update(0.1) for _ in range(12)] == [0.0] * 12


@settings(deadline=None)
@given(return_lists, lengths)
def test_realized_volatility_is_the_sample_deviation(returns: list[float], length: int) -> None:
    """Realised volatility is NumPy's sample deviation (ddof=1) of the window, once that is full."""
    volatility = RealizedVolatility(length)
    got = [volatility.update(value) for value in returns]
    expected = [np.std(returns[end - length : end], ddof=1) for end in range(length, len(returns) + 1)]
    assert got[length - 1 :] == pytest.approx(expected, abs=1e-9)
    assert volatility.value == got[-1]
    assert volatility.ready


@settings(deadline=None)
@given(return_lists, lengths)
def test_rolling_return_is_the_sum_of_log_returns(returns: list[float], length: int) -> None:
    rolling = RollingReturn(length)
    for end, value in enumerate(returns, start=1):
        got = rolling.update(value)
        assert got == rolling.value == pytest.approx(sum(returns[max(0, end - length) : end]), abs=1e-12)
        assert rolling.ready == (end >= length)


@settings(deadline=None)
@given(return_lists, lengths)
def test_efficiency_is_the_net_move_over_the_path(returns: list[float], length: int) -> None:
    """The efficiency ratio is |sum| / sum|.| of its window, in [0, 1]."""
    efficiency = EfficiencyRatio(length)
    for end, value in enumerate(returns, start=1):
        window = np.array(returns[max(0, end - length) : end])
        path = np.abs(window).sum()
        got = efficiency.update(value)
        assert 0.0 <= got <= 1.0
        if path > 1e-6:
            assert got == pytest.approx(abs(window.sum()) / path, abs=1e-8)
        assert efficiency.ready == (end >= length)


def test_efficiency_knows_a_line_from_a_standstill() -> None:
    """A straight line has efficiency 1, a price that swings back 0, and one that stands still 0."""

    def last(returns: list[float]) -> float:
        efficiency = EfficiencyRatio(8)
        return [efficiency.update(value) for value in returns][-1]

    assert last([0.01] * 20) == pytest.approx(1.0)
    assert last([-0.01] * 20) == pytest.approx(1.0)
    assert last([0.01, -0.01] * 10) == pytest.approx(0.0, abs=1e-9)
    assert last([0.01] * 8 + [0.0] * 8) == 0.0


bars = st.lists(
    st.tuples(
        st.floats(min_value=10.0, max_value=1e4),
        st.floats(min_value=0.0, max_value=5.0),
        st.floats(min_value=0.0, max_value=5.0),
        st.one_of(st.just(0.0), st.floats(min_value=1e-3, max_value=1e4)),
    ),
    min_size=12,
    max_size=60,
)


@settings(max_examples=30, deadline=None)
@given(bars, lengths)
def test_vwap_deviation_weighs_prices_by_volume(rows: list[tuple[float, ...]], length: int) -> None:
    """The deviation is close / VWAP - 1 over the window; a window without volume has none."""
    frame = pd.DataFrame(rows, columns=["close", "up", "down", "volume"])
    frame["high"], frame["low"] = frame.close + frame.up, frame.close - frame.down
    typical = (frame.high + frame.low + frame.close) / 3.0
    deviation = VwapDeviation(length)
    for end, row in enumerate(frame.itertuples(), start=1):
        window = slice(max(0, end - length), end)
        volume = frame.volume[window].sum()
        vwap = (typical * frame.volume)[window].sum() / volume if volume > 0 else row.close
        got = deviation.update(row.high, row.low, row.close, row.volume)
        assert got == pytest.approx(row.close / vwap - 1.0, abs=1e-9)
        assert deviation.ready == (end >= length)


def test_long_runs_bring_no_drift() -> None:
    """After 260,000 returns every statistic equals one that saw the last window alone, to 1e-9."""
    returns = np.random.default_rng(3).normal(0.0, 1e-3, 260_000).tolist()
    for make in (RealizedVolatility, RollingReturn, EfficiencyRatio, ZScore):
        old, fresh = make(36), make(36)
        for value in returns:
            old.update(value)
        for value in returns[-36:]:
            fresh.update(value)
        assert old.value == pytest.approx(fresh.value, rel=1e-9, abs=1e-15), make.__name__
