"""The regular hours of shares in the United States; holidays are a calendar's to know."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sagetrade_nautilus.nanos import NANOS_PER_SECOND

EXCHANGE_CLOCK = "America/New_York"
NEW_YORK = ZoneInfo(EXCHANGE_CLOCK)
OPEN_MINUTE, CLOSE_MINUTE, EARLY_CLOSE_MINUTE = 9 * 60 + 30, 16 * 60, 13 * 60
THURSDAY, FRIDAY, SATURDAY = 3, 4, 5
DAY_AFTER_THANKSGIVING = range(23, 30)
"""Of November, if it is a Friday."""


def minutes_to_close(ts: int) -> float:
    """Return how many minutes of regular trading are left at `ts`.

    That is 9:30 to 16:00 in New York, Monday to Friday, and to 13:00 on the half-days of rule 7.2 of the New York Stock
    Exchange: the day after Thanksgiving, July 3 and December 24, where these are no holidays themselves.

    Parameters
    ----------
    ts : int
        UNIX nanoseconds.

    Returns
    -------
    float
        In [0, 390]; 0 outside regular hours, the opening's moment within.
    """
    now = datetime.fromtimestamp(ts // NANOS_PER_SECOND, tz=NEW_YORK)
    minute = now.hour * 60 + now.minute + now.second / 60.0
    close = EARLY_CLOSE_MINUTE if _is_half_day(now) else CLOSE_MINUTE
    if now.weekday() >= SATURDAY or not OPEN_MINUTE <= minute < close:
        return 0.0
    return close - minute


def _is_half_day(day: datetime) -> bool:
    """Tell whether the exchange closes early; on a Friday, July 3 and December 24 stand in for a Saturday's holiday."""
    if (day.month, day.day) in {(7, 3), (12, 24)}:
        return day.weekday() <= THURSDAY
    return day.month == 11 and day.weekday() == FRIDAY and day.day in DAY_AFTER_THANKSGIVING


class Session(NamedTuple):
    """One day of an exchange as its calendar has it, in UNIX nanoseconds.

    `opens_ns` to `closes_ns` are its regular hours, `first_ns` to `last_ns` those in which anybody trades at all.
    """

    opens_ns: int
    closes_ns: int
    first_ns: int
    last_ns: int

    @property
    def regular(self) -> tuple[int, int]:
        """Return when the regular hours begin and end."""
        return self.opens_ns, self.closes_ns

    @property
    def extended(self) -> tuple[int, int]:
        """Return when the first and the last trade may be made."""
        return self.first_ns, self.last_ns


def new_york_ns(day: str, time: str) -> int:
    """Return UNIX nanoseconds of a day ('2026-11-27') and a time ('09:30', '0930') in New York.

    Raises
    ------
    ValueError
        It is no day, or no time.
    """
    moment = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=NEW_YORK)
    return int(moment.timestamp()) * NANOS_PER_SECOND


def closes_of(hours: Iterable[tuple[int, int]], step_ns: int, start_ns: int, end_ns: int) -> Iterator[int]:
    """Yield the closes of the bars of `step_ns` that open from `start_ns` to before `end_ns` and touch the `hours`.

    Bars stand on the grid of UTC. `hours` are in the order of time and do not overlap.
    """
    last = 0
    for first_ns, last_ns in hours:
        at = max(first_ns // step_ns * step_ns, last, -(-start_ns // step_ns) * step_ns)
        while at < min(last_ns, end_ns):
            last = at + step_ns
            yield last
            at = last


def exchange_day_closes(hours: Iterable[tuple[int, int]], start_ns: int, end_ns: int) -> Iterator[int]:
    """Yield the closes of the exchange's daily bars, midnights in New York, that open in [`start_ns`, `end_ns`)."""
    for first_ns, _ in hours:
        opens = datetime.fromtimestamp(first_ns // NANOS_PER_SECOND, tz=NEW_YORK).replace(hour=0, minute=0, second=0)
        if start_ns <= int(opens.timestamp()) * NANOS_PER_SECOND < end_ns:
            yield int((opens + timedelta(days=1)).timestamp()) * NANOS_PER_SECOND
