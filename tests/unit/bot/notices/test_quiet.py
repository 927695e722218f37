"""Quiet hours and the hours of summaries, by the clock on a person's wall."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.bot.notices.quiet import is_quiet, next_at
from sagetrade_nautilus.bot.words.periods import Period, local, nanos, span
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

HOUR_NS = 3_600 * NANOS_PER_SECOND
ZONES = st.sampled_from(["UTC", "Asia/Riyadh", "America/New_York", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia"])
MOMENTS = st.integers(1_600_000_000, 2_000_000_000).map(lambda second: second * NANOS_PER_SECOND)
TIMES = st.times().map(lambda time: time.replace(second=0, microsecond=0))
RIYADH = ZoneInfo("Asia/Riyadh")


def at(text: str, zone: ZoneInfo = RIYADH) -> int:
    return nanos(dt.datetime.fromisoformat(text).replace(tzinfo=zone))


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("2026-03-05 21:59", False),
        ("2026-03-05 22:00", True),
        ("2026-03-06 03:00", True),
        ("2026-03-06 06:59", True),
        ("2026-03-06 07:00", False),
    ],
)
def test_quiet_hours_may_pass_midnight(text: str, quiet: bool) -> None:
    assert is_quiet(at(text), (dt.time(22), dt.time(7)), RIYADH) is quiet


def test_equal_ends_and_no_hours_are_never_quiet() -> None:
    assert not is_quiet(at("2026-03-05 22:00"), (dt.time(22), dt.time(22)), RIYADH)
    assert not is_quiet(at("2026-03-05 22:00"), None, RIYADH)


@given(MOMENTS, TIMES, TIMES, ZONES)
def test_either_a_span_of_the_day_is_quiet_or_its_complement(ts: int, begin: dt.time, end: dt.time, name: str) -> None:
    if begin != end:
        zone = ZoneInfo(name)
        assert is_quiet(ts, (begin, end), zone) != is_quiet(ts, (end, begin), zone)


@given(MOMENTS, TIMES, ZONES, st.sampled_from([None, 0, 3, 6]))
def test_the_next_moment_lies_ahead_within_its_period_and_shows_its_hour(
    ts: int, hour: dt.time, name: str, weekday: int | None
) -> None:
    zone = ZoneInfo(name)
    found = next_at(ts, hour, zone, weekday)
    assert ts < found <= ts + (24 + 24 if weekday is None else 8 * 24) * HOUR_NS
    shown = local(found, zone)
    assert weekday is None or shown.weekday() == weekday
    changes = zone.utcoffset(shown.replace(tzinfo=None)) != shown.utcoffset() or abs(
        (local(found - 2 * HOUR_NS, zone).utcoffset() or dt.timedelta()).total_seconds()
        - (local(found + 2 * HOUR_NS, zone).utcoffset() or dt.timedelta()).total_seconds()
    )
    assert changes or shown.time() == hour


def test_an_hour_that_the_clock_leaves_out_is_still_a_moment_of_its_day() -> None:
    new_york = ZoneInfo("America/New_York")
    found = next_at(at("2026-03-07 12:00", new_york), dt.time(2, 30), new_york)
    assert local(found, new_york).date() == dt.date(2026, 3, 8)


def test_an_hour_that_comes_twice_is_meant_once() -> None:
    new_york = ZoneInfo("America/New_York")
    first = next_at(at("2026-10-31 12:00", new_york), dt.time(1, 30), new_york)
    assert local(next_at(first, dt.time(1, 30), new_york), new_york).date() == dt.date(2026, 11, 2)


def test_today_begins_at_the_persons_midnight() -> None:
    now = at("2026-03-05 00:30")
    assert span(Period.TODAY, now, RIYADH) == (at("2026-03-05 00:00"), now)
    assert span(Period.YESTERDAY, now, RIYADH) == (at("2026-03-04 00:00"), at("2026-03-05 00:00"))
    assert span(Period.WEEK, now, RIYADH)[0] == at("2026-02-27 00:00")
    assert span(Period.DAY, now, RIYADH)[0] == now - 24 * HOUR_NS
