"""An embedder for tests: texts that say the same, by a table, have the same vector."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class TableEmbedder:
    """Texts with one number in `meanings` lie together; every other text lies alone, at a right angle to all."""

    name = "table-1"

    def __init__(self, meanings: dict[str, int] | None = None, dimensions: int = 64) -> None:
        self.meanings = dict(meanings or {})
        self.asked: list[str] = []
        self._dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.extend(texts)
        rows = np.zeros((len(texts), self._dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[self.meanings.setdefault(text, len(self.meanings) + 20) % self._dimensions] = 1.0
        return rows
