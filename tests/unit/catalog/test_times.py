"""Times of files become UTC, or are refused by row."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.times import iso, read_times
from sagetrade_nautilus.errors import DataError

NAIVE_MIN = dt.datetime.fromisoformat("1990-01-02")
NAIVE_MAX = dt.datetime.fromisoformat("2199-12-30")
NEW_YEAR_NS = 1_640_995_200_000_000_000


def read(values, timezone=None, kind=None):
    return read_times(pa.chunked_array([pa.array(values, kind)]), "date", timezone)


@pytest.mark.parametrize(
    "value",
    [
        "2022-01-01T00:00:00Z",
        "2022-01-01 00:00:00 UTC",
        "2022-01-01T01:00:00+01:00",
        "2021-12-31 19:00:00-0500",
    ],
)
def test_text_with_an_offset_needs_no_timezone(value):
    assert read([value]).utc_ns.tolist() == [NEW_YEAR_NS]


@pytest.mark.parametrize("scale", [1, 10**3, 10**6, 10**9])
@pytest.mark.parametrize("kind", [int, float, str])
def test_whole_numbers_count_from_1970_in_the_unit_that_their_size_tells(scale, kind):
    assert read([kind(1_640_995_200 * scale)]).utc_ns.tolist() == [NEW_YEAR_NS]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["2022-01-01 00:00:00"], r"holds naive times \(row 1: 2022-01-01 00:00:00\): say with --timezone"),
        (["2022-01-01"], "naive times"),
        (
            ["2022-01-01T00:00:00Z", "2022-01-01 00:05:00"],
            "row 2: .* the rows before are with an offset, this one is without",
        ),
        (
            ["2022-01-01T00:00:00Z", "yesterday 10:00Z"],
            "row 2: 'date' 'yesterday 10:00Z' is no ISO 8601 time",
        ),
        (["2022-01-01T00:00:00Z", ""], "row 2: 'date' is empty"),
        (["01/02/2022 10:00"], "is no ISO 8601 time"),
        ([20220101], "row 1: 'date' '20220101' is before 1990"),
        (
            [1_640_995_200, 1_640_995_500_000],
            r"row 2: 'date' is 1640995500000: not in the unit of the rows before \(s\)",
        ),
        ([1.5e9 + 0.5], "not whole"),
        ([True], "holds bool, which is no time"),
        (["9999-01-01T00:00:00Z"], "outside the years"),
    ],
)
def test_what_is_not_clear_is_refused(values, reason):
    with pytest.raises(DataError, match=reason):
        read(values)


def test_naive_times_are_read_on_the_clock_of_the_timezone():
    times = read(["2025-07-01 04:00:00", "2025-12-01 04:00:00"], "America/New_York")
    assert [iso(ns) for ns in times.utc_ns.tolist()] == ["2025-07-01 08:00:00Z", "2025-12-01 09:00:00Z"]
    assert times.naive


def test_an_unknown_timezone_is_refused():
    with pytest.raises(DataError, match="'Mars/Olympus' is no time zone"):
        read(["2025-07-01 04:00:00"], "Mars/Olympus")


def test_a_time_that_the_clocks_skip_is_refused():
    with pytest.raises(DataError, match=r"row 2: .* does not exist in America/New_York"):
        read(["2025-03-09 01:55:00", "2025-03-09 02:00:00"], "America/New_York")


def test_a_repeated_hour_that_stands_there_twice_is_told_apart_by_its_order():
    clock = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
    times = read([f"2025-11-02 {time}:00" for time in clock], "America/New_York")
    assert [b - a for a, b in zip(times.utc_ns, times.utc_ns[1:], strict=False)] == [1_800_000_000_000] * 5
    assert times.repeated == 4


def test_a_repeated_hour_that_stands_there_once_is_refused():
    with pytest.raises(DataError, match=r"row 2: .* shows that hour twice"):
        read(["2025-11-02 00:30:00", "2025-11-02 01:00:00", "2025-11-02 02:00:00"], "America/New_York")


@given(
    st.datetimes(NAIVE_MIN, NAIVE_MAX),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes))),
)
def test_any_iso_time_with_any_offset_is_the_moment_that_python_reads(moment, offset):
    moment = moment.replace(tzinfo=offset)
    expected = (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1) * 1_000
    assert read([moment.isoformat()]).utc_ns.tolist() == [expected]
    assert read([moment], kind=pa.timestamp("us", tz="UTC")).utc_ns.tolist() == [expected]
