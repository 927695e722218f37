"""What a financial text is about: twenty topics, by a linear classifier over hashed words and pieces of words."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.text.hashing import CHUNK, ID_BITS, Features, hash_features

TOPICS: Final = (
    "Analyst Update",
    "Fed | Central Banks",
    "Company | Product News",
    "Treasuries | Corporate Debt",
    "Dividend",
    "Earnings",
    "Energy | Oil",
    "Financials",
    "Currencies",
    "General News | Opinion",
    "Gold | Metals | Materials",
    "IPO",
    "Legal | Regulation",
    "M&A | Investments",
    "Macro",
    "Markets",
    "Politics",
    "Personnel Change",
    "Stock Commentary",
    "Stock Movement",
)
WEIGHTS_FILE: Final = Path(__file__).with_name("topics.npz")
FORMAT: Final = 1
BUCKET_SHIFT: Final = 10
_ROW_BITS: Final = 17
_ROW_MASK: Final = (1 << _ROW_BITS) - 1


class TopicClassifier:
    """Probabilities of `TOPICS` for texts.

    A text's features are words, pairs of words and pieces of words (`hashing`), each counted once and weighed by its
    inverse document frequency; words and pieces are each brought to length 1. The weights are the sum
    of those of one-against-rest support vector machines and of a multinomial logistic regression that learned from a
    large model's answers too (distillation: Hinton et al. 2015, arXiv:1503.02531), as whole numbers of at most a byte,
    so that their sums are exact and a text's answer does not depend on what else is in the batch. Probabilities are the
    softmax of the margins over a temperature fitted on held-out texts. ``scripts/train_text_models.py`` writes the
    file.

    Parameters
    ----------
    path : Path
        The weights: `format`, `ids` (uint32, ascending, one row each, at most one a bucket
        of ``2**BUCKET_SHIFT``), `weights` (int8, one column a topic), `squared_idf`
        (uint16), `scale` and `bias` (float64, one a topic), `temperature`.

    Raises
    ------
    ConfigError
        The file is missing, or is not of this format.
    """

    def __init__(self, path: Path = WEIGHTS_FILE) -> None:
        self._path = path
        try:
            self._bytes = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"topic weights {path} cannot be read ({error}); reinstall sagetrade-nautilus") from None

    @property
    def digest(self) -> str:
        """The first 8 hex digits of the SHA-256 of the weights."""
        return hashlib.sha256(self._bytes).hexdigest()[:8]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return one row per text and one column per topic; each row sums to 1 up to rounding."""
        result = np.empty((len(texts), len(TOPICS)))
        for first in range(0, len(texts), CHUNK):
            result[first : first + CHUNK] = self._chunk(texts[first : first + CHUNK])
        return result

    def classify(self, texts: Sequence[str]) -> list[str]:
        """Return the likeliest topic of each text."""
        return [TOPICS[topic] for topic in self.probabilities(texts).argmax(axis=1)]

    def _chunk(self, texts: Sequence[str]) -> NDArray[np.float64]:
        arrays = self._arrays
        margins: NDArray[np.float64] = np.tile(arrays["bias"], (len(texts), 1))
        for features in hash_features(texts):
            margins += self._margins(features, len(texts))
        margins /= arrays["temperature"]
        margins -= margins.max(axis=1, keepdims=True)
        np.exp(margins, out=margins)
        margins /= margins.sum(axis=1, keepdims=True)
        return margins

    def _margins(self, features: Features, count: int) -> NDArray[np.float64]:
        arrays = self._arrays
        rows = arrays["rows"][features.ids >> np.uint32(BUCKET_SHIFT)]
        known = np.flatnonzero(arrays["ids"][rows] == features.ids)
        # A text and a row in one number: sorted, each text's rows lie together, and repeats side by side.
        keys = (features.texts[known].astype(np.int32) << _ROW_BITS) | rows[known]
        keys.sort()
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)]]
        texts, rows = keys >> _ROW_BITS, keys & _ROW_MASK
        sums = np.zeros((count, len(TOPICS)), np.int64)
        squares = np.ones(count, np.int64)
        if len(keys):
            starts = np.flatnonzero(np.concatenate(([True], texts[1:] != texts[:-1])))
            sums[texts[starts]] = np.add.reduceat(arrays["weights"][rows], starts, axis=0, dtype=np.int32)
            squares[texts[starts]] = np.add.reduceat(arrays["squared_idf"][rows], starts, dtype=np.int64)
        margins: NDArray[np.float64] = sums * arrays["scale"] / np.sqrt(squares)[:, None]
        return margins

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        """The file's arrays, and `rows`: for each bucket of ids the row of the only one in it that is known, or 0."""
        try:
            with np.load(BytesIO(self._bytes), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except Exception as error:  # noqa: BLE001 - zipfile and numpy raise whatever they stumble on
            raise ConfigError(f"topic weights {self._path} are damaged ({error}); reinstall or train them") from None
        if not _is_whole(arrays):
            raise ConfigError(f"topic weights {self._path} are not of format {FORMAT}; train them anew")
        rows = np.zeros(1 << (ID_BITS - BUCKET_SHIFT), np.int32)
        rows[arrays["ids"] >> np.uint32(BUCKET_SHIFT)] = np.arange(len(arrays["ids"]))
        return {**arrays, "rows": rows}


def _is_whole(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Tell whether the arrays are those of this format, each of its kind and as long as the others say."""
    count, topics = np.size(arrays.get("ids", ())), len(TOPICS)
    wanted: dict[str, tuple[type, tuple[int, ...]]] = {
        "format": (np.integer, ()),
        "ids": (np.uint32, (count,)),
        "weights": (np.int8, (count, topics)),
        "squared_idf": (np.uint16, (count,)),
        "scale": (np.float64, (topics,)),
        "bias": (np.float64, (topics,)),
        "temperature": (np.floating, ()),
    }
    fits = all(
        isinstance(arrays.get(name), np.ndarray)
        and np.issubdtype(arrays[name].dtype, kind)
        and arrays[name].shape == shape
        for name, (kind, shape) in wanted.items()
    )
    if not fits or arrays["format"] != FORMAT or not 0 < count <= _ROW_MASK:
        return False
    sound = all(np.isfinite(arrays[name]).all() for name in ("scale", "bias", "temperature"))
    return bool(sound and arrays["temperature"] > 0.0 and (arrays["squared_idf"] > 0).all())
