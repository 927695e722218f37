"""The figures of the papers come out, and every formula keeps its promises."""

from itertools import combinations
from math import e, inf, sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.overfitting import (
    Track,
    backtest_overfitting,
    deflated_sharpe,
    expected_maximum,
    gain,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_ratios,
    track,
    trials_variance,
)

DAILY = sqrt(250)
SEASONAL = Track(n=1_250, sharpe=2.5 / DAILY, skewness=-3.0, kurtosis=10.0)
"""Bailey and Lopez de Prado, "The Deflated Sharpe Ratio" (2014), "A Numerical Example": five years of daily returns."""
FUND = Track(n=24, sharpe=0.458, skewness=-2.448, kurtosis=10.164)
"""The same, "The Sharpe Ratio Efficient Frontier" (2012), its example of a hedge fund with 24 monthly returns."""

sharpes = st.floats(-1.0, 1.0)
tracks = st.builds(
    Track, n=st.integers(10, 5_000), sharpe=sharpes, skewness=st.floats(-3.0, 3.0), kurtosis=st.floats(10.0, 30.0)
)


def test_the_deflated_sharpe_ratio_of_the_papers_example() -> None:
    """100 trials whose annualised ratios have a variance of 1/2: SR0 = 0.1132 a day, DSR = 0.9004."""
    assert sqrt(0.5 / 250) * expected_maximum(100) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(SEASONAL, 100, 0.5 / 250) == pytest.approx(0.9004, abs=5e-5)


def test_fewer_trials_or_normal_returns_would_have_passed_as_the_paper_says() -> None:
    """DSR = 0.9505 for 46 trials; and with normal returns for 88."""
    assert deflated_sharpe(SEASONAL, 46, 0.5 / 250) == pytest.approx(0.9505, abs=5e-5)
    assert deflated_sharpe(Track(1_250, 2.5 / DAILY), 88, 0.5 / 250) == pytest.approx(0.9505, abs=5e-5)


def test_the_probabilistic_sharpe_ratio_of_the_papers_fund() -> None:
    """PSR(0) = 0.982 if its returns were normal, and 0.913 as they are skewed and fat-tailed."""
    assert probabilistic_sharpe(Track(24, 0.458)) == pytest.approx(0.982, abs=5e-4)
    assert probabilistic_sharpe(FUND) == pytest.approx(0.913, abs=5e-4)


