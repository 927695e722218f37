"""Numbers, ages and names as a person reads them, in either language. Digits are Western ones in both."""

import re
from collections.abc import Iterable
from math import floor, log10
from typing import Final

from sagetrade_nautilus.bot.words.say import Language, has, say
from sagetrade_nautilus.model.readings import Component, Regime
from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.report.text import MISSING, cents, duration, number, percent

CAUSE_CHARS_MAX: Final = 160
_NUMBER: Final = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_STANDING: Final = re.compile(rf"\b([a-z_]+): {_NUMBER} against {_NUMBER}$")
SIGNIFICANT: Final = 6
AMOUNT_DECIMALS: Final = 8
FLOAT_DIGITS: Final = 15
WHOLE_FROM: Final = 1_000.0
COUNTS: Final = frozenset({"max_messages_per_s"})
"""Limits whose names end as if they were measured in a unit, and that count."""


class Show:
    """Writes figures in one language. What is not known is a dash."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def text(self, key: str, **values: str) -> str:
        """Return a message of the advisor's part of the catalogue."""
        return say(self.language, f"advisor.{key}", **values)

    def score(self, value: float | None) -> str:
        """Return a score or a contribution: '+0.43'."""
        return number(value, 2, signed=True)

    def share(self, value: float | None) -> str:
        """Return a share in [0, 1] in whole percent: '61%'."""
        return percent(None if value is None else value * 100.0, 0)

    def pct(self, value: float | None, *, signed: bool = False) -> str:
        """Return percent with two decimals: '0.80%'."""
        return percent(value, 2, signed=signed)

    def price(self, value: float | None) -> str:
        """Return a price with as many digits as tell it from its neighbours: '43,210.5', '0.0812', '0.0000000123'."""
        if value is None:
            return MISSING
        return _short(value, 2 if abs(value) >= 100.0 else _decimals(value, SIGNIFICANT))

    def amount(self, value: float | None) -> str:
        """Return a quantity without needless zeros: '0.25'."""
        return MISSING if value is None else _short(value, _decimals(value, AMOUNT_DECIMALS))

    def money(self, value: float | None, currency: str, *, signed: bool = False) -> str:
        """Return '1,234.50 USDT', and '0.0043 BTC'."""
        return MISSING if value is None else f"{cents(value, signed=signed)} {currency}"

    def plain(self, value: float | None) -> str:
        """Return a measurement: whole from 1,000 on, three significant digits below 1, no needless zeros."""
        if value is None:
            return MISSING
        size = abs(value)
        digits = 0 if size >= WHOLE_FROM else 2 if size >= 1.0 or size == 0.0 else min(8, 2 - floor(log10(size)))
        return _short(value, digits)

    def whole(self, value: float) -> str:
        """Return a whole number with its sign: '+1'."""
        return number(value, 0, signed=True)

    def measured(self, limit: str, value: float | None) -> str:
        """Return a limit's value or threshold in the unit that the limit's name ends with: '0.58%', '12 s'."""
        unit = "" if limit in COUNTS else limit.rpartition("_")[2]
        if value is None:
            return MISSING
        if unit == "pct":
            return f"{self.plain(value)}%"
        key = f"unit.{unit}"
        return say(self.language, key, n=self.plain(value)) if has(self.language, key) else self.plain(value)

    def bps(self, value: float | None) -> str:
        """Return basis points: '22 bps'."""
        return self.measured("bps", value)

    def span(self, seconds: float | None) -> str:
        """Return a length of time: '12 min', '3.5 h'."""
        if seconds is None:
            return MISSING
        value, unit = duration(max(0.0, seconds)).split(" ")
        return say(self.language, f"unit.{unit}", n=value.removesuffix(".0"))

    def word(self, table: str, name: str) -> str:
        """Return the word for `name` in a table of the catalogue ('regime', 'limit'); itself where there is none."""
        key = f"{table}.{name}"
        return say(self.language, key) if has(self.language, key) else name.replace("_", " ")

    def listed(self, names: Iterable[str]) -> str:
        """Return 'a, b' with the language's comma."""
        return say(self.language, "form.comma").join(names)

    def cause(self, reason: str) -> str:
        """Return a reason of the guard's, or of somebody outside, cleaned and cut.

        Which switch or limit is behind it, what the bot itself wrote, and a limit's numbers are said in the language.
        """
        by, _, rest = reason.partition(": ")
        if not has(self.language, f"limit.{by}"):
            return clean(reason, CAUSE_CHARS_MAX)
        standing = _STANDING.search(reason)
        if standing is not None and standing.start() == 0:
            return self._standing(standing)
        why = rest.partition(": ")[2] or rest
        if has(self.language, f"said.{why}"):
            said = say(self.language, f"said.{why}")
        else:
            said = clean(why, CAUSE_CHARS_MAX)
            found = _STANDING.search(said)
            if found is not None:
                said = f"{said[: found.start()]}{self._standing(found)}"
        return f"{self.word('limit', by)}: {said}"

    def _standing(self, found: re.Match[str]) -> str:
        limit, value, threshold = found.groups()
        return self.text(
            "standing",
            limit=self.word("limit", limit),
            value=self.measured(limit, float(value)),
            threshold=self.measured(limit, float(threshold)),
        )

    def regime(self, regime: Regime) -> str:
        """Return the state of the market in words."""
        return self.word("regime", regime.value)

    def part(self, part: Component) -> str:
        """Return what a part of the score is called: 'RSI (14)', 'news (CoinTelegraph)'."""
        if part.kind == "text":
            return self.text("part.text", source=part.name.removeprefix("text:"))
        kind, _, lengths = part.name.partition("_")
        if part.name.startswith("ema_cross_"):
            kind, lengths = "ema_cross", part.name.removeprefix("ema_cross_")
        key = f"advisor.part.{kind}"
        return say(self.language, key, n=lengths.replace("_", "/")) if has(self.language, key) else part.name


def _short(value: float, digits: int) -> str:
    shown = number(value, digits)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _decimals(value: float, least: int) -> int:
    """Return how many decimals show a value: `least`, more for the digits of a small one, none that a float has not."""
    before = floor(log10(abs(value))) + 1 if value else 0
    return max(0, min(max(least, SIGNIFICANT - before), FLOAT_DIGITS - before))
