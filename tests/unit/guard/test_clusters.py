"""Which instruments count as one: those that are declared, and those whose returns move together."""

import numpy as np
import pytest
from nautilus_trader.cache.cache import Cache

from catalog.instruments import instrument_for
from sagetrade_nautilus.guard.clusters import BARS_MIN, Clusters, correlation
from tests.support.engine import bars


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


NAMES = [f"{name}USDT.BINANCE" for name in ("BTC", "ETH")]
ONLY = frozenset(NAMES[:1])


def _cache(first: np.ndarray, second: np.ndarray) -> Cache:
    made = Cache()
    for name, moves in zip(NAMES, (first, second), strict=True):
        made.add_instrument(instrument_for(name))
        for bar in bars([float(price) for price in _prices(moves).values()], name):
            made.add_bar(bar)
    return made


def test_what_is_held_and_moves_alike_belongs_to_the_cluster() -> None:
    assert Clusters(_cache(MOVES, MOVES), {}, 0.9).of(NAMES[0], NAMES) == set(NAMES)
    assert Clusters(_cache(MOVES, OTHER), {}, 0.9).of(NAMES[0], NAMES) == ONLY
    assert Clusters(_cache(MOVES, MOVES), {}, 0.9).of(NAMES[0], []) == ONLY


def test_a_correlation_right_at_the_threshold_counts() -> None:
    cache = _cache(MOVES, 0.6 * MOVES + 0.8 * OTHER)
    closes = [Clusters(cache, {}, 0.5)._closes(name) for name in NAMES]
    at = correlation(*closes)
    assert Clusters(cache, {}, at).of(NAMES[0], NAMES) == set(NAMES)
    assert Clusters(cache, {}, np.nextafter(at, 1.0)).of(NAMES[0], NAMES) == ONLY


def test_one_as_the_threshold_asks_no_bars() -> None:
    assert Clusters(_cache(MOVES, MOVES), {}, 1.0).of(NAMES[0], NAMES) == ONLY


def test_what_is_declared_belongs_together_whatever_its_bars_say_and_other_clusters_do_not() -> None:
    declared = {"coins": NAMES, "others": ["SPY.ARCA", "QQQ.ARCA"]}
    clusters = Clusters(_cache(MOVES, OTHER), declared, 1.0)
    assert clusters.of(NAMES[0], []) == set(NAMES)
    assert clusters.of("GLD.ARCA", []) == {"GLD.ARCA"}
