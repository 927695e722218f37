"""The catalogue: one file of messages for each language, and one message of it as plain text."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, get_args

from sagetrade_nautilus.config.bot import Language

__all__ = ["LANGUAGES", "Language", "catalogue", "has", "isolated", "say"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
LEFT_TO_RIGHT, EITHER, END = "\u2066", "\u2068", "\u2069"
"""Unicode's isolates: what stands between one of the first two and the last does not move what stands round it."""
RIGHT_TO_LEFT: Final = frozenset({"ar"})
_LATIN = re.compile(r"<code>[^<]*</code>|(?<![<\w/])/[a-z_]+(?: [A-Za-z0-9_-]+)*|\d\d:\d\d UTC")
"""Commands, what is typed, and times: they keep their order within a text that runs right to left."""


def catalogue(language: Language) -> Mapping[str, str]:
    """Return a language's messages, as 'status.title' to text."""
    return _read(language)


@cache
def _read(language: str) -> Mapping[str, str]:
    raw = (files("sagetrade_nautilus.bot.words") / "catalogue" / f"{language}.toml").read_text(encoding="utf-8")
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


def say(language: Language, key: str, **values: str) -> str:
    """Return the message under `key` ('advisor.headline.up'), with `values` in their places.

    Values are text that is ready to be read; nothing in them is looked at again.

    Raises
    ------
    KeyError
        There is no such message, or it names a value that is not given. A test holds both languages to one set of keys.
    """
    if language in RIGHT_TO_LEFT:
        values = {name: isolated(value) for name, value in values.items()}
    return catalogue(language)[key].format_map(values)


def isolated(value: str) -> str:
    """Return `value` as an island of its own direction, so that '+0.43' and 'BTCUSDT' keep theirs."""
    return f"{EITHER}{value}{END}" if value else value


def has(language: Language, key: str) -> bool:
    """Return whether the catalogue has a message under `key`."""
    return key in catalogue(language)
