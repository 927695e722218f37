"""Who went which way: the sentiment of a financial sentence from its verbs of motion and what they move.

A bag of words cannot tell "costs fell" from "profit fell". Here each word of motion looks for what it moves, first
before it and then after it in the same clause, and is turned round where that is something one would rather have
less of. A figure that is set against another ("EUR 9.4 mn, against EUR 6.1 mn") is read as such a motion.
"""

import re
from collections.abc import Mapping
from typing import Final

from sagetrade_nautilus.model.text.finance_table import (
    BAD_OBJECTS,
    FALLING,
    GETTING,
    GOOD_OBJECTS,
    GOT,
    LOSSES,
    MOTION_NOUNS,
    NEGATORS,
    NEUTRAL_OBJECTS,
    RISING,
    VALENCES,
)
from sagetrade_nautilus.model.text.folding import fold

MAX_TOKENS: Final = 80
_LEFT: Final = 7
_RIGHT: Final = 5
_REACH: Final = 8
_NEGATION: Final = 4
_NOUN: Final = 4
_UNLINKED: Final = 0.6
_TOKEN: Final = re.compile(r"[+\-]?\$?\d[\d,.]*%?|[^\W\d_]+(?:'[^\W\d_]+)?|[?!;:.,]")
_NOISE: Final = re.compile(r"https?://\S+|[$#@]\w+|\([^()]{1,8}\)")
_BREAKS: Final = frozenset({";", ":", ".", "!", "?", "but", "while", "whereas", "although", "despite", "after"})
_UNITS: Final = {"mn": 1e6, "m": 1e6, "million": 1e6, "bn": 1e9, "b": 1e9, "billion": 1e9, "thousand": 1e3}
_AGAINST: Final = frozenset({"from", "versus", "vs", "against", "compared"})
_LINKING: Final = frozenset({"is", "was", "were", "are", "be", "been", "last"}) | {
    "shares",
    "stock",
    "stocks",
    "sales",
    "profit",
    "revenue",
    "revenues",
}

_POLARITY: Final = {
    **dict.fromkeys(GOOD_OBJECTS, 1.0),
    **dict.fromkeys(BAD_OBJECTS, -1.0),
    **dict.fromkeys(NEUTRAL_OBJECTS, 0.0),
}

Motion = tuple[int, float]
"""Where a word stands and which way it goes, +1.0 or -1.0."""


def _index_phrases() -> Mapping[str, list[tuple[str, ...]]]:
    index: dict[str, list[tuple[str, ...]]] = {}
    tables = (RISING, FALLING, GOOD_OBJECTS, BAD_OBJECTS, NEUTRAL_OBJECTS, NEGATORS, VALENCES)
    for phrase in sorted({entry for table in tables for entry in table if "_" in entry}, key=lambda p: (-len(p), p)):
        words = tuple(phrase.split("_"))
        index.setdefault(words[0], []).append(words)
    return index


_PHRASES: Final = _index_phrases()


def tokens_of(text: str) -> list[str]:
    """Return the first `MAX_TOKENS` words, figures and stops of `text`, known phrases as one word."""
    words = _TOKEN.findall(_NOISE.sub(" ", fold(text).lower()))[:MAX_TOKENS]
    joined: list[str] = []
    position = 0
    while position < len(words):
        length = 1
        for phrase in _PHRASES.get(words[position], ()):
            if tuple(words[position : position + len(phrase)]) == phrase:
                length = len(phrase)
                break
        joined.append("_".join(words[position : position + length]))
        position += length
    return joined


def evidence(words: list[str], lexicon: Mapping[str, float]) -> tuple[float, float]:
    """Return what speaks for and against in a sentence, both >= 0.

    Parameters
    ----------
    words : list[str]
        As from `tokens_of`.
    lexicon : mapping of str to float
        Valences, about [-1, 1], of words that the tables here do not know.
    """
    motions = _settle(words, [(at, way) for at, word in enumerate(words) if (way := _way(words, at, word))])
    taken = {at for at, _ in motions}
    scores = [_moved(words, motion, taken) * _sign(words, motion[0]) for motion in motions]
    if not motions:
        scores.append(_comparison(words))
    for at, word in enumerate(words):
        if at in taken:
            continue
        valence = 1.0 if word in GETTING and _gets(words, at) else VALENCES.get(word)
        if valence is None and word not in _POLARITY:
            valence = lexicon.get(word)
        if valence:
            scores.append(valence * _sign(words, at))
    positive = sum(score for score in scores if score > 0.0)
    negative = -sum(score for score in scores if score < 0.0)
    return positive, negative


