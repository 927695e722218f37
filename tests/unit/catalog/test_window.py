"""Windows as people write them."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.window import Moment, length_ns, moment_ns, window_ns
from sagetrade_nautilus.errors import DataError

HOUR_NS = 3_600_000_000_000
NEW_YEAR_NS = 1_640_995_200_000_000_000


@pytest.mark.parametrize(
    "moment",
    [
        "2022-01-01",
        "2022-01-01T00:00:00Z",
        NEW_YEAR_NS,
        "2022-01-01T02:00:00+02:00",
        dt.date(2022, 1, 1),
        dt.datetime(2022, 1, 1),  # noqa: DTZ001
        dt.datetime(2022, 1, 1, tzinfo=dt.UTC),
        pd.Timestamp("2021-12-31 19:00", tz="America/New_York"),
    ],
    ids=str,
)
def test_a_moment_without_offset_is_utc(moment: Moment) -> None:
    assert moment_ns(moment) == NEW_YEAR_NS


@settings(deadline=None)
@given(st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(2200, 1, 1)))  # noqa: DTZ001
def test_every_datetime_is_kept_to_the_microsecond(moment: dt.datetime) -> None:
    exact = (moment - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1) * 1_000  # noqa: DTZ001
    assert moment_ns(moment) == moment_ns(moment.isoformat()) == exact


@pytest.mark.parametrize("moment", ["", "NaT", "yesterday-ish", "1969-12-31", "99999-01-01", None])
def test_what_is_no_time_is_refused(moment: str) -> None:
    with pytest.raises(DataError, match="is no time since 1970"):
        moment_ns(moment)


@pytest.mark.parametrize(
    ("length", "hours"),
    [("90min", 1.5), ("12h", 12), ("30d", 720), ("30 D", 720), ("4w", 672), (dt.timedelta(days=1), 24)],
)
def test_lengths_of_time(length: str | dt.timedelta, hours: float) -> None:
    assert length_ns(length) == hours * HOUR_NS


@pytest.mark.parametrize("length", ["30", "30m", "d", "-3d", "1.5d", "", "0d", dt.timedelta(0), dt.timedelta(-1)])
def test_lengths_that_make_no_window_are_refused(length: str | dt.timedelta) -> None:
    with pytest.raises(DataError, match=r"length of time|longer than nothing"):
        length_ns(length)


def test_a_length_counts_back_from_the_end_of_the_data() -> None:
    assert window_ns("2h", NEW_YEAR_NS) == (NEW_YEAR_NS - 2 * HOUR_NS, NEW_YEAR_NS)


def test_a_pair_is_taken_as_it_is() -> None:
    pair = ("2022-01-01", dt.datetime(2022, 1, 1, 5, tzinfo=dt.UTC))
    assert window_ns(pair, 0) == (NEW_YEAR_NS, NEW_YEAR_NS + 5 * HOUR_NS)


@pytest.mark.parametrize("end", ["2022-01-01", "2021-12-31"])
def test_a_window_ends_after_its_start(end: str) -> None:
    with pytest.raises(DataError, match="not after its start"):
        window_ns(("2022-01-01", end), 0)
