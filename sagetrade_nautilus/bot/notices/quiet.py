"""When a person is told: quiet hours, and the hour of a summary, by the clock on that person's wall."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from sagetrade_nautilus.bot.words.periods import local, nanos

DAYS_AHEAD: Final = 9

type Hours = tuple[dt.time, dt.time]
"""From when until when, the end not included; an end before the start lies on the next day."""


def is_quiet(ts: int, hours: Hours | None, zone: ZoneInfo) -> bool:
    """Return whether `ts` (UNIX nanoseconds) lies in a person's quiet hours. Equal ends mean none."""
    if hours is None:
        return False
    now, (begin, end) = local(ts, zone).time(), hours
    if begin <= end:
        return begin <= now < end
    return now >= begin or now < end


def next_at(ts: int, hour: dt.time, zone: ZoneInfo, weekday: int | None = None) -> int:
    """Return the first moment after `ts` at which the clock shows `hour`, on `weekday` (0 is Monday) if one is given.

    Where a change of the clock leaves an hour out, its moment is that of the hour before the change; an hour that
    comes twice is meant when it comes first.
    """
    today = local(ts, zone).date()
    moments = (
        nanos(dt.datetime.combine(day, hour, tzinfo=zone))
        for ahead in range(DAYS_AHEAD)
        if weekday in (None, (day := today + dt.timedelta(days=ahead)).weekday())
    )
    return next(moment for moment in moments if moment > ts)
