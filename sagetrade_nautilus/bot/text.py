"""How the bot speaks: one catalogue per language, numbers and dates in order, also where the text runs right to left.

Messages are HTML as Telegram knows it. Whatever stands in a message is either `Marked`, which this module made, or is
escaped and isolated first: text from outside can neither mark up nor turn the direction of what stands round it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any, Final, get_args

from sagetrade_nautilus.config.bot import Language
from sagetrade_nautilus.report import text as plain

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
NANOS_PER_SECOND: Final = 1_000_000_000
OUTSIDE_CHARS_MAX: Final = 300
LEFT_TO_RIGHT, EITHER, END = "\u2066", "\u2068", "\u2069"
"""Unicode's isolates: what stands between one of the first two and the last does not move what stands round it."""
RIGHT_MARK: Final = "\u200f"
"""Makes a line run from right to left, whatever it begins with."""
RIGHT_TO_LEFT: Final = frozenset({"ar"})
_LATIN = re.compile(r"<code>[^<]*</code>|(?<![<\w/])/[a-z_]+(?: [A-Za-z0-9_-]+)*|\d\d:\d\d UTC")
"""Commands, what is typed, and times: they keep their order within a text that runs right to left."""
_DIRECTING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Marked(str):
    """Text that may be sent as it is."""

    __slots__ = ()


def catalogue(language: Language) -> Mapping[str, str]:
    """Return a language's messages, as 'status.title' to text."""
    return _read(language)


@cache
def _read(language: str) -> Mapping[str, str]:
    raw = (files("sagetrade_nautilus.bot") / "catalogue" / f"{language}.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(raw)
    texts = dict(_flat(tables))
    if language not in RIGHT_TO_LEFT:
        return texts
    return {key: _LATIN.sub(lambda found: f"{LEFT_TO_RIGHT}{found[0]}{END}", text) for key, text in texts.items()}


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield f"{above}{name}", value
        else:
            yield from _flat(value, f"{above}{name}.")


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

    def say(self, key: str, **values: object) -> Marked:
        """Return the message `key` with `values` in it; what is not `Marked` comes from outside."""
        shown = {name: value if isinstance(value, Marked) else self.outside(value) for name, value in values.items()}
        return Marked(self._texts[key].format_map(shown))

    def word(self, group: str, name: str) -> Marked:
        """Return the catalogue's word for `name`; `name` itself where it has none."""
        key = f"{group}.{name}"
        return Marked(self._texts[key]) if key in self._texts else self.outside(name)

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
        return self.fixed(plain.MISSING if value is None else f"{plain.number(value, signed=signed)} {currency}")

    def amount(self, value: float | None) -> Marked:
        """Return a price or a quantity with all its digits, up to eight decimals."""
        shown = plain.MISSING if value is None else f"{value:,.8f}".rstrip("0").rstrip(".")
        return self.fixed(shown.replace("-", plain.MINUS))

    def date(self, ts: int) -> Marked:
        """Return '2026-03-05 14:02 UTC', of UNIX nanoseconds."""
        return self.fixed(f"{datetime.fromtimestamp(ts / NANOS_PER_SECOND, UTC):%Y-%m-%d %H:%M} UTC")

    def day(self, ts: int) -> Marked:
        """Return '2026-03-05', of UNIX nanoseconds."""
        return self.fixed(f"{datetime.fromtimestamp(ts / NANOS_PER_SECOND, UTC):%Y-%m-%d}")

    def span(self, seconds: float | None) -> Marked:
        """Return '45 s', '12 min', '3.5 h' or '2.1 d' in the language."""
        if seconds is None:
            return self.fixed(plain.MISSING)
        value, unit = plain.duration(max(seconds, 0.0)).split(" ")
        return self.say(f"span.{unit}", n=self.fixed(value))

    def page(self, *lines: str) -> str:
        """Return lines as one text; each runs in the language's direction."""
        text = "\n".join(lines)
        if not self._turns:
            return text
        return "\n".join(f"{RIGHT_MARK}{line}" if line else line for line in text.split("\n"))
