"""Rolling means and deviations against NumPy on every window."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagetrade_nautilus.model.rolling import RollingMean, RollingMoments

values_lists = st.lists(st.floats(min_value=-1e6, max_value=1e6, allow_nan=False, width=64), min_size=1, max_size=80)
lengths = st.integers(min_value=2, max_value=17)


def windows(values: list[float], length: int) -> list[np.ndarray]:
    return [np.array(values[max(0, end - length) : end]) for end in range(1, len(values) + 1)]


@settings(deadline=None)
@given(values_lists, lengths)
def test_mean_is_that_of_the_window(values: list[float], length: int) -> None:
    """The mean is NumPy's over the last values, also before the window is full."""
    rolling = RollingMean(length)
    for value, window in zip(values, windows(values, length), strict=True):
        scale = float(np.abs(window).max())
        assert rolling.update(value) == pytest.approx(window.mean(), rel=0, abs=1e-12 * scale + 1e-300)
        assert rolling.ready == (len(window) == length)


@settings(deadline=None)
@given(values_lists, lengths)
def test_moments_are_those_of_the_window(values: list[float], length: int) -> None:
    """Mean and deviation are NumPy's over the last values; what has left the window leaves no trace."""
    rolling = RollingMoments(length)
    for value, window in zip(values, windows(values, length), strict=True):
        spread = float(np.abs(window - window[0]).max())
        std = rolling.update(value)
        assert std == rolling.std
        assert std == pytest.approx((window - window[0]).std(), rel=0, abs=1e-9 * spread + 1e-150)
        assert rolling.mean == pytest.approx(window.mean(), rel=1e-12, abs=1e-9 * spread + 1e-300)
        assert rolling.ready == (len(window) == length)


@settings(deadline=None)
@given(st.floats(min_value=-1e9, max_value=1e9), st.integers(min_value=1, max_value=50), lengths, values_lists)
def test_equal_values_have_no_deviation(value: float, extra: int, length: int, earlier: list[float]) -> None:
    """A window of equal values has a deviation of exactly 0, whatever came before it."""
    rolling = RollingMoments(length)
    for other in earlier:
        rolling.update(other)
    for _ in range(length + extra):
        rolling.update(value)
    assert rolling.std == 0.0
    assert rolling.mean == value


def test_a_passing_outlier_leaves_no_error() -> None:
    """A window of cents is exact right after one of millions has left it."""
    calm = [40_000.0 + 0.01 * (step % 3) for step in range(60)]
    rolling = RollingMoments(20)
    for value in [*calm[:20], 4e12, *calm[20:]]:
        rolling.update(value)
    assert rolling.std == pytest.approx(np.std(calm[-20:]), rel=1e-9)


def test_a_quarter_of_a_million_values_bring_no_drift() -> None:
    """After 260,000 prices the rolling values equal those computed afresh from the window to 1e-9."""
    returns = np.random.default_rng(7).normal(0.0, 1e-3, 260_000)
    prices = 40_000.0 * np.exp(np.cumsum(returns))
    mean, moments = RollingMean(48), RollingMoments(48)
    for price in prices.tolist():
        mean.update(price)
        moments.update(price)
    window = prices[-48:]
    assert mean.value == pytest.approx(window.mean(), rel=1e-12)
    assert moments.mean == pytest.approx(window.mean(), rel=1e-12)
    assert moments.std == pytest.approx(window.std(), rel=1e-9)
