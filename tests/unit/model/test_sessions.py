"""Hours and bars of sessions in New York, over the change of its clocks."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.sessions import closes_of, exchange_day_closes, minutes_to_close, new_york_ns

UTC = ZoneInfo("UTC")


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    ("moment", "left"),
    [
        ("2025-07-01T13:29:59", 0.0),
        ("2025-07-01T13:30:00", 390.0),
        ("2025-07-01T19:59:30", 0.5),
        ("2025-07-01T20:00:00", 0.0),
        ("2025-01-02T13:30:00", 0.0),  # in winter it opens an hour later by UTC
        ("2025-01-02T14:30:00", 390.0),
        ("2025-07-05T15:00:00", 0.0),  # a Saturday
        ("2025-07-03T16:30:00", 30.0),  # half-days
        ("2025-07-03T17:00:00", 0.0),
        ("2025-11-28T17:59:00", 1.0),
        ("2025-12-24T19:00:00", 0.0),
        ("2026-11-27T18:00:00", 0.0),
        ("2026-11-20T18:00:00", 180.0),  # no half-days
        ("2025-07-02T17:00:00", 180.0),
        ("2025-12-23T18:00:00", 180.0),
    ],
)
def test_what_is_left_of_the_session(moment: str, left: float) -> None:
    assert minutes_to_close(ns(moment)) == left


@given(st.integers(0, 4_000_000_000))
def test_it_is_never_less_than_nothing_nor_more_than_a_session(second: int) -> None:
    assert 0.0 <= minutes_to_close(second * 1_000_000_000) <= 390.0


@given(
    st.lists(st.integers(0, 400), max_size=8, unique=True),
    st.integers(1, 30),
    st.integers(0, 200),
    st.integers(0, 400),
)
def test_bars_of_sessions_are_those_of_the_grid_that_touch_one_of_them(
    edges: list[int], step: int, start: int, end: int
) -> None:
    ordered = sorted(edges[: len(edges) // 2 * 2])
    hours = list(zip(ordered[::2], ordered[1::2], strict=True))
    opens = (at for at in range(0, 800, step) if start <= at < end)
    wanted = [at + step for at in opens if any(at < last and first < at + step for first, last in hours)]
    assert list(closes_of(hours, step, start, end)) == wanted


def test_a_daily_bar_closes_at_midnight_in_new_york_however_long_the_day_was() -> None:
    hours = [(new_york_ns(day, "09:30"), new_york_ns(day, "16:00")) for day in ("2025-10-31", "2025-11-03")]
    closes = list(exchange_day_closes(hours, ns("2025-10-31T00:00"), ns("2025-11-04T00:00")))
    assert closes == [ns("2025-11-01T04:00"), ns("2025-11-04T05:00")]
    assert not list(exchange_day_closes(hours, ns("2025-11-01T00:00"), ns("2025-11-03T00:00")))
