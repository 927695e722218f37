"""Recognise a text that was seen before."""

import hashlib
import re
from collections import OrderedDict
from typing import Final

from sagetrade_nautilus.model.text.folding import fold

_WORDS: Final = re.compile(r"[^\W_]+")


def title_key(title: str) -> bytes:
    """Return a hash of `title` that ignores case, punctuation, spacing, accents and look-alike letters."""
    words = _WORDS.findall(fold(title).casefold())
    return hashlib.blake2b((" ".join(words) or title).encode(), digest_size=16).digest()


class DuplicateFilter:
    """Remembers the titles met most recently, in bounded memory.

    Parameters
    ----------
    capacity : int
        How many different titles are remembered, >= 1; the one not met for longest is forgotten first.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._counts: OrderedDict[bytes, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def meet(self, title: str) -> int:
        """Take note of `title`, and return how often it had been met before."""
        key = title_key(title)
        before = self._counts.pop(key, 0)
        self._counts[key] = before + 1
        if len(self._counts) > self._capacity:
            self._counts.popitem(last=False)
        return before