@pytest.mark.parametrize(("periods", "years"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_the_minimum_track_record_of_the_paper(periods: int, years: float) -> None:
    """An annualised 2 that is to exceed 1 at 95%: 2.73 years of daily, 2.83 of weekly, 3.24 of monthly returns."""
    record = Track(n=100, sharpe=2.0 / sqrt(periods))
    assert minimum_track_record(record, 1.0 / sqrt(periods)) / periods == pytest.approx(years, abs=5e-3)


def test_the_expected_maximum_of_the_papers_on_false_discoveries() -> None:
    """Bailey, Borwein, Lopez de Prado and Zhu, "Pseudo-Mathematics and Financial Charlatanism", Notices AMS 61, 2014.

    E[max] is 1.57 for 10 trials, and five years are enough for no more than 45 if 1 must not be expected by luck.
    """
    assert expected_maximum(10) == pytest.approx(1.57, abs=5e-3)
    assert expected_maximum(45) ** 2 == pytest.approx(5.0, abs=5e-3)


@pytest.mark.parametrize("trials", [2, 10, 100, 1_000])
def test_the_expected_maximum_is_near_that_of_drawn_values(trials: int) -> None:
    drawn = np.random.default_rng(1).normal(size=(4_000, trials)).max(axis=1).mean()
    assert expected_maximum(trials) == pytest.approx(drawn, abs=0.06)


def test_one_trial_is_not_deflated() -> None:
    assert expected_maximum(1) == 0.0
    assert deflated_sharpe(FUND, 1, 0.5) == probabilistic_sharpe(FUND)


def test_a_full_overfit_is_found_as_in_the_papers_first_case() -> None:
    """The first test case of "The Probability of Backtest Overfitting": 100 trials with one and the same Sharpe ratio.

    What one half of the days has, the other lacks, so the best of one is the worst of the other: PBO = 1, as the R
    package `pbo` prints for it too (its vignette, 2,400 days, 8 blocks).
    """
    drawn = np.random.default_rng(765).normal(size=(2_400, 100))
    same = (drawn - drawn.mean(axis=0)) / drawn.std(axis=0, ddof=1) / sqrt(252)
    assert backtest_overfitting(same, 8) == 1.0


@given(st.integers(2, 5), st.integers(8, 40), st.integers(0, 2**32 - 1), st.sampled_from([4, 6]))
def test_overfitting_agrees_with_the_definition_step_by_step(trials: int, days: int, seed: int, blocks: int) -> None:
    returns = np.random.default_rng(seed).normal(size=(days, trials))
    if days // blocks < 2:
        assert backtest_overfitting(returns, blocks) is None
        return
    length = days // blocks
    parts = np.split(returns[days - length * blocks :], blocks)
    logits = []
    for past in combinations(range(blocks), blocks // 2):
        before = np.concatenate([parts[b] for b in past])
        after = np.concatenate([parts[b] for b in range(blocks) if b not in past])
        best = int(np.argmax(before.mean(axis=0) / before.std(axis=0, ddof=1)))
        ratios = after.mean(axis=0) / after.std(axis=0, ddof=1)
        omega = (1 + int((ratios < ratios[best]).sum())) / (trials + 1)
        logits.append(np.log(omega / (1.0 - omega)))
    assert backtest_overfitting(returns, blocks) == pytest.approx(np.mean(np.asarray(logits) <= 1e-12))


def test_noise_overfits_in_every_other_split_and_an_edge_in_none() -> None:
    rng = np.random.default_rng(3)
    found = [backtest_overfitting(rng.normal(size=(500, 50)), 8) for _ in range(60)]
    assert 0.4 < np.mean([value for value in found if value is not None]) < 0.6
    edged = rng.normal(size=(500, 50))
    edged[:, 7] += 0.5
    assert backtest_overfitting(edged, 8) == 0.0


def test_trials_that_do_not_differ_say_nothing_in_favour() -> None:
    """Equal trials share the middle rank, and that is no success."""
    one = np.random.default_rng(0).normal(size=(100, 1))
    assert backtest_overfitting(np.tile(one, (1, 5)), 8) == 1.0
    assert backtest_overfitting(np.zeros((100, 5)), 8) == 1.0


def test_one_trial_or_too_few_days_cannot_be_asked() -> None:
    assert backtest_overfitting(np.ones((100, 1)), 8) is None
    assert backtest_overfitting(np.ones((15, 3)), 8) is None


@given(tracks, sharpes)
def test_a_probability_is_one(record: Track, benchmark: float) -> None:
    assert 0.0 <= probabilistic_sharpe(record, benchmark) <= 1.0


@given(tracks, sharpes, sharpes)
def test_a_higher_bar_is_less_probable(record: Track, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert probabilistic_sharpe(record, low) >= probabilistic_sharpe(record, high)


@given(tracks, st.integers(1, 10_000), st.integers(1, 10_000), st.floats(1e-4, 1.0))
def test_more_trials_never_help(record: Track, one: int, other: int, variance: float) -> None:
    fewer, more = sorted((one, other))
    assert deflated_sharpe(record, fewer, variance) >= deflated_sharpe(record, more, variance) - 1e-12


@given(tracks, sharpes, st.floats(0.6, 0.999))
def test_the_minimum_track_record_is_where_the_probability_reaches_the_confidence(
    record: Track, benchmark: float, confidence: float
) -> None:
    length = minimum_track_record(record, benchmark, confidence)
    if record.sharpe <= benchmark:
        assert length == inf
    elif 10 < length < 1e9:
        z = (record.sharpe - benchmark) * sqrt(length - 1) / sqrt(record.variance)
        assert NormalDist().cdf(z) == pytest.approx(confidence, abs=1e-9)


@given(st.integers(10, 200), st.integers(0, 2**32 - 1), st.floats(0.1, 10.0))
def test_a_track_does_not_depend_on_the_scale_of_its_returns(n: int, seed: int, scale: float) -> None:
    returns = np.random.default_rng(seed).standard_t(4, size=n)
    one, other = track(returns), track(returns * scale)
    assert one is not None
    assert other is not None
    assert (one.sharpe, one.skewness, one.kurtosis) == pytest.approx((other.sharpe, other.skewness, other.kurtosis))
    assert one.kurtosis >= one.skewness**2 + 1.0 - 1e-9  # Pearson's inequality, so `variance` is no less than 0
    assert one.variance > 0.0


def test_a_track_of_normal_returns_has_their_moments() -> None:
    record = track(np.random.default_rng(0).normal(0.1, 2.0, 200_000))
    assert record is not None
    assert record.sharpe == pytest.approx(0.05, abs=0.01)
    assert record.skewness == pytest.approx(0.0, abs=0.03)
    assert record.kurtosis == pytest.approx(3.0, abs=0.05)


@pytest.mark.parametrize("returns", [np.ones(50), np.zeros(50), np.arange(9.0)])
def test_what_does_not_vary_or_is_too_short_has_no_track(returns: np.ndarray) -> None:
    assert track(returns) is None


def test_trials_of_one_setting_over_and_over_do_not_look_harmless() -> None:
    one = np.random.default_rng(0).normal(size=(251, 1))
    assert trials_variance(one) == trials_variance(np.tile(one, (1, 500))) == pytest.approx(1 / 250)


def test_trials_that_differ_more_than_noise_are_deflated_by_what_they_differ() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(size=(250, 400)) + rng.normal(0.0, 0.5, size=400)
    assert trials_variance(returns) == pytest.approx(0.25, rel=0.2)


def test_trials_that_never_trade_have_a_ratio_of_zero() -> None:
    assert sharpe_ratios(np.zeros((10, 2))).tolist() == [0.0, 0.0]


def test_the_luckiest_of_noise_is_told_from_an_edge_at_the_rate_that_is_promised() -> None:
    """Of 2,000 searches in noise, each of 50 trials, about 5% show a deflated ratio above 0.95, and no more."""
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(2_000):
        returns = rng.normal(size=(250, 50))
        best = track(returns[:, np.argmax(sharpe_ratios(returns))])
        assert best is not None
        found += deflated_sharpe(best, 50, trials_variance(returns)) > 0.95
    assert found / 2_000 < 0.05


def test_a_gain_of_a_record_over_itself_is_nothing() -> None:
    returns = np.random.default_rng(0).normal(size=400)
    found = gain(returns, returns, 200, np.random.default_rng(1))
    assert (found.sharpe.value, found.sharpe.low, found.sharpe.high) == (0.0, 0.0, 0.0)
    assert (found.mean.value, found.mean.low, found.mean.high) == (0.0, 0.0, 0.0)


def test_the_interval_of_a_gain_holds_the_true_one_as_often_as_it_says() -> None:
    held = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        base = rng.normal(size=300)
        better = 0.8 * base + rng.normal(0.15, 0.6, size=300)
        found = gain(better, base, 400, rng)
        assert found.mean.low is not None
        assert found.mean.high is not None
        assert found.sharpe.low is not None
        assert found.sharpe.high is not None
        held += (found.mean.low <= 0.15 <= found.mean.high) + (found.sharpe.low <= 0.15 <= found.sharpe.high)
    assert 0.89 < held / 600 < 0.99


def test_euler() -> None:
    """The formula of the expected maximum, written out once more."""
    normal, gamma = NormalDist(), 0.5772156649015329
    expected = (1 - gamma) * normal.inv_cdf(1 - 1 / 7) + gamma * normal.inv_cdf(1 - 1 / (7 * e))
    assert expected_maximum(7) == pytest.approx(expected)
