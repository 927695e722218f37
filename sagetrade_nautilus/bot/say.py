"""One message of the catalogue in one language. To be replaced by the catalogue reader of the bot, `bot/text.py`."""

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

Language = Literal["en", "ar"]
LANGUAGES: tuple[Language, ...] = ("en", "ar")
FIRST_STRONG, POP = "\u2068", "\u2069"
"""Around each value in a right-to-left sentence, so that '+0.43' and 'BTCUSDT' keep their own direction."""


def say(language: Language, key: str, **values: str) -> str:
    """Return the message under `key` ('advisor.headline.up'), with `values` in their places.

    Values are text that is ready to be read; nothing in them is looked at again.

    Raises
    ------
    KeyError
        There is no such message, or it names a value that is not given. A test holds both languages to one set of keys.
    """
    template = _catalogue(language)[key]
    if language == "ar":
        values = {name: isolated(value) for name, value in values.items()}
    return template.format_map(values)


def isolated(value: str) -> str:
    """Return `value` as an island of its own direction."""
    return f"{FIRST_STRONG}{value}{POP}" if value else value


def has(language: Language, key: str) -> bool:
    """Return whether the catalogue has a message under `key`."""
    return key in _catalogue(language)


def keys(language: Language) -> frozenset[str]:
    """Return every key of the catalogue."""
    return frozenset(_catalogue(language))


@cache
def _catalogue(language: Language) -> dict[str, str]:
    raw = files("sagetrade_nautilus.bot").joinpath("catalogue", f"{language}.toml").read_bytes()
    return dict(_flat("", msgspec.toml.decode(raw)))


def _flat(prefix: str, table: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{prefix}{name}"
        found += _flat(f"{key}.", value) if isinstance(value, dict) else [(key, value)]
    return found
