"""When two titles tell one story.

They do if their words overlap and nothing that matters differs. Overlap alone is not enough: headlines are
written to patterns ('Prothena / Paratek announces inducement grants under Nasdaq listing rule'), and what differs
is then the only thing that matters. So numbers, dates, tickers and the directions of moves must agree, the titles must
share a name, and no name may take the place of another.
"""

import re
from bisect import bisect_left
from functools import lru_cache
from typing import Final

import msgspec

from sagetrade_nautilus.model.text.entity_table import COINS, MARKET_NAMES
from sagetrade_nautilus.model.text.folding import fold
from sagetrade_nautilus.model.text.move_words import DOWN, UP
from sagetrade_nautilus.model.text.vocabulary_table import VOCABULARY

LEAST_OVERLAP: Final = 0.6
"""Shared words over all words (Jaccard) at which two titles may tell one story."""
LEAST_OVERLAP_EDITED: Final = 0.3
"""The same for two titles under one address."""
LEAST_WORDS: Final = 4
"""How many words two titles must share at least, unless they are the same."""
MAX_WORDS: Final = 40
MAX_NAMES: Final = 6
"""By how many of its names, the longest, a title is found again."""

_WORDS: Final = re.compile(r"[^\W_]+")
_TO_WORDS: Final = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_LINK: Final = re.compile(r"https?://\S+")
_TICKERS: Final = re.compile(r"\$([A-Za-z]{1,5})\b|\(([A-Z]{1,5})\)")
_TRACKING: Final = re.compile(r"(?:utm_\w+|fbclid|gclid|ref|source|cmpid|mc_cid|mc_eid)(?:=|$)", re.IGNORECASE)
_STOP: Final = frozenset(
    str.split("""
    a an the of to in on at by for from and or as with is are was were be been its it this that these s t has have
    had will would over about into after amid via than just now new today also breaking update exclusive report
    reports reportedly says said according
    """)
)
_DATES: Final = frozenset(
    str.split("""
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    """)
)
_OPPOSITES: Final = frozenset(str.split("not no never isn won denies denied rejects halts"))
_ALIASES: Final = {name: coin.symbol.lower() for coin in COINS for name in coin.names if " " not in name}
_SUBJECTS: Final = frozenset(
    [*(coin.symbol.lower() for coin in COINS), *(name for name in MARKET_NAMES if " " not in name)]
)
# A word as titles are compared by: a letter for its kind, one for its length (the longest sort first), the word.
_NAME, _SUBJECT, _PLAIN, _MUST, _MOVE = "abcde"
_NAMING: Final = _NAME + _SUBJECT
_RISES: Final = _MOVE + "+"
_FALLS: Final = _MOVE + "-"
_MOVES: Final = {
    **dict.fromkeys([*UP.split("|"), "buy", "bullish", "upgrade", "upgrades", "raises", "above", "beats"], _RISES),
    **dict.fromkeys([*DOWN.split("|"), "sell", "bearish", "downgrade", "downgrades", "below", "misses"], _FALLS),
}


class Title(msgspec.Struct, frozen=True, gc=False):
    """What is compared of a title.

    Parameters
    ----------
    key : str
        Equal for titles that differ in case, punctuation, spacing, accents, look-alike letters and links alone.
    words : tuple[str, ...]
        Its different words without those that carry nothing: names first, the longest before the others.
    musts : str
        Its numbers, dates, tickers, denials and moves, in one: no two titles that differ here tell one story.
    """

    key: str
    words: tuple[str, ...]
    musts: str


@lru_cache(maxsize=100_000)
def _word(text: str) -> str:
    """Return `text` with its kind and length in front; '' if it carries nothing."""
    if text in _STOP:
        return ""
    if text in _MOVES:
        return _MOVES[text]
    text = _ALIASES.get(text, text)
    if text in _SUBJECTS:
        kind = _SUBJECT
    elif text in _DATES or text in _OPPOSITES or not text.isalpha():
        kind = _MUST
    elif text in VOCABULARY or text.removesuffix("s") in VOCABULARY or len(text) == 1:
        kind = _PLAIN
    else:
        kind = _NAME
    return f"{kind}{chr(ord('~') - min(len(text), 60))}{text}"


