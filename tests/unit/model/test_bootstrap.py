from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.bootstrap import Estimate, block_starts, block_sums, estimate, expanded_tail
from sagetrade_nautilus.model.following import mean_estimate


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_block_sums_agree_with_adding_each_block_by_hand(n: int, block: int, seed: int) -> None:
    block = min(block, n)
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    starts = block_starts(n, block, 5, rng)
    by_hand = [sum(values[(start + k) % n] for start in row for k in range(block)) for row in starts]
    assert block_sums(values, starts, block) == pytest.approx(np.asarray(by_hand))


def test_the_same_seed_draws_the_same_blocks() -> None:
    draws = [block_starts(100, 7, 50, np.random.default_rng(3)).tolist() for _ in range(2)]
    assert draws[0] == draws[1]
    assert draws[0] != block_starts(100, 7, 50, np.random.default_rng(4)).tolist()


def test_a_block_as_long_as_the_data_gives_back_the_total() -> None:
    values = np.arange(10.0)
    sums = block_sums(values, block_starts(10, 10, 20, np.random.default_rng(0)), 10)
    assert sums == pytest.approx(np.full(20, 45.0))


def test_the_standard_error_of_a_mean_of_independent_data_is_the_textbook_one() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=4_000)
    starts = block_starts(values.size, 20, 2_000, rng)
    found = estimate(float(values.mean()), block_sums(values, starts, 20) / values.size, values.size, 200)
    assert found.standard_error == pytest.approx(1 / np.sqrt(4_000), rel=0.15)


def test_autocorrelated_data_get_a_wider_interval_with_long_blocks_than_with_single_points() -> None:
    rng = np.random.default_rng(6)
    noise = rng.normal(size=4_000)
    values = np.convolve(noise, np.ones(20), mode="same")
    errors = []
    for block in (1, 100):
        sums = block_sums(values, block_starts(values.size, block, 1_000, rng), block)
        errors.append(np.std(sums / values.size))
    assert errors[1] > 3 * errors[0]


def test_too_few_blocks_give_no_interval() -> None:
    found = estimate(0.1, np.linspace(0, 1, 100), 50, blocks=9)
    assert (found.low, found.high, found.standard_error, found.t_stat) == (None, None, None, None)
    assert not found.excludes_zero


def test_replicates_that_mostly_fail_give_no_interval() -> None:
    assert estimate(0.1, np.asarray([np.nan] * 10 + [1.0] * 90), 50, blocks=20).low is None


def test_the_interval_of_many_blocks_is_that_of_the_percentiles() -> None:
    found = estimate(0.5, np.linspace(0.0, 1.0, 1_001), 10, blocks=10_000)
    assert (found.low, found.high) == (pytest.approx(0.025, abs=1e-4), pytest.approx(0.975, abs=1e-4))
    assert found.excludes_zero


@pytest.mark.parametrize(("blocks", "t"), [(10, 2.2622), (21, 2.0860), (61, 2.0003)])
def test_fewer_blocks_are_cut_further_out_as_students_t_has_it(blocks: int, t: float) -> None:
    z = NormalDist().inv_cdf(expanded_tail(blocks))
    assert z == pytest.approx(-t * np.sqrt(blocks / (blocks - 1)), abs=1e-3)


def test_noise_in_ten_blocks_leaves_out_zero_in_one_of_twenty_cases() -> None:
    rng = np.random.default_rng(8)
    found = [mean_estimate(rng.standard_normal(50), 5, 500, rng) for _ in range(1_500)]
    assert 0.035 < np.mean([one.excludes_zero for one in found]) < 0.06


@pytest.mark.parametrize(
    ("low", "high", "excludes"), [(-1.0, 1.0, False), (0.1, 1.0, True), (-1.0, -0.1, True), (0.0, 1.0, False)]
)
def test_an_interval_that_touches_zero_does_not_exclude_it(low: float, high: float, excludes: bool) -> None:
    assert Estimate(0.0, low, high, 1.0, 9).excludes_zero is excludes
