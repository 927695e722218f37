"""Holds a model's words against the facts: no number, name, side or direction that the facts do not have.

It is strict and simple: where it errs, the plain answer is shown. What it cannot see is a sentence that puts right
numbers into a wrong relation; for that the verdict always stands above, in our own words.
"""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final, NamedTuple

from sagetrade_nautilus.bot.advisor.check_table import (
    DIRECTIONS,
    FORBIDDEN,
    NUMBER_WORDS,
    UNITS,
    Listed,
)
from sagetrade_nautilus.bot.advisor.words import forms, is_arabic
from sagetrade_nautilus.bot.words.say import Language
from sagetrade_nautilus.bot.words.typed import DIGITS
from sagetrade_nautilus.model.text.entities import link
from sagetrade_nautilus.model.text.entity_table import MARKET
from sagetrade_nautilus.model.text.folding import fold

CHARS_MAX: Final = 1_500
_CHUNK: Final = re.compile(r"[^\s()\[\]{}\"'«»“”;؛،:]+")
_EDGES: Final = ".,!?؟…"
_NUMBER: Final = re.compile(r"[-+]?\d+(?:,\d{3})*(?:\.\d+)?%?")
_MARKUP: Final = re.compile(r"https?:|www\.|[<>`*#@\\|=]|(?<!\w)/\w")
_CAPITALS: Final = re.compile(r"\b[A-Z][A-Z0-9]+\b")
_LATIN: Final = re.compile(r"[A-Za-z]{2,}")
_NAMED: Final = re.compile(r"(?<=[a-z0-9%,;] )[A-Z][A-Za-z]+")


class Spoken(NamedTuple):
    """A number with its unit, '' where none follows it."""

    value: Decimal
    unit: str


def fault(said: str, facts: str, language: Language) -> str | None:
    """Return what `said` says that `facts` do not, or ``None`` where it holds."""
    if not said.strip() or len(said) > CHARS_MAX:
        return "it is empty or too long"
    if _MARKUP.search(said) or any(unicodedata.category(char) in ("Cc", "Co", "Cs") and char != "\n" for char in said):
        return "it has markup, an address, a command or a control character"
    if is_arabic(said) != (language == "ar"):
        return "it is in another language"
    faults = (_numbers, _number_words, _names, _directions, _promises)
    return next((found for check in faults if (found := check(said, facts)) is not None), None)


def numbers(text: str) -> tuple[frozenset[Spoken], frozenset[str]]:
    """Return the numbers that a text says, and those of its words that hold digits and are no numbers."""
    chunks = [chunk.strip(_EDGES) for chunk in _CHUNK.findall(text.translate(DIGITS))]
    spoken: set[Spoken] = set()
    names: set[str] = set()
    for chunk, after in pairwise([*chunks, ""]):
        if not any(char.isdigit() for char in chunk):
            continue
        value = _value(chunk)
        if value is None:
            names.add(chunk)
        else:
            spoken.add(Spoken(value, "%" if chunk.endswith("%") else _unit(after)))
    return frozenset(spoken), frozenset(names)


def _numbers(said: str, facts: str) -> str | None:
    strange = next((char for char in said.translate(DIGITS) if _counts(char)), None)
    if strange is not None:
        return f"it writes a number as {strange!r}"
    spoken, names = numbers(said)
    known, known_names = numbers(facts)
    new = [str(number.value) + number.unit for number in spoken - known] + list(names - known_names)
    return f"the number {min(new)} is not in the facts" if new else None


def _counts(char: str) -> bool:
    return not ("0" <= char <= "9") and unicodedata.numeric(char, None) is not None


def _value(chunk: str) -> Decimal | None:
    if not _NUMBER.fullmatch(chunk):
        return None
    try:
        return Decimal(chunk.rstrip("%").replace(",", ""))
    except InvalidOperation:
        return None


def _unit(after: str) -> str:
    return next((unit for form in _plain(after) if (unit := UNITS.get(form))), "")


def _number_words(said: str, facts: str) -> str | None:
    new = _of(NUMBER_WORDS, said) - _of(NUMBER_WORDS, facts)
    return f"the number {min(new)!r} is not in the facts" if new else None


def _names(said: str, facts: str) -> str | None:
    new = {*link(said), *_CAPITALS.findall(said)} - {*link(facts), *_CAPITALS.findall(facts), MARKET}
    pattern = _LATIN if is_arabic(said) else _NAMED
    new |= set(pattern.findall(said)) - set(_LATIN.findall(facts))
    return f"{min(new)!r} is not named in the facts" if new else None


def _directions(said: str, facts: str) -> str | None:
    for direction, listed in DIRECTIONS.items():
        if _of(listed, said) and not _of(listed, facts):
            return f"it says {direction!r}, which the facts do not"
    return None


def _promises(said: str, facts: str) -> str | None:
    new = _of(FORBIDDEN, said)
    return f"it advises or promises: {min(new)!r}" if new else None


def _of(listed: Listed, text: str) -> frozenset[str]:
    """Return the words of `text` that are listed."""
    chunks = re.findall(r"[^\W\d_]+", text)
    return frozenset(form for chunk in chunks for form in _plain(chunk) if listed.has(form))


def _plain(word: str) -> Iterable[str]:
    """Return the forms in which a word is looked up: folded, in lower case, without Arabic particles."""
    return forms("".join(char for char in fold(word).lower() if char.isalnum() or char == "%"))
