"""One message of the catalogue as plain text, for answers and notices that are marked up where they are sent."""

from sagetrade_nautilus.bot.text import EITHER, END, LANGUAGES, RIGHT_TO_LEFT, catalogue
from sagetrade_nautilus.config.bot import Language

__all__ = ["LANGUAGES", "Language", "has", "isolated", "say"]


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
