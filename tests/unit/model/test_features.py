"""What each feature measures and which way its score points."""

from itertools import pairwise
from math import log, sqrt, tanh

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagetrade_nautilus.config import QuantFeature
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.features import Feature, build_feature, feature_name

SPECS = [
    QuantFeature(kind="return", length=3, weight=1.0),
    QuantFeature(kind="rsi", length=14, weight=1.0),
    QuantFeature(kind="zscore", length=20, weight=1.0),
    QuantFeature(kind="ema_cross", length=5, slow_length=20, weight=1.0),
]


def feed(feature: Feature, closes: list[float], volatility: float = 0.01) -> list[float]:
    scores = [feature.update(closes[0], 0.0, volatility)]
    for last, close in pairwise(closes):
        scores.append(feature.update(close, log(close / last), volatility))
    return scores


@pytest.mark.parametrize("spec", SPECS, ids=feature_name)
def test_a_rise_points_up_and_a_fall_down(spec: QuantFeature) -> None:
    """Every feature scores a rising price above 0 and a falling one below."""
    rise = [100.0 * 1.002**step for step in range(60)]
    assert feed(build_feature(spec), rise)[-1] > 0.0
    assert feed(build_feature(spec), rise[::-1])[-1] < 0.0


@pytest.mark.parametrize("spec", SPECS, ids=feature_name)
@settings(deadline=None)
@given(closes=st.lists(st.floats(min_value=1e-6, max_value=1e9), min_size=1, max_size=60))
def test_scores_stay_in_bounds(spec: QuantFeature, closes: list[float]) -> None:
    """No price path takes a score out of [-1, 1]."""
    assert all(-1.0 <= score <= 1.0 for score in feed(build_feature(spec), closes, 1e-3))


@pytest.mark.parametrize("spec", SPECS, ids=feature_name)
def test_a_price_that_never_moves_says_nothing(spec: QuantFeature) -> None:
    assert feed(build_feature(spec), [123.45] * 60, 0.0) == [0.0] * 60


def test_return_is_measured_in_its_own_volatility() -> None:
    """The return over 4 bars is divided by the volatility of 4 bars."""
    feature = build_feature(QuantFeature(kind="return", length=4, weight=1.0))
    closes = [100.0, 101.0, 100.5, 102.0, 103.0, 101.0, 104.0]
    score = feed(feature, closes, 0.01)[-1]
    expected = log(closes[-1] / closes[-5]) / (0.01 * sqrt(4))
    assert feature.value == pytest.approx(expected)
    assert score == pytest.approx(tanh(expected / 2.0))


def test_ema_cross_turns_exactly_where_the_averages_cross() -> None:
    """The score is 1 or -1 and changes sign on the very bar on which the two averages change places."""
    closes = [100.0 + (step % 40 if step % 80 < 40 else 40 - step % 40) for step in range(400)]
    scores = feed(build_feature(QuantFeature(kind="ema_cross", length=5, slow_length=20, weight=1.0)), closes)
    fast = slow = closes[0]
    for close, score in zip(closes, scores, strict=True):
        fast += (close - fast) * 2.0 / 6.0
        slow += (close - slow) * 2.0 / 21.0
        if abs(fast - slow) > 1e-9:
            assert score == (1.0 if fast > slow else -1.0)
    assert {1.0, -1.0} <= set(scores)


@pytest.mark.parametrize("slow_length", [None, 5, 4])
def test_ema_cross_needs_a_longer_slow_length(slow_length: int | None) -> None:
    with pytest.raises(ConfigError, match="slow_length"):
        build_feature(QuantFeature(kind="ema_cross", length=5, slow_length=slow_length, weight=1.0))


def test_names_tell_kind_and_lengths() -> None:
    assert [feature_name(spec) for spec in SPECS] == ["return_3", "rsi_14", "zscore_20", "ema_cross_5_20"]
