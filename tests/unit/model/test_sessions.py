"""How much is left of a regular session in New York, over the change of its clocks."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.model.sessions import minutes_to_close

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
    ],
)
def test_what_is_left_of_the_session(moment: str, left: float) -> None:
    assert minutes_to_close(ns(moment)) == left


@given(st.integers(0, 4_000_000_000))
def test_it_is_never_less_than_nothing_nor_more_than_a_session(second: int) -> None:
    assert 0.0 <= minutes_to_close(second * 1_000_000_000) <= 390.0
