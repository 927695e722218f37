"""Following a score earns what its positions earned, and pays for what they turn over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sagetrade_nautilus.model.following import follow, mean_estimate
from sagetrade_nautilus.model.information import HorizonSample

SHAPE = (2, 30)
SCORES = hnp.arrays(np.float64, SHAPE, elements=st.floats(-1.0, 1.0, allow_subnormal=False))
RETURNS = hnp.arrays(np.float64, SHAPE, elements=st.floats(-0.2, 0.2))


def sample(scores: np.ndarray, returns: np.ndarray) -> HorizonSample:
    return HorizonSample(returns, {"s": scores}, block=3)


def test_a_position_that_never_changes_is_paid_for_once() -> None:
    found = follow(sample(np.full((1, 4), 0.2), np.log1p(np.full((1, 4), 0.01))), "s", 11.0)
    assert found is not None
    assert found.turnover.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert found.cost.tolist() == [11.0, 0.0, 0.0, 0.0]
    assert found.gross == pytest.approx([100.0] * 4)
    assert found.net == pytest.approx([89.0, 100.0, 100.0, 100.0])


def test_a_position_that_flips_turns_over_twice_its_size() -> None:
    found = follow(sample(np.array([[1.0, -1.0, 1.0]]), np.zeros((1, 3))), "s", 10.0)
    assert found is not None
    assert found.turnover.tolist() == [1.0, 2.0, 2.0]


@given(SCORES, RETURNS, st.floats(0.01, 100.0))
def test_the_size_of_a_score_does_not_matter(scores: np.ndarray, returns: np.ndarray, factor: float) -> None:
    one, other = (follow(sample(times * scores, returns), "s", 11.0) for times in (1.0, factor))
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert other.net == pytest.approx(one.net, rel=1e-6, abs=1e-6)


@given(SCORES, RETURNS)
def test_the_average_position_is_one_and_cost_is_turnover_at_its_price(scores: np.ndarray, returns: np.ndarray) -> None:
    found = follow(sample(scores, returns), "s", 11.0)
    if found is not None:
        held = np.cumsum(np.diff(scores, axis=1, prepend=0.0), axis=1) / np.abs(scores).mean()
        assert np.abs(held).mean() == pytest.approx(1.0)
        assert found.cost == pytest.approx(11.0 * found.turnover)
        assert (found.turnover >= 0.0).all()


def test_without_a_score_or_a_price_nothing_is_held() -> None:
    scores = np.array([[np.nan, 1.0, 1.0, 1.0]])
    found = follow(sample(scores, np.array([[0.1, 0.1, np.nan, 0.1]])), "s", 0.0)
    assert found is not None
    assert (found.gross == 0.0).tolist() == [True, False, True, False]
    assert follow(sample(np.full((1, 4), np.nan), np.zeros((1, 4))), "s", 0.0) is None


def test_the_interval_of_a_mean_holds_it_and_needs_ten_blocks() -> None:
    values = np.random.default_rng(1).normal(1.0, 1.0, 600)
    found = mean_estimate(values, 5, 500, np.random.default_rng(2))
    assert found.low is not None
    assert found.high is not None
    assert found.low < values.mean() == found.value < found.high
    assert found.standard_error == pytest.approx(1.0 / 600**0.5, rel=0.2)
    assert mean_estimate(values[:40], 5, 500, np.random.default_rng(2)).low is None
