"""What kind of news a text is, by rules over its words."""

import re
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.text.entity_table import COINS, DOUBTFUL_NAMES
from sagetrade_nautilus.model.text.folding import fold


class Event(StrEnum):
    """The kinds of news that are told apart."""

    EARNINGS = "earnings"
    GUIDANCE = "guidance"
    ANALYST_RATING = "analyst_rating"
    MERGER_ACQUISITION = "merger_acquisition"
    MACRO_CENTRAL_BANK = "macro_central_bank"
    REGULATION_LEGAL = "regulation_legal"
    HACK_EXPLOIT = "hack_exploit"
    LISTING_DELISTING = "listing_delisting"
    ETF = "etf"
    PRODUCT_PARTNERSHIP = "product_partnership"
    PERSONNEL = "personnel"
    BANKRUPTCY = "bankruptcy"
    PRICE_MOVE = "price_move"
    OTHER = "other"


WEIGHTS: Final = MappingProxyType(
    {
        Event.HACK_EXPLOIT: 1.0,
        Event.BANKRUPTCY: 1.0,
        Event.ETF: 0.9,
        Event.REGULATION_LEGAL: 0.8,
        Event.MACRO_CENTRAL_BANK: 0.8,
        Event.EARNINGS: 0.8,
        Event.GUIDANCE: 0.8,
        Event.MERGER_ACQUISITION: 0.7,
        Event.LISTING_DELISTING: 0.7,
        Event.ANALYST_RATING: 0.5,
        Event.PERSONNEL: 0.4,
        Event.PRODUCT_PARTNERSHIP: 0.4,
        Event.OTHER: 0.3,
        Event.PRICE_MOVE: 0.1,
    }
)
"""How much an event can move a price, in [0, 1]: chosen by judgement, fitted to nothing. A report of a move
that has happened weighs least."""


class Rule(msgspec.Struct, frozen=True):
    """One row of the rule table.

    Parameters
    ----------
    event : Event
        What the text is when the rule holds.
    any_of : tuple[str, ...]
        At least one of these phrases stands in the text. ``(a|b)`` offers alternatives; one to four words.
        ``#`` stands for any number, ``#%`` for a percentage, ``$#`` for an amount, ``@coin`` for a coin's
        name or symbol, ``@ticker`` for any other word after ``$``.
    beside : tuple[str, ...]
        Unless empty, one of these too.
    without : tuple[str, ...]
        None of these.
    within : int
        Unless 0, the phrase begins among the first `within` words.
    """

    event: Event
    any_of: tuple[str, ...]
    beside: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    within: int = 0


MAX_WORDS: Final = 60
MAX_PHRASE: Final = 4
_TOKEN: Final = re.compile(r"\$?\d[\d,.]*\s?%|\$\d[\d,.]*[a-z]*|\d[\d,.]*|\$?[^\W\d_][^\W_]*(?:[&'][^\W\d_]+)*")
_PLAIN_WORDS: Final = frozenset(
    str.split("""
    one near link op dot ape sand waves sandbox sol ada uni mana ton sui pepe
    """)
)
_COIN_WORDS: Final = (
    frozenset(
        word
        for coin in COINS
        for word in (coin.symbol.lower(), *coin.tickers.split(), *coin.names, *map(str.lower, DOUBTFUL_NAMES))
        if " " not in word
    )
    - _PLAIN_WORDS
)
_ALTERNATIVES: Final = re.compile(r"\(([^()]*)\)")


def expand(phrase: str) -> list[str]:
    """Spell out the alternatives of a phrase: ``'(a|b) c'`` is ``['a c', 'b c']``.

    Raises
    ------
    ConfigError
        An alternative is empty, longer than `MAX_PHRASE` words, or holds brackets within brackets.
    """
    parts = _ALTERNATIVES.split(phrase)
    choices = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    spelled = [" ".join("".join(choice).split()) for choice in product(*choices)]
    for words in spelled:
        if not 1 <= len(words.split()) <= MAX_PHRASE or set("()|") & set(words):
            raise ConfigError(f"event rules: {phrase!r} holds {words!r}: one to {MAX_PHRASE} words, no nested brackets")
    return spelled


def words_of(text: str) -> list[str]:
    """Return the first `MAX_WORDS` words of `text` as the rules see them."""
    return [_generic(word) for word in _TOKEN.findall(fold(text).lower())[:MAX_WORDS]]


def _generic(word: str) -> str:
    first = word[0]
    if first.isdigit():
        return "#%" if word[-1] == "%" else "#"
    if first == "$":
        if not word[1].isdigit():
            return "@coin" if word[1:] in _COIN_WORDS else "@ticker"
        return "#%" if word[-1] == "%" else "$#"
    word = word.removesuffix("'s")
    return "@coin" if word in _COIN_WORDS else word


class EventRules:
    """A compiled rule table; the first rule that holds decides.

    Parameters
    ----------
    rules : tuple[Rule, ...]
        In order of precedence.
    """

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._roles: dict[str, list[tuple[int, str]]] = {}
        for index, rule in enumerate(rules):
            for role in ("any_of", "beside", "without"):
                for phrase in getattr(rule, role):
                    for spelled in expand(phrase):
                        self._roles.setdefault(spelled, []).append((index, role))

    def classify(self, text: str) -> Event:
        """Return the event that `text` (cleaned) reports, `Event.OTHER` when no rule holds."""
        hits = self._hits(words_of(text))
        for index, rule in enumerate(self._rules):
            roles = hits.get(index)
            if roles and "any_of" in roles and "without" not in roles and (not rule.beside or "beside" in roles):
                return rule.event
        return Event.OTHER

    def _hits(self, words: list[str]) -> dict[int, set[str]]:
        hits: dict[int, set[str]] = {}
        for start in range(len(words)):
            phrase = ""
            for word in words[start : start + MAX_PHRASE]:
                phrase = f"{phrase} {word}" if phrase else word
                for index, role in self._roles.get(phrase, ()):
                    within = self._rules[index].within
                    if role != "any_of" or not within or start < within:
                        hits.setdefault(index, set()).add(role)
        return hits
