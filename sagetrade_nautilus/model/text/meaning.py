"""Recognise a story that is told again in quite other words, by what its title means."""

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from sagetrade_nautilus.model.text.language import detect
from sagetrade_nautilus.model.text.protocol import Embedder
from sagetrade_nautilus.model.text.titles import Title, may_be_retold

UNITS: Final = 2_048
"""Coordinates are whole numbers of 1/UNITS. Their products add up exactly in 32-bit floats, in any order."""
MOST_TRIED: Final = 8
"""How many titles, the most alike first, are looked at."""
_FIRST_ROWS: Final = 256

Coordinates = NDArray[np.float32]


class MeaningRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a `MeaningMemory` goes by.

    Parameters
    ----------
    similarity : float
        The cosine in (0, 1] from which two titles may tell one story.
    window_ns : int
        A title is compared with those of this time before it, nanoseconds.
    capacity : int
        How many titles are remembered, >= 1; the oldest is forgotten first. One takes 1.5 kB at 384 dimensions.
    """

    similarity: float
    window_ns: int
    capacity: int


class MeaningMemory[Told]:
    """Remembers what the latest titles mean, and which story each told.

    What is found depends on nothing but the titles before. Each title is embedded alone, so nothing that stands in a
    batch with it can move its vector. Titles that are not English are never found: the model has read little else.

    Attributes
    ----------
    failed : int
        Titles that could not be embedded, and were taken for new.
    """

    def __init__(self, rules: MeaningRules, embedder: Embedder) -> None:
        self._rules, self._embedder = rules, embedder
        self._rows: Coordinates = np.zeros((0, 0), np.float32)
        self._titles: list[tuple[Title, int, Told]] = []
        self._next = 0
        self.failed = 0

    def __len__(self) -> int:
        return len(self._titles)

    def embed(self, title: str) -> Coordinates | None:
        """Return the coordinates of a title; None where it is not English or the model fails."""
        if detect(title) != "en":
            return None
        try:
            (row,) = self._embedder.embed([title])
        except Exception:  # noqa: BLE001 - a model is foreign code, fed with what strangers write
            self.failed += 1
            return None
        at: Coordinates = np.round(row * UNITS).astype(np.float32)
        return at

    def find(self, title: Title, at: Coordinates, ts: int) -> Told | None:
        """Return what the title most like `title` told, of those that may tell the same story."""
        if not self._titles:
            return None
        alike = self._rows[: len(self._titles)] @ at
        for place in self._nearest(alike):
            known, told_ns, told = self._titles[place]
            if ts - told_ns < self._rules.window_ns and may_be_retold(known, title):
                return told
        return None

    def remember(self, title: Title, at: Coordinates, ts: int, told: Told) -> None:
        """Remember a title, in the place of the oldest where there is no room."""
        entry = (title, ts, told)
        if len(self._titles) < self._rules.capacity:
            self._titles.append(entry)
            self._make_room(len(at))
            self._rows[len(self._titles) - 1] = at
            return
        self._titles[self._next], self._rows[self._next] = entry, at
        self._next = (self._next + 1) % self._rules.capacity

    def _nearest(self, alike: Coordinates) -> Iterator[int]:
        places = np.flatnonzero(alike >= self._rules.similarity * UNITS**2)
        order = np.argsort(-alike[places], kind="stable")[:MOST_TRIED]
        return (int(place) for place in places[order])

    def _make_room(self, dimensions: int) -> None:
        have = len(self._rows)
        if len(self._titles) > have:
            rows = np.zeros((min(self._rules.capacity, max(_FIRST_ROWS, 2 * have)), dimensions), np.float32)
            rows[:have] = self._rows if have else 0.0
            self._rows = rows
