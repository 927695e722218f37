"""A question cut into words, and the concept of each; typing errors and attached Arabic particles are forgiven."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Final, NamedTuple

from sagetrade_nautilus.bot.advisor.vocabulary import CONCEPTS, PHRASES
from sagetrade_nautilus.model.text.clean import clean
from sagetrade_nautilus.model.text.folding import fold

QUESTION_CHARS_MAX: Final = 500
QUESTION_WORDS_MAX: Final = 40
FORGIVEN_WORDS_MAX: Final = 12
"""In a longer question no typing errors are looked for: that takes time on the thread that trades."""
TYPO_CHARS_MIN: Final = 4
TYPO_CHARS_OFF: Final = 2
TYPO_LIKENESS: Final = 0.8
_PHRASE: Final = re.compile(rf"\b(?:{'|'.join(sorted(PHRASES, key=len, reverse=True))})\b", re.IGNORECASE)
_TOKEN: Final = re.compile(r"\$?[^\W_]+")
_STRETCHED: Final = re.compile(r"([^\W\d])\1{2,}")
_PREFIXES: Final = re.compile("^[وف]?(?:لل|[بكل]?ال|[بلكسهح])?(?=.{3})")
_SUFFIXES: Final = re.compile("(?<=.{3})(?:نا|ها|هم|كم|ني|ين|ات|ه|ك|ي|و)$")
_ARABIC: Final = re.compile("[\u0620-\u064a\u066e-\u06d3]")


class Word(NamedTuple):
    """A word as it was written, as it is compared, and the concepts that it stands for (none if it is not known)."""

    raw: str
    plain: str
    concepts: frozenset[str]


def tidy(text: str) -> str:
    """Return what somebody typed on one line: no markup, nothing hidden, no vowel marks, bounded in length."""
    composed = unicodedata.normalize("NFC", clean(text, QUESTION_CHARS_MAX))
    return "".join(char for char in composed if unicodedata.category(char) != "Mn" and char != "ـ")


def words(tidied: str, names: Iterable[str] = ()) -> list[Word]:
    """Return the first words of a text that `tidy` has passed.

    Parameters
    ----------
    names : iterable of str
        Plain words that are names and no typing errors of something else.
    """
    known = frozenset(names)
    found = []
    tokens = _TOKEN.findall(_PHRASE.sub(lambda said: PHRASES[said[0].lower()], tidied))
    for raw in tokens[:QUESTION_WORDS_MAX]:
        plain = _STRETCHED.sub(r"\1", fold(raw).lower())
        is_exact = plain in known or len(tokens) > FORGIVEN_WORDS_MAX
        found.append(Word(raw, plain, _concepts(plain, is_exact)))
    return found


def is_arabic(text: str) -> bool:
    """Return whether any of it is written in Arabic letters."""
    return _ARABIC.search(text) is not None


def likely(plain: str, choices: Iterable[str], likeness: float = TYPO_LIKENESS) -> str | None:
    """Return the one of `choices` that `plain` is probably a misspelling of: the first letter is mostly right."""
    if len(plain) < TYPO_CHARS_MIN:
        return None
    alike = [choice for choice in choices if choice[0] == plain[0] and abs(len(choice) - len(plain)) <= TYPO_CHARS_OFF]
    near = get_close_matches(plain, alike, n=1, cutoff=likeness)
    return near[0] if near else None


def forms(plain: str) -> list[str]:
    """Return an Arabic word without its attached particles, the barest form last; any other word as it is."""
    if not is_arabic(plain):
        return [plain]
    bare = _PREFIXES.sub("", plain)
    return list(dict.fromkeys((plain, bare, _SUFFIXES.sub("", plain), _SUFFIXES.sub("", bare))))


def _concepts(plain: str, is_exact: bool) -> frozenset[str]:
    exact, _ = _table()
    for form in forms(plain):
        found = exact.get(form) or _by_beginning(form)
        if found:
            return found
    if is_exact or plain.startswith("$"):
        return frozenset()
    meant = next((near for form in forms(plain) if (near := likely(form, exact))), None)
    return exact[meant] if meant is not None else frozenset()


def _by_beginning(form: str) -> frozenset[str]:
    _, beginnings = _table()
    return frozenset(concept for beginning, concept in beginnings if form.startswith(beginning))


@cache
def _table() -> tuple[dict[str, frozenset[str]], tuple[tuple[str, str], ...]]:
    """Return the words with their concepts, and the beginnings with theirs."""
    exact: dict[str, set[str]] = {}
    beginnings: list[tuple[str, str]] = []
    for concept, listed in CONCEPTS.items():
        for word in listed.split():
            plain = fold(word).lower()
            if plain.endswith("*"):
                beginnings.append((plain[:-1], concept))
            else:
                exact.setdefault(plain, set()).add(concept)
    return {word: frozenset(found) for word, found in exact.items()}, tuple(beginnings)
