"""What had to hold: each criterion passes and fails where it should."""

import numpy as np
import pytest

from sagetrade_nautilus.experiments.evaluation.figures import RunFigures
from sagetrade_nautilus.experiments.evaluation.measure import Measured
from sagetrade_nautilus.experiments.evaluation.plan import _best, _daily_figures, _lookahead, stability, stress


def _of(total_return: float) -> RunFigures:
    return RunFigures(sharpe=1.0, total_return=total_return, drawdown=0.1, trades=3)


@pytest.mark.parametrize(
    ("near", "passed"),
    [
        ([], True),
        ([0.08, 0.09, 0.07], True),
        ([0.08, 0.09, 0.01], True),
        ([0.08, 0.01, 0.01], False),
        ([0.08, 0.09, None], True),
        ([0.08, None, None], False),
    ],
)
def test_two_thirds_of_the_neighbours_must_keep_half_of_the_gain(near: list[float | None], passed: bool) -> None:
    found = stability(_of(0.02), _of(0.10), [None if one is None else _of(one) for one in near])
    assert found.passed is passed


def test_under_stress_it_must_still_be_better_and_a_failed_run_is_not() -> None:
    assert stress("costs", _of(-0.05), _of(-0.04)).passed
    assert not stress("costs", _of(-0.05), _of(-0.05)).passed
    assert not stress("costs", None, _of(0.5)).passed


def test_a_run_that_knows_its_future_or_was_not_checked_does_not_hold() -> None:
    assert _lookahead(Measured(key="k", findings=(("cut off", ""), ("made up", "")))).passed
    found = _lookahead(Measured(key="k", findings=(("cut off", ""), ("made up", "score is 1, and 2"))))
    assert (found.passed, "made up: score is 1" in found.detail) == (False, True)
    assert not _lookahead(Measured(key="k", failure="it died")).passed
    assert not _lookahead(Measured(key="k")).passed


def test_the_best_row_is_that_of_the_highest_sharpe_ratio_and_a_flat_one_never_wins() -> None:
    rows = np.array([[0.0, 0.0, 0.0], [0.01, 0.02, 0.01], [0.05, -0.04, 0.05]])
    assert _best(rows) == 1
    assert _best(np.zeros((2, 3))) == 0


def test_windows_put_together_have_the_figures_of_their_curve() -> None:
    found = _daily_figures(np.array([0.1, -0.5, 0.2]))
    assert found.total_return == pytest.approx(1.1 * 0.5 * 1.2 - 1.0)
    assert found.drawdown == pytest.approx(0.5)
