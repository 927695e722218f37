from math import inf, isfinite, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sagetrade_nautilus.model.performance import (
    cagr,
    daily_closes,
    max_drawdown,
    sharpe,
    simple_returns,
    sortino,
    underwater,
    volatility,
)
from sagetrade_nautilus.nanos import NANOS_PER_DAY

RETURNS = arrays(np.float64, st.integers(0, 60), elements=st.floats(-0.5, 0.5))
VALUES = arrays(np.float64, st.integers(1, 60), elements=st.floats(1.0, 1e6))


def test_sharpe_and_volatility_agree_with_pandas() -> None:
    returns = np.random.default_rng(1).normal(0.001, 0.02, 200)
    series = pd.Series(returns)
    assert sharpe(returns) == pytest.approx(series.mean() / series.std() * sqrt(365))
    assert volatility(returns) == pytest.approx(series.std() * sqrt(365))


def test_sortino_counts_only_what_lies_below_zero() -> None:
    returns = np.asarray([0.02, -0.01, 0.03, -0.02] * 3)
    downside = sqrt((0.01**2 + 0.02**2) / 4)
    assert sortino(returns) == pytest.approx(0.005 / downside * sqrt(365))


@pytest.mark.parametrize("returns", [[], [0.01], [0.0] * 20, [0.001] * 20])
def test_without_variation_there_is_no_ratio(returns: list[float]) -> None:
    assert sharpe(np.asarray(returns)) is None


def test_sortino_without_a_loss_is_none() -> None:
    assert sortino(np.asarray([0.01, 0.02] * 9)) is None


def test_nine_days_are_not_made_into_a_year() -> None:
    returns = np.random.default_rng(2).normal(0.0, 0.02, 10)
    for figure in (sharpe, sortino, volatility):
        assert figure(returns[:9]) is None
        assert figure(returns) is not None


@given(RETURNS)
def test_no_ratio_is_ever_nan_or_infinite(returns: np.ndarray) -> None:
    for figure in (sharpe(returns), sortino(returns), volatility(returns)):
        assert figure is None or isfinite(figure)


@given(RETURNS.filter(lambda r: r.size >= 2))
def test_sharpe_keeps_its_value_when_all_returns_are_scaled(returns: np.ndarray) -> None:
    plain, scaled = sharpe(returns), sharpe(3.0 * returns)
    if plain is not None and np.std(returns) > 1e-9:
        assert scaled == pytest.approx(plain)


def test_daily_closes_give_the_bar_at_midnight_to_the_day_that_it_ends() -> None:
    ts = np.asarray([NANOS_PER_DAY // 2, NANOS_PER_DAY, NANOS_PER_DAY + 1, 2 * NANOS_PER_DAY])
    days, closes = daily_closes(ts, np.asarray([1.0, 2.0, 3.0, 4.0]), 9.0)
    assert days.tolist() == [0, 1]
    assert closes.tolist() == [9.0, 2.0, 4.0]


def test_a_day_without_bars_carries_the_last_value_on() -> None:
    ts = np.asarray([NANOS_PER_DAY, 4 * NANOS_PER_DAY])
    days, closes = daily_closes(ts, np.asarray([2.0, 5.0]), 1.0)
    assert days.tolist() == [0, 1, 2, 3]
    assert closes.tolist() == [1.0, 2.0, 2.0, 2.0, 5.0]


def test_returns_stop_where_the_account_is_ruined() -> None:
    assert simple_returns(np.asarray([100.0, 50.0, -10.0, 5.0])).tolist() == [-0.5, -1.2]


def test_cagr_doubles_in_a_year() -> None:
    assert cagr(100.0, 200.0, 365) == pytest.approx(1.0)
    assert cagr(100.0, 121.0, 730) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("start", "end", "days"), [(1.0, 2.0, 29), (1.0, 0.0, 99), (1.0, -3.0, 99), (1e-300, 1e300, 30)]
)
def test_cagr_is_none_where_it_would_mislead(start: float, end: float, days: float) -> None:
    assert cagr(start, end, days) is None


def test_drawdown_of_a_known_curve() -> None:
    day = 86_400 * 10**9
    ts = day * np.arange(1, 8)
    fall = max_drawdown(ts, np.asarray([100.0, 120.0, 90.0, 110.0, 121.0, 100.0, 110.0]), 100.0)
    assert fall.depth == pytest.approx(0.25)
    assert fall.longest_s == 3 * 86_400


def test_a_curve_that_starts_below_the_starting_balance_is_under_water_from_the_first_bar() -> None:
    ts = 10**9 * np.arange(3)
    fall = max_drawdown(ts, np.asarray([90.0, 95.0, 99.0]), 100.0)
    assert fall.depth == pytest.approx(0.1)
    assert fall.longest_s == 2


def test_a_gap_in_the_data_at_a_peak_is_no_drawdown() -> None:
    ts = 10**9 * np.asarray([0, 1, 1_000, 1_001, 1_002])
    assert max_drawdown(ts, np.asarray([1.0, 2.0, 3.0, 2.9, 3.0]), 1.0).longest_s == 2


@given(VALUES)
def test_a_rising_curve_has_no_drawdown(values: np.ndarray) -> None:
    rising = np.maximum.accumulate(values)
    fall = max_drawdown(np.arange(rising.size), rising, float(rising[0]))
    assert (fall.depth, fall.longest_s) == (0.0, 0.0)


@given(VALUES)
def test_drawdown_agrees_with_comparing_every_pair(values: np.ndarray) -> None:
    start = float(values[0])
    depth = max(1 - values[j] / max([start, *values[: j + 1]]) for j in range(values.size))
    assert max_drawdown(np.arange(values.size), values, start).depth == pytest.approx(depth)
    assert (underwater(values, start) <= 0).all()
    assert inf not in underwater(values, start)