def _gets(words: list[str], at: int) -> bool:
    """Tell whether an order, a contract, an approval or the like follows in the clause."""
    for other in words[at + 1 : at + 1 + _REACH]:
        if other in _BREAKS:
            return False
        if other in GOT:
            return True
    return False


def _settle(words: list[str], motions: list[Motion]) -> list[Motion]:
    """Let a noun of motion be what the next verb moves: "growth slowed" is one motion, and "decline slowed" is good."""
    settled: list[Motion] = []
    for index, (at, way) in enumerate(motions):
        previous = motions[index - 1] if index else (-9, 0.0)
        near = at - previous[0] <= _NOUN and not _BREAKS.intersection(words[previous[0] : at])
        if near and words[previous[0]] in MOTION_NOUNS and settled and settled[-1][0] == previous[0]:
            settled.pop()
            way *= 1.0 if previous[1] > 0.0 else -1.0  # noqa: PLW2901
        settled.append((at, way))
    return settled


def _way(words: list[str], at: int, word: str) -> float:
    if word in ("up", "down", "off"):
        return _short_way(words, at, word)
    if word[0] in "+-" and word[-1] == "%":
        return 1.0 if word[0] == "+" else -1.0
    if word in RISING:
        return 1.0
    return -1.0 if word in FALLING else 0.0


def _short_way(words: list[str], at: int, word: str) -> float:
    """'up' and 'down' tell of a motion beside a figure or after 'is' and the like; 'set up' does not."""
    following = words[at + 1] if at + 1 < len(words) else "."
    before = words[at - 1] if at else ""
    figure = following.lstrip("+-$")[:1].isdigit()
    linked = before in _LINKING and following not in ("to", "for")
    if not figure and not linked and not (before[-1:] == "%" and following in _BREAKS | {"from", "in", "on"}):
        return 0.0
    return 1.0 if word == "up" else -1.0


def _moved(words: list[str], motion: Motion, taken: set[int]) -> float:
    """Return the motion's sign by what it moves; one that moves nothing known counts for less."""
    at, way = motion
    for other in range(at - 1, max(-1, at - 1 - _LEFT), -1):
        if words[other] in _BREAKS or (other in taken and words[other] not in GOOD_OBJECTS):
            break
        if words[other] in _POLARITY:
            return way * _POLARITY[words[other]]
    for other in range(at + 1, min(at + 1 + _RIGHT, len(words))):
        if words[other] in _BREAKS:
            break
        if words[other] in _POLARITY:
            return way * _POLARITY[words[other]]
    return way * _UNLINKED


def _sign(words: list[str], at: int) -> float:
    for other in range(at - 1, max(-1, at - 1 - _NEGATION), -1):
        if words[other] in _BREAKS or words[other] == ",":
            break
        if words[other] in NEGATORS:
            return -1.0
    return 1.0


def _comparison(words: list[str]) -> float:
    """Read "profit of 9.4 mn, against 6.1 mn": +1 where the figure is the better one, -1 where it is the worse."""
    cut = next((at for at, word in enumerate(words) if word in _AGAINST and at >= 2), None)
    if cut is None:
        return 0.0
    now, then = _figure(words[:cut]), _figure(words[cut + 1 : cut + 9])
    lost, had_lost = _names_loss(words[:cut]), _names_loss(words[cut + 1 : cut + 6])
    gained, had_gained = not lost, "profit" in words[cut + 1 : cut + 6]
    if (lost and had_gained) or (gained and had_lost):
        return -1.0 if lost else 1.0
    known = any(word in GOOD_OBJECTS or word in BAD_OBJECTS for word in words)
    if now is None or then is None or now == then or not known:
        return 0.0
    bad = any(word in BAD_OBJECTS for word in words[:cut]) and not any(w in GOOD_OBJECTS for w in words[:cut])
    return (1.0 if now > then else -1.0) * (-1.0 if bad or lost else 1.0)


def _names_loss(words: list[str]) -> bool:
    return any(word == "loss" or word in LOSSES for word in words)


def _figure(words: list[str]) -> float | None:
    """Return the first amount in `words` that is no year, in units."""
    for at, word in enumerate(words):
        digits = word.lstrip("+-$").rstrip("%.,").replace(",", "")
        if not digits[:1].isdigit() or digits.count(".") > 1:
            continue
        value = float(digits)
        unit = words[at + 1] if at + 1 < len(words) else ""
        if unit not in _UNITS and "." not in digits and 1900 <= value <= 2100:
            continue
        return value * _UNITS.get(unit, 1.0)
    return None
