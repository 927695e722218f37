"""The regime classifier: both labels, their hysteresis, and no look into the future."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sagetrade_nautilus.model.readings import Regime
from sagetrade_nautilus.model.regime import TREND_ENTER, TREND_LEAVE, RegimeClassifier

observations = st.lists(
    st.tuples(st.floats(min_value=-0.1, max_value=0.1), st.floats(min_value=0.0, max_value=0.1)),
    min_size=2,
    max_size=120,
)


def run(rows: list[tuple[float, float]], regime_length: int = 20, trend_length: int = 10) -> list[Regime]:
    classifier = RegimeClassifier(regime_length, trend_length)
    return [classifier.update(log_return, volatility) for log_return, volatility in rows]


@settings(deadline=None)
@given(observations, st.integers(min_value=1, max_value=119))
def test_the_future_never_changes_the_past(rows: list[tuple[float, float]], cut: int) -> None:
    """The regimes of a prefix are the prefix of the regimes."""
    assert run(rows[:cut]) == run(rows)[:cut]


def test_volatility_is_judged_by_its_own_past() -> None:
    """The same step up turns the label high whatever the level it starts from."""
    for level in (1e-5, 1e-3, 0.1):
        swing = [(0.001 * (-1) ** step, level) for step in range(60)]
        stormy = [(0.001 * (-1) ** step, 2.0 * level) for step in range(3)]
        assert run(swing + stormy)[59:] == [Regime.LOW_VOL_RANGING] + [Regime.HIGH_VOL_RANGING] * 3


def test_volatility_label_holds_within_its_band() -> None:
    """Volatility that sways 5% about its typical level never turns the label, in either state."""
    sway = [(0.001 * (-1) ** step, 0.01 * (1.0 + 0.05 * (-1) ** (step // 2))) for step in range(80)]
    assert set(run(sway)) == {Regime.LOW_VOL_RANGING}
    jump = [(0.001 * (-1) ** step, 0.02) for step in range(40)]
    after = [(0.001 * (-1) ** step, 0.02 * (1.0 + 0.05 * (-1) ** (step // 2))) for step in range(80)]
    assert set(run(sway + jump + after)[len(sway) :]) == {Regime.HIGH_VOL_RANGING}


def test_a_standstill_is_low_and_teaches_nothing() -> None:
    """No volatility at all is low, and the typical level stays what it was."""
    calm = [(0.0, 0.01)] * 60
    assert run([*calm, (0.0, 0.0)])[-1] is Regime.LOW_VOL_RANGING
    assert run([*calm, *[(0.0, 0.0)] * 500, (0.0, 0.0105)])[-1] is Regime.LOW_VOL_RANGING
    assert run([*calm, *[(0.0, 0.0)] * 500, (0.0, 0.012)])[-1] is Regime.HIGH_VOL_RANGING


def test_a_straight_move_is_a_trend_either_way() -> None:
    for step in (0.001, -0.001):
        assert run([(step, 0.01)] * 30)[-1] is Regime.LOW_VOL_TRENDING


def test_a_trend_ends_later_than_it_began() -> None:
    """Between what begins a trend and what ends it, the label stays what it was."""
    flat = [(0.001 * (-1) ** step, 0.01) for step in range(40)]
    trend = [(0.001, 0.01)] * 20
    drift = [(0.001 if step % 2 else -0.00042, 0.01) for step in range(40)]
    strength = (1.0 - 0.42) / (1.0 + 0.42) * np.sqrt(10)
    assert TREND_LEAVE < strength < TREND_ENTER
    assert run(flat + drift)[-1] is Regime.LOW_VOL_RANGING
    assert run(flat + trend + drift)[-1] is Regime.LOW_VOL_TRENDING
    assert run(flat + trend + drift + flat)[-1] is Regime.LOW_VOL_RANGING


def test_a_random_walk_mostly_ranges() -> None:
    """Of a random walk, the classifier calls well under half a trend."""
    returns = np.random.default_rng(11).normal(0.0, 0.001, 20_000)
    regimes = run([(log_return, 0.001) for log_return in returns.tolist()], 288, 48)
    assert 0.2 < np.mean([regime.endswith("trending") for regime in regimes]) < 0.45


def test_it_is_ready_after_the_longer_of_its_windows() -> None:
    classifier = RegimeClassifier(20, 10)
    states = []
    for _ in range(25):
        classifier.update(0.001, 0.01)
        states.append(classifier.ready)
    assert states == [False] * 19 + [True] * 6
