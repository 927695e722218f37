import datetime as dt
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sagetrade_nautilus.report.axes import Scale, path, round_ticks, thin, time_ticks, value_scale

FLOATS = st.floats(-1e9, 1e9)


@given(arrays(np.float64, st.integers(1, 50), elements=FLOATS))
def test_a_scale_holds_all_its_values_inside(values: np.ndarray) -> None:
    scale = value_scale(values)
    assert scale.low < values.min() <= values.max() < scale.high


@given(FLOATS, st.floats(1e-6, 1e9))
def test_ticks_are_few_even_and_within_the_scale(low: float, span: float) -> None:
    scale = Scale(low, low + max(span, abs(low) * 1e-6))
    ticks, decimals = round_ticks(scale)
    steps = np.diff(ticks)
    room = 1e-6 * (scale.high - scale.low)
    assert 1 <= len(ticks) <= 8
    assert scale.low - room <= ticks[0] <= ticks[-1] <= scale.high + room
    assert steps == pytest.approx(np.full(steps.size, steps.mean() if steps.size else 0.0), rel=1e-3)
    assert all(f"{tick:.{decimals}f}" != f"{other:.{decimals}f}" for tick, other in pairwise(ticks))


def test_round_ticks_of_a_known_scale() -> None:
    assert round_ticks(Scale(-0.043, 0.058)) == ([-0.04, -0.02, 0.0, 0.02, 0.04], 2)


@given(arrays(np.float64, st.integers(1, 400), elements=FLOATS), st.integers(1, 50))
def test_thinning_keeps_both_ends_and_both_extremes(values: np.ndarray, buckets: int) -> None:
    kept = thin(values, buckets)
    assert kept[0] == 0
    assert kept[-1] == values.size - 1
    assert (np.diff(kept) > 0).all()
    assert values[kept].min() == values.min()
    assert values[kept].max() == values.max()
    assert kept.size <= max(2 * buckets + 2, 1)


def _scale(first: str, last: str) -> Scale:
    return Scale(*(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC).timestamp() for day in (first, last)))


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2021-11-01T00:05", "2022-03-02", ["Nov 2021", "Dec", "Jan 2022", "Feb", "Mar"]),
        ("2022-01-01", "2022-01-08", ["1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan", "6 Jan", "7 Jan", "8 Jan"]),
        ("2022-01-01", "2022-01-01T04:00", ["1 Jan", "01:00", "02:00", "03:00", "04:00"]),
        (
            "2022-01-01T00:50",
            "2022-01-01T02:10",
            ["00:50", "01:00", "01:10", "01:20", "01:30", "01:40", "01:50", "02:00", "02:10"],
        ),
        ("2022-01-01T23:50", "2022-01-02T00:20", ["23:50", "23:55", "2 Jan", "00:05", "00:10", "00:15", "00:20"]),
        ("2022-01-01T11:00", "2022-01-01T11:00:04", ["11:00:00", "11:00:01", "11:00:02", "11:00:03", "11:00:04"]),
        ("2020-01-01", "2023-01-01", ["Jan 2020", "Jul", "Jan 2021", "Jul", "Jan 2022", "Jul", "Jan 2023"]),
    ],
)
def test_time_ticks_stand_at_round_moments(first: str, last: str, labels: list[str]) -> None:
    ticks = time_ticks(_scale(first, last))
    assert [tick.label for tick in ticks] == labels
    assert all(0 <= tick.at <= 100 for tick in ticks)


def test_a_path_runs_through_its_points() -> None:
    assert path(np.asarray([0.0, 100.0]), np.asarray([50.0, 25.0])) == "M0.0 500.0L1000.0 250.0"
