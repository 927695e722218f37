"""Windows of time as people write them, as UTC nanoseconds."""

import datetime as dt
import re

import pandas as pd

from sagetrade_nautilus.errors import DataError

Moment = dt.date | str | int
"""A date (its midnight), a datetime, ISO 8601 text or UNIX nanoseconds. What carries no offset is UTC."""

Window = tuple[Moment, Moment] | dt.timedelta | str
"""A start and an end, or a length such as '30d': the last 30 days that there are."""

_LENGTH = re.compile(r"(\d+)\s*(min|h|d|w)")
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment_ns(moment: Moment) -> int:
    """Return `moment` in UTC nanoseconds.

    Raises
    ------
    DataError
        It is neither a date nor a time, or one before 1970.
    """
    try:
        stamp = pd.Timestamp(moment)
        utc = stamp.tz_localize("UTC") if stamp.tz is None else stamp.tz_convert("UTC")
        ns = int(utc.as_unit("ns").value)
    except (ValueError, TypeError, OverflowError):
        ns = -1
    if ns < 0:
        raise DataError(f"{moment!r} is no time since 1970; write 2022-01-31 or 2022-01-31T09:30:00Z")
    return ns


def length_ns(length: dt.timedelta | str) -> int:
    """Return a length of time in nanoseconds: a timedelta, or text such as '90min', '12h', '30d', '4w'.

    Raises
    ------
    DataError
        It is no such text, or not above 0.
    """
    if isinstance(length, str):
        match = _LENGTH.fullmatch(length.strip().lower())
        if match is None:
            raise DataError(f"{length!r} is no length of time; write 90min, 12h, 30d or 4w, or (start, end)")
        length = dt.timedelta(**{_UNITS[match[2]]: int(match[1])})
    if length <= dt.timedelta(0):
        raise DataError(f"a window must be longer than nothing, got {length}")
    return round(length / dt.timedelta(microseconds=1)) * 1_000


def window_ns(window: Window, last_ns: int) -> tuple[int, int]:
    """Return the start and the end of `window` in UTC nanoseconds.

    Parameters
    ----------
    window : Window
        A pair, or a length that ends at `last_ns`.
    last_ns : int
        Where the data ends, in UTC nanoseconds.

    Raises
    ------
    DataError
        It cannot be read, or does not end after its start.
    """
    if isinstance(window, str | dt.timedelta):
        return last_ns - length_ns(window), last_ns
    start, end = window
    start_ns, end_ns = moment_ns(start), moment_ns(end)
    if end_ns <= start_ns:
        raise DataError(f"the window ends at {end}, which is not after its start {start}")
    return start_ns, end_ns
