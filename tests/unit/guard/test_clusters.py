"""Which instruments count as one: those that are declared, and those whose returns move together."""

import numpy as np
import pytest

from sagetrade_nautilus.guard.clusters import BARS_MIN, correlation


def _prices(moves: np.ndarray) -> dict[int, float]:
    return {ts: float(price) for ts, price in enumerate(100.0 * np.exp(np.cumsum(moves)))}


MOVES = np.random.default_rng(3).normal(0.0, 0.01, 100)
OTHER = np.random.default_rng(4).normal(0.0, 0.01, 100)


def test_the_same_moves_correlate_wholly_and_opposite_ones_oppositely() -> None:
    assert correlation(_prices(MOVES), _prices(MOVES * 2)) == pytest.approx(1.0)
    assert correlation(_prices(MOVES), _prices(-MOVES)) == pytest.approx(-1.0)


def test_it_is_the_textbook_correlation_of_log_returns() -> None:
    first, second = _prices(MOVES), _prices(0.6 * MOVES + 0.8 * OTHER)
    returns = [np.diff(np.log(list(prices.values()))) for prices in (first, second)]
    covariance = np.mean((returns[0] - returns[0].mean()) * (returns[1] - returns[1].mean()))
    assert correlation(first, second) == pytest.approx(covariance / (returns[0].std() * returns[1].std()))


def test_only_common_times_are_compared() -> None:
    first, second = _prices(MOVES), _prices(MOVES)
    assert correlation(first, {ts: price for ts, price in second.items() if ts % 2}) == pytest.approx(1.0)


@pytest.mark.parametrize("second", [{}, {1: 5.0}, dict.fromkeys(range(100), 5.0), dict.fromkeys(range(100), 0.0)])
def test_what_is_not_known_to_differ_counts_as_the_same(second: dict[int, float]) -> None:
    assert correlation(_prices(MOVES), second) == 1.0


def test_too_few_common_bars_say_nothing() -> None:
    first, second = _prices(MOVES), _prices(-MOVES)
    few = {ts: price for ts, price in second.items() if ts < BARS_MIN - 1}
    assert correlation(first, few) == 1.0
    assert correlation(first, {**few, BARS_MIN: second[BARS_MIN]}) < 0.0
