"""What a server's headers ask of whoever calls it."""

import email.utils
from collections.abc import Mapping
from math import isfinite
from typing import Final

_EPOCH: Final = 1_000_000_000
_RESETS: Final = ("x-rate-limit-reset", "x-ratelimit-reset")
_REMAINING: Final = ("x-rate-limit-remaining", "x-ratelimit-remaining")


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float:
    """Return for how long a server asks not to be called again, in seconds; 0 if it does not ask.

    Read are ``Retry-After`` (seconds or an HTTP date; RFC 9110, 10.2.3), then the moment or time left of X's
    ``x-rate-limit-reset`` and Reddit's and Alpaca's ``x-ratelimit-reset``.
    """
    asked = headers.get("retry-after", "")
    if asked:
        return _seconds(asked, now_s)
    return next((_seconds(headers[name], now_s) for name in _RESETS if name in headers), 0.0)


def pause_s(headers: Mapping[str, str], now_s: float) -> float:
    """Return how long to wait after an answer whose headers say that no call is left in this window, in seconds."""
    left = next((headers[name] for name in _REMAINING if name in headers), "1")
    return retry_after_s(headers, now_s) if _number(left) < 1.0 else 0.0


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 1.0
    return number if isfinite(number) else 1.0


def _seconds(text: str, now_s: float) -> float:
    try:
        number = float(text)
    except ValueError:
        try:
            number = email.utils.parsedate_to_datetime(text).timestamp()
        except (ValueError, OverflowError):
            return 0.0
    if not isfinite(number):
        return 0.0
    return max(0.0, number - now_s if number > _EPOCH else number)
