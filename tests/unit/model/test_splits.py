"""A walk-forward never learns from what it is tested on, nor from the days right before."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sagetrade_nautilus.model.splits import walk_forward


def test_the_windows_follow_one_another_and_each_learns_from_all_before() -> None:
    assert walk_forward(10, 4) == [
        (range(2), range(2, 4)),
        (range(4), range(4, 6)),
        (range(6), range(6, 8)),
        (range(8), range(8, 10)),
    ]


def test_the_gap_lies_between_what_is_learnt_from_and_what_is_tested_on() -> None:
    assert walk_forward(30, 2, purge=1, embargo=2) == [(range(7), range(10, 20)), (range(17), range(20, 30))]


@given(st.integers(1, 2_000), st.integers(1, 12), st.integers(0, 20), st.integers(0, 20))
def test_nothing_is_learnt_from_the_future_or_from_the_gap(days: int, folds: int, purge: int, embargo: int) -> None:
    assume(days // (folds + 1) > purge + embargo)
    splits = walk_forward(days, folds, purge, embargo)
    assert len(splits) == folds
    assert len({len(test) for _, test in splits}) == 1
    tested = [day for _, test in splits for day in test]
    assert tested == list(range(tested[0], days))
    for train, test in splits:
        assert train.start == 0
        assert len(train) > 0
        assert test.start - train.stop == purge + embargo


@pytest.mark.parametrize(("days", "folds", "gap"), [(3, 5, 0), (30, 2, 10), (0, 1, 0), (10, 0, 0), (10, 2, -1)])
def test_what_cannot_be_cut_is_refused(days: int, folds: int, gap: int) -> None:
    with pytest.raises(ValueError, match=r"days|fold"):
        walk_forward(days, folds, purge=gap)
