"""Days and weeks as a person counts them: in that person's own time zone."""

import datetime as dt
from enum import StrEnum
from zoneinfo import ZoneInfo

from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_SECOND


class Period(StrEnum):
    """What a result is of: the day so far, the day before, the last 24 hours, 7 or 30 days, or all that is known."""

    TODAY = "today"
    DAY = "day"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


_DAYS_BACK = {Period.TODAY: 0, Period.YESTERDAY: 1, Period.WEEK: 6, Period.MONTH: 29}
_LENGTHS = ((1, Period.DAY), (7, Period.WEEK), (30, Period.MONTH))


def span(period: Period, now_ns: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return the first and the last moment of `period` in UNIX nanoseconds; a day begins at midnight in `zone`.

    A week is today and the six days before it, a month today and the 29 before it.
    """
    if period is Period.ALL:
        return 0, now_ns
    if period is Period.DAY:
        return now_ns - NANOS_PER_DAY, now_ns
    today = local(now_ns, zone).date()
    start = _midnight(today - dt.timedelta(days=_DAYS_BACK[period]), zone)
    return start, _midnight(today, zone) if period is Period.YESTERDAY else now_ns


def covering(days: int) -> Period:
    """Return the shortest period up to now that holds so many days."""
    return next((period for most, period in _LENGTHS if days <= most), Period.ALL)


def local(ts: int, zone: ZoneInfo) -> dt.datetime:
    """Return `ts` (UNIX nanoseconds) as the clock in `zone` shows it."""
    return dt.datetime.fromtimestamp(ts // NANOS_PER_SECOND, tz=zone)


def nanos(moment: dt.datetime) -> int:
    """Return an aware `moment` in UNIX nanoseconds."""
    return int(moment.timestamp()) * NANOS_PER_SECOND


def _midnight(day: dt.date, zone: ZoneInfo) -> int:
    return nanos(dt.datetime.combine(day, dt.time(), tzinfo=zone))
