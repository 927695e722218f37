"""Numbers as people read them. ``None`` is a dash, a minus the true minus sign, and no zero is negative."""

import re
from collections.abc import Sequence
from math import floor, log10

MISSING = "–"
MINUS = "−"
HALF_A_CENT = 0.005
DUST = 5e-9  # below this an amount is what rounding has left
_TYPED_MINUS = re.compile(r"(?<![\w.-])-(?=\d)")


def number(value: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """Return '1,234.50', with a sign in front of gains if `signed`."""
    if value is None:
        return MISSING
    shown = f"{abs(value):,.{digits}f}"
    if not any(digit in "123456789" for digit in shown):
        return shown
    return (MINUS if value < 0 else "+" if signed else "") + shown


def percent(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """Return '12.3%'."""
    return MISSING if value is None else number(value, digits, signed=signed) + "%"


def bps(value: float | None, digits: int = 2) -> str:
    """Return '0.84 bps'."""
    return MISSING if value is None else f"{number(value, digits)} bps"


def cents(value: float | None, *, signed: bool = False) -> str:
    """Return '1,234.50'; what is less than half a cent has two significant digits, so that it is no zero: '0.0043'."""
    return number(value, cents_digits(value or 0.0), signed=signed)


def cents_digits(value: float) -> int:
    """Return with how many decimals `cents` shows an amount."""
    size = abs(value)
    return 1 - floor(log10(size)) if DUST <= size < HALF_A_CENT else 2


def money(value: float | None, currency: str, *, signed: bool = False) -> str:
    """Return '1,234 USDT': whole units from 1,000 on, `cents` below."""
    if value is None:
        return MISSING
    return f"{number(value, 0, signed=signed) if abs(value) >= 1_000 else cents(value, signed=signed)} {currency}"


def equity_digits(start: float) -> int:
    """Return with how many decimals equity that began at `start` is shown: none from 1,000 on, else six digits."""
    return 5 - floor(log10(start)) if 0.0 < start < 1_000.0 else 0


def price(value: float | None) -> str:
    """Return '28,190.58': cents from 100 on, six significant digits below, so that a small price is no zero."""
    if value is None:
        return MISSING
    size = abs(value)
    return number(value, 2 if size >= 100 or not size else 5 - floor(log10(size)))


def setting(value: str | float | bool | None) -> str:
    """Return a configuration's value: a number with fractions to six significant digits, a switch as TOML has it."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str) else typeset(f"{value:g}" if isinstance(value, float) else str(value))


def typeset(text: str) -> str:
    """Return a sentence with the true minus sign before its numbers."""
    return _TYPED_MINUS.sub(MINUS, text)


def duration(seconds: float | None) -> str:
    """Return '45 s', '12 min', '3.5 h' or '2.1 d'."""
    if seconds is None:
        return MISSING
    for unit, size, digits in (("d", 86_400.0, 1), ("h", 3_600.0, 1), ("min", 60.0, 0)):
        if seconds >= 2 * size or (unit != "d" and seconds >= size):
            return f"{seconds / size:.{digits}f} {unit}"
    return f"{seconds:.0f} s"


def horizon(minutes: int) -> str:
    """Return '15 min' or '4 h'."""
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:g} h"


def listed(words: Sequence[str]) -> str:
    """Return 'a', 'a and b' or 'a, b and c'."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def count(n: int, noun: str) -> str:
    """Return '1 trade' or '2 trades'."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def spaced(name: str) -> str:
    """Return 'stop loss' for 'stop_loss', and 'high-volatility trending' for 'high_vol_trending'."""
    return name.replace("_vol_", "-volatility ").replace("_", " ")