def split_words(folded: str) -> list[str]:
    """Return the words of `folded`, in lower case; for plain ASCII, which most titles are, the shorter way."""
    return folded.translate(_TO_WORDS).split() if folded.isascii() else _WORDS.findall(folded.casefold())


def read_title(title: str) -> Title:
    """Return what is compared of `title`."""
    folded = fold(_LINK.sub(" ", title) if "://" in title else title)
    plain = split_words(folded)
    key = " ".join(plain) or title
    words = set(map(_word, plain[:MAX_WORDS]))
    words.discard("")
    if _RISES in words or _FALLS in words:
        moves = [_MOVES[word][1] for word in plain[:MAX_WORDS] if word in _MOVES]
        words -= {_RISES, _FALLS}
        words.add(_MOVE + "".join(moves))
    if "$" in folded or "(" in folded:
        words.update(f"{_MUST}${after or within}" for after, within in _TICKERS.findall(folded))
    ordered = sorted(words)
    start = bisect_left(ordered, _MUST)
    return Title(key, tuple(ordered), " ".join(ordered[start:]))


def is_edit(first: Title, second: Title) -> bool:
    """Tell whether one of two titles under the same address may be an edit of the other.

    An address alone does not tell: some stand for a whole page of stories.
    """
    shared = len(set(first.words).intersection(second.words))
    whole = len(first.words) + len(second.words) - shared
    return shared >= LEAST_WORDS and shared >= LEAST_OVERLAP_EDITED * whole


def is_near(ours: frozenset[str], theirs: tuple[str, ...]) -> bool:
    """Tell whether two titles whose `musts` are the same tell one story, by their words."""
    shared = ours.intersection(theirs)
    count = len(shared)
    if count < LEAST_WORDS or count < LEAST_OVERLAP * (len(ours) + len(theirs) - count):
        return False
    kinds = [word[0] for word in shared]
    if _NAME not in kinds or len(kinds) - kinds.count(_MUST) < LEAST_WORDS:
        return False
    replaced = count < len(ours) and count < len(theirs)
    return not replaced or not any(word[0] in _NAMING for word in ours.symmetric_difference(theirs))


def may_be_retold(first: Title, second: Title) -> bool:
    """Tell whether two titles that mean much the same (`meaning`) may tell one story in other words.

    They must share a name, and two where each has a name that the other lacks. One may hold numbers, dates and tickers
    that the other leaves out, but not each its own; their denials, and the moves where both have some, are the same.
    """
    ours, theirs = _by_kind(first), _by_kind(second)
    names, facts = ours["names"] & theirs["names"], (ours["facts"], theirs["facts"])
    apart = bool(ours["names"] - theirs["names"]) and bool(theirs["names"] - ours["names"])
    return (
        len(names) >= (2 if apart else 1)
        and not (facts[0] - facts[1] and facts[1] - facts[0])
        and ours["denials"] == theirs["denials"]
        and (not ours["moves"] or not theirs["moves"] or ours["moves"] == theirs["moves"])
    )


def _by_kind(title: Title) -> dict[str, set[str]]:
    facts = {word for word in title.words if word[0] == _MUST}
    denials = {word for word in facts if word[2:] in _OPPOSITES}
    return {
        "names": {word for word in title.words if word[0] in _NAMING},
        "facts": facts - denials,
        "denials": denials,
        "moves": {word for word in title.words if word[0] == _MOVE},
    }


def address_key(url: str) -> str:
    """Return `url` without scheme, 'www.', fragment and what only tracks readers; '' if it is no web address."""
    scheme, found, rest = url.partition("://")
    if not found or scheme.lower() not in {"http", "https"}:
        return ""
    path, _, query = rest.partition("#")[0].partition("?")
    host, _, path = path.partition("/")
    kept = "&".join(part for part in query.split("&") if part and not _TRACKING.match(part)) if query else ""
    return f"{host.lower().removeprefix('www.')}/{path.rstrip('/')}{'?' + kept if kept else ''}"


def search_keys(title: Title) -> list[str]:
    """Return what a title is found again by: each of its names, with what must agree.

    Two titles of one story have a key in common.
    """
    if len(title.words) < LEAST_WORDS:
        return []
    return [f"{word} {title.musts}" for word in title.words[:MAX_NAMES] if word[0] == _NAME]
