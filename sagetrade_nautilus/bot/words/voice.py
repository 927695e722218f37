"""How the bot speaks: one catalogue per language, numbers and dates in order, also where the text runs right to left.

Messages are HTML as Telegram knows it. Whatever stands in a message is either `Marked`, which this module made, or is
escaped and isolated first: text from outside can neither mark up nor turn the direction of what stands round it.
"""

import re
from datetime import UTC, datetime
from html import escape
from typing import Final
from unicodedata import bidirectional

from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.bot.words.say import EITHER, END, LEFT_TO_RIGHT, RIGHT_TO_LEFT, Language, catalogue
from sagetrade_nautilus.model.readings import Component
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.report import text as plain

OUTSIDE_CHARS_MAX: Final = 300
RIGHT_MARK: Final = "\u200f"
"""Makes a line run from right to left, whatever it begins with."""
_DIRECTING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Marked(str):
    """Text that may be sent as it is."""

    __slots__ = ()


class Voice:
    """Speaks one language.

    Parameters
    ----------
    language : {'en', 'ar'}
        Which.
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._texts = catalogue(language)
        self._turns = language in RIGHT_TO_LEFT
        self._show = Show(language)

    def say(self, key: str, **values: object) -> Marked:
        """Return the message `key` with `values` in it; what is not `Marked` comes from outside."""
        shown = {name: value if isinstance(value, Marked) else self.outside(value) for name, value in values.items()}
        return Marked(self._texts[key].format_map(shown))

    def word(self, group: str, name: str) -> Marked:
        """Return the catalogue's word for `name`; `name` itself where it has none."""
        key = f"{group}.{name}"
        return Marked(self._texts[key]) if key in self._texts else self.outside(name)

    def has(self, key: str) -> bool:
        """Return whether the catalogue has a message under `key`."""
        return key in self._texts

    def row(self, label: str, value: object) -> Marked:
        """Return 'Equity: 100,000 USDT'."""
        return self.say("form.row", label=self.word("label", label), value=value)

    def outside(self, text: object) -> Marked:
        """Return text from outside: cut, on one line, escaped, and isolated in its own direction."""
        said = "".join(letter if letter.isprintable() else " " for letter in _DIRECTING.sub("", str(text)))
        cut = said if len(said) <= OUTSIDE_CHARS_MAX else said[: OUTSIDE_CHARS_MAX - 1] + "…"
        return Marked(f"{EITHER}{escape(cut, quote=False)}{END}")

    def code(self, text: str) -> Marked:
        """Return something that a person copies by tapping on it: an id, a code."""
        shown = f"<code>{escape(text, quote=False)}</code>"
        return Marked(f"{LEFT_TO_RIGHT}{shown}{END}" if self._turns else shown)

    def fixed(self, text: str) -> Marked:
        """Return what runs from left to right in every language: a number, a symbol, a date."""
        shown = escape(text, quote=False)
        return Marked(f"{LEFT_TO_RIGHT}{shown}{END}" if self._turns else shown)

    def number(self, value: float | None, digits: int = 2, *, signed: bool = False) -> Marked:
        """Return '1,234.50'; a dash for ``None``."""
        return self.fixed(plain.number(value, digits, signed=signed))

    def percent(self, value: float | None, digits: int = 1, *, signed: bool = False) -> Marked:
        """Return '12.3%', of a number in percent."""
        return self.fixed(plain.percent(value, digits, signed=signed))

    def money(self, value: float | None, currency: str, *, signed: bool = False) -> Marked:
        """Return '1,234.50 USDT'."""
        return self.fixed(self._show.money(value, currency, signed=signed))

    def held(self, value: float, currency: str) -> Marked:
        """Return '0.00254 BTC': an amount of any currency, as `amount` does."""
        return self.fixed(f"{self._show.amount(value)} {currency}")

    def amount(self, value: float | None) -> Marked:
        """Return a price or a quantity: up to eight decimals, and six digits of what is smaller."""
        return self.fixed(self._show.amount(value))

    def measured(self, limit: str, value: float | None) -> Marked:
        """Return a limit's number in the unit that the limit's name ends with: '0.58%', '12 s'."""
        return self._said(self._show.measured(limit, value))

    def part(self, part: Component) -> Marked:
        """Return what a part of a score is called: 'RSI (14)'."""
        return self._said(self._show.part(part))

    def cause(self, reason: str) -> Marked:
        """Return a reason of the guard's, as far as the language has words for it."""
        return self._said(self._show.cause(reason))

    def date(self, ts: int) -> Marked:
        """Return '2026-03-05 14:02 UTC', of UNIX nanoseconds."""
        return self.fixed(f"{datetime.fromtimestamp(ts / NANOS_PER_SECOND, UTC):%Y-%m-%d %H:%M} UTC")

    def day(self, ts: int) -> Marked:
        """Return '2026-03-05', of UNIX nanoseconds."""
        return self.fixed(f"{datetime.fromtimestamp(ts / NANOS_PER_SECOND, UTC):%Y-%m-%d}")

    def span(self, seconds: float | None) -> Marked:
        """Return '45 s', '12 min', '3.5 h' or '2.1 d' in the language."""
        return self._said(self._show.span(seconds))

    def _said(self, text: str) -> Marked:
        """Return words of the catalogue's, with figures or words from outside in them, in their own direction."""
        shown = escape(text, quote=False)
        return Marked(f"{EITHER}{shown}{END}" if self._turns else shown)

    @staticmethod
    def plain(text: str) -> str:
        """Return plain text, in which nothing is marked up. It runs as its own language does, not as the person's."""
        said = escape(text, quote=False)
        return _turned(said) if begins_right(said) else said

    def page(self, *lines: str) -> str:
        """Return lines as one text; each runs in the language's direction."""
        text = "\n".join(lines)
        return _turned(text) if self._turns else text


def begins_right(text: str) -> bool:
    """Return whether the first letter that stands in no isolate runs from right to left."""
    depth = 0
    for letter in text:
        depth += (letter in (LEFT_TO_RIGHT, EITHER)) - (letter == END)
        direction = bidirectional(letter) if depth == 0 else ""
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def _turned(text: str) -> str:
    return "\n".join(f"{RIGHT_MARK}{line}" if line else line for line in text.split("\n"))
