"""A canary is given up by its own criteria, and by nothing less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import ProposalCanaryConfig
from sagetrade_nautilus.model.canary import Canary, breaches, worst_24h
from sagetrade_nautilus.nanos import NANOS_PER_DAY

PLAN = ProposalCanaryConfig(max_loss_24h_pct=3.0, max_drawdown_pct=5.0, max_slippage_bps=10.0)
HOURS = np.arange(1, 73, dtype=np.int64) * (NANOS_PER_DAY // 24)


def _curve(*points: tuple[int, float]) -> np.ndarray:
    return np.interp(np.arange(1, 73), [hour for hour, _ in points], [worth for _, worth in points])


def test_a_slow_fall_within_its_bounds_is_borne() -> None:
    assert breaches(HOURS, _curve((1, 100.0), (72, 95.5)), 100.0, PLAN, 9.0) == ()


@pytest.mark.parametrize(
    ("curve", "slippage", "says"),
    [
        (_curve((1, 100.0), (40, 100.0), (50, 96.5), (72, 96.5)), 0.0, "within 24 hours"),
        (_curve((1, 100.0), (72, 94.5)), 0.0, "from its peak"),
        (_curve((1, 100.0), (30, 104.0), (72, 98.0)), 0.0, "from its peak"),
        (_curve((1, 100.0), (72, 100.0)), 11.0, "slipped"),
    ],
)
def test_each_criterion_is_enough(curve: np.ndarray, slippage: float, says: str) -> None:
    found = breaches(HOURS, curve, 100.0, PLAN, slippage)
    assert len(found) >= 1
    assert says in " ".join(found)


def test_a_loss_in_the_first_hour_counts_from_what_was_allocated() -> None:
    assert "within 24 hours" in breaches(HOURS[:1], np.array([96.0]), 100.0, PLAN)[0]


def test_without_a_moment_there_is_nothing_to_break() -> None:
    assert breaches(HOURS[:0], np.zeros(0), 100.0, PLAN) == ()


@given(st.lists(st.floats(50.0, 150.0), min_size=1, max_size=72))
def test_the_24_hour_return_is_that_of_a_plain_loop(values: list[float]) -> None:
    ts, equity = HOURS[: len(values)], np.array(values)
    plain = []
    for index, moment in enumerate(ts):
        before = [worth for at, worth in zip(ts, values, strict=True) if at <= moment - NANOS_PER_DAY]
        plain.append(values[index] / (before[-1] if before else 100.0) - 1.0)
    assert worst_24h(ts, equity, 100.0) == pytest.approx(np.array(plain))


HOUR = NANOS_PER_DAY // 24


@given(st.lists(st.tuples(st.integers(-80, 80), st.floats(96.0, 104.0)), min_size=1))
def test_what_is_seen_while_a_clock_is_set_back_comes_after_what_was_seen_before(
    looks: list[tuple[int, float]],
) -> None:
    canary = Canary(experiment="x", start=100.0, allocated=100.0)
    for hour, worth in looks:
        canary = canary.noted(10**18 + hour * HOUR, worth, None, PLAN)
    assert list(canary.ts) == sorted(set(canary.ts))
