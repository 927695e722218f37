import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sagetrade_nautilus.model.information import (
    HorizonSample,
    average_ranks,
    forward_returns,
    information_coefficients,
    information_gain,
    quantile_means,
    value_at,
)

INTEGERS = arrays(np.float64, st.integers(1, 60), elements=st.integers(-5, 5).map(float))


@given(INTEGERS)
def test_ranks_agree_with_pandas_ties_included(values: np.ndarray) -> None:
    assert average_ranks(values).tolist() == pd.Series(values).rank().tolist()


def coefficient(x: np.ndarray, y: np.ndarray) -> float | None:
    """Return the coefficient of a score and later returns of one instrument."""
    sample = HorizonSample(y[None, :], {"score": x[None, :]}, block=1)
    found = information_coefficients(sample, 2, np.random.default_rng(0))["score"][0]
    return None if found is None else found.value


@given(st.integers(10, 80), st.integers(0, 2**32 - 1))
def test_the_coefficient_is_spearmans_as_pandas_has_it(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(-4, 5, n).astype(float), rng.normal(size=n)
    y[rng.random(n) < 0.1] = np.nan
    complete = np.isfinite(y)
    expected = pd.Series(x[complete]).rank().corr(pd.Series(y[complete]).rank())
    found = coefficient(x, y)
    if complete.sum() < 10 or not np.isfinite(expected):
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_the_coefficient_does_not_change_under_an_increasing_map(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=40), rng.normal(size=40)
    assert coefficient(np.exp(x), y**3) == pytest.approx(coefficient(x, y), abs=1e-12)


def test_a_constant_score_has_no_correlation() -> None:
    assert coefficient(np.zeros(50), np.arange(50.0)) is None


def test_value_at_gives_the_last_known_and_nothing_before_or_when_stale() -> None:
    ts, values = np.asarray([10, 20]), np.asarray([1.0, 2.0])
    found = value_at(ts, values, np.asarray([9, 10, 19, 20, 31]), max_age_ns=10)
    assert np.array_equal(found, [np.nan, 1.0, 1.0, 2.0, np.nan], equal_nan=True)


def test_forward_returns_need_a_price_at_both_ends() -> None:
    ts = np.asarray([0, 10, 20, 50])
    close = np.asarray([1.0, 2.0, 4.0, 8.0])
    found = forward_returns(ts, close, np.asarray([0, 10, 20, 40, 50]), 10, max_age_ns=9)
    assert np.array_equal(found, [np.log(2), np.log(2), np.nan, np.nan, np.nan], equal_nan=True)


def test_forward_returns_never_look_past_the_last_bar() -> None:
    ts = np.asarray([0, 10])
    assert np.isnan(forward_returns(ts, np.asarray([1.0, 2.0]), np.asarray([5]), 10, max_age_ns=9)).all()


def _sample(rng: np.random.Generator, times: int, link: float, instruments: int = 2) -> HorizonSample:
    score = rng.normal(size=(instruments, times))
    returns = link * score + rng.normal(size=(instruments, times))
    return HorizonSample(returns, {"composite": score, "quant": rng.normal(size=score.shape)}, block=20)


def test_a_score_that_leads_the_price_has_an_interval_above_zero_and_a_random_one_does_not() -> None:
    rng = np.random.default_rng(11)
    found = information_coefficients(_sample(rng, 4_000, 0.1), 500, rng)
    pooled, random = found["composite"][0], found["quant"][0]
    assert pooled is not None
    assert pooled.low is not None
    assert 0 < pooled.low < pooled.value < (pooled.high or 0)
    assert pooled.n == 8_000
    assert random is not None
    assert not random.excludes_zero


def test_the_pooled_coefficient_is_the_mean_of_the_instruments() -> None:
    rng = np.random.default_rng(12)
    pooled, *each = information_coefficients(_sample(rng, 500, 0.2), 50, rng)["composite"]
    assert pooled is not None
    assert pooled.value == pytest.approx(np.mean([part.value for part in each if part is not None]))


def test_resampling_fixed_ranks_comes_near_to_ranking_each_sample_anew() -> None:
    rng = np.random.default_rng(13)
    sample = _sample(rng, 600, 0.15, instruments=1)
    found = information_coefficients(sample, 800, np.random.default_rng(1))["composite"][0]
    exact = []
    for _ in range(800):
        starts = rng.integers(0, 600, 30)
        index = (starts[:, None] + np.arange(20)).ravel() % 600
        scores, returns = sample.scores["composite"][0, index], sample.returns[0, index]
        exact.append(pd.Series(scores).rank().corr(pd.Series(returns).rank()))
    assert found is not None
    assert found.standard_error == pytest.approx(np.std(exact), rel=0.1)


def test_two_instruments_that_move_as_one_are_no_more_evidence_than_one() -> None:
    rng = np.random.default_rng(14)
    one = _sample(rng, 2_000, 0.05, instruments=1)
    twin = HorizonSample(
        np.repeat(one.returns, 2, axis=0), {k: np.repeat(v, 2, axis=0) for k, v in one.scores.items()}, 20
    )
    single, double = (
        information_coefficients(sample, 300, np.random.default_rng(2))["composite"][0] for sample in (one, twin)
    )
    assert single is not None
    assert double is not None
    assert double.standard_error == pytest.approx(single.standard_error)


def test_the_gain_over_itself_is_exactly_nothing() -> None:
    rng = np.random.default_rng(15)
    sample = _sample(rng, 600, 0.1)
    same = HorizonSample(sample.returns, {"a": sample.scores["quant"], "b": sample.scores["quant"]}, 20)
    gain = information_gain(same, "a", "b", 100, rng)
    assert gain is not None
    assert (gain.value, gain.low, gain.high) == (0.0, 0.0, 0.0)
    assert not gain.excludes_zero


def test_a_score_that_was_never_there_has_no_estimate() -> None:
    sample = HorizonSample(np.ones((1, 50)), {"text": np.full((1, 50), np.nan)}, 5)
    assert information_coefficients(sample, 100, np.random.default_rng(0))["text"] == [None, None]


def test_a_missing_instrument_leaves_the_other_in_the_pool() -> None:
    rng = np.random.default_rng(16)
    sample = _sample(rng, 400, 0.2)
    sample.scores["composite"][1] = np.nan
    pooled, first, second = information_coefficients(sample, 50, rng)["composite"]
    assert second is None
    assert pooled == first


def test_quantile_means_rise_with_a_perfect_score() -> None:
    returns = np.arange(100.0)[None, :]
    means = quantile_means(HorizonSample(returns, {"s": returns}, 5), "s")
    assert means == (9.5, 29.5, 49.5, 69.5, 89.5)


def test_quantiles_that_equal_scores_leave_empty_are_none() -> None:
    means = quantile_means(HorizonSample(np.ones((1, 50)), {"s": np.zeros((1, 50))}, 5), "s")
    assert means == (None, None, 1.0, None, None)
