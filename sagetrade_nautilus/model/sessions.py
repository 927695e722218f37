"""The regular hours of shares in the United States; holidays and half-days are a calendar's to know."""

from datetime import datetime
from zoneinfo import ZoneInfo

NANOS_PER_SECOND = 1_000_000_000
EXCHANGE_CLOCK = "America/New_York"
NEW_YORK = ZoneInfo(EXCHANGE_CLOCK)
OPEN_MINUTE, CLOSE_MINUTE = 9 * 60 + 30, 16 * 60
SATURDAY = 5


def minutes_to_close(ts: int) -> float:
    """Return how many minutes of regular trading (9:30 to 16:00 in New York, Monday to Friday) are left at `ts`.

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
    if now.weekday() >= SATURDAY or not OPEN_MINUTE <= minute < CLOSE_MINUTE:
        return 0.0
    return CLOSE_MINUTE - minute
