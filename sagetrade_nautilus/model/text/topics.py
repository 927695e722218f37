"""What a financial text is about: twenty topics, by a small network over hashed words and pieces of words."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

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
FORMAT: Final = 2
BUCKET_SHIFT: Final = 10
UNITS: Final = 256.0
"""A hidden unit's activation is a whole number of 1/UNITS, at most `_MOST_ACTIVE` of them."""

_MOST_ACTIVE: Final = float(1 << 20)
_ZERO: Final = 128
_LANES: Final = 3
_LANE_BITS: Final = 21
_LANE_MASK: Final = np.uint64((1 << _LANE_BITS) - 1)


class TopicClassifier:
    """Probabilities of `TOPICS` for texts.

    A text's features are words, pairs of words and pieces of words (`hashing`), weighed by their inverse document
    frequency; words and pieces are each brought to length 1. Their weights add up to a margin for each topic and to the
    inputs of a layer of hidden units, ``max(0, x)``, which add to the margins what goes with several words together.
    All weights are whole numbers of a byte, and a unit's activation is rounded, so that all sums are exact and a text's
    answer does not depend on what else is in the batch. Probabilities are the softmax of the margins over a temperature.
    ``scripts/train_text_models.py`` writes the file.

    Parameters
    ----------
    path : Path
        The weights: `format`, `ids` (uint32, ascending, one row each, at most one a bucket of ``2**BUCKET_SHIFT``),
        `weights` (int8, a column a topic, then one a hidden unit), `squared_idf` (uint16), `scale` and `bias`
        (float64, one a column), `hidden` (int8, a row a hidden unit, a column a topic), `hidden_scale` (float64, one a
        topic), `temperature`.

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
        result = self.margins(texts)
        result /= self._arrays["temperature"]
        result -= result.max(axis=1, keepdims=True)
        np.exp(result, out=result)
        result /= result.sum(axis=1, keepdims=True)
        return result

    def margins(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return what speaks for each topic, one row per text and one column per topic."""
        result = np.empty((len(texts), len(TOPICS)))
        for first in range(0, len(texts), CHUNK):
            result[first : first + CHUNK] = self._chunk(texts[first : first + CHUNK])
        return result

    def classify(self, texts: Sequence[str]) -> list[str]:
        """Return the likeliest topic of each text."""
        return [TOPICS[topic] for topic in self.margins(texts).argmax(axis=1)]

    def _chunk(self, texts: Sequence[str]) -> NDArray[np.float64]:
        arrays = self._arrays
        columns: NDArray[np.float64] = np.tile(arrays["bias"], (len(texts), 1))
        for side in hash_features(texts):
            columns += self._sums(side, len(texts))
        margins, inputs = columns[:, : len(TOPICS)], columns[:, len(TOPICS) :]
        active = np.rint(np.clip(inputs * UNITS, 0.0, _MOST_ACTIVE))
        margins += (active @ arrays["hidden"]) * arrays["hidden_scale"]  # whole numbers: exact in any order
        return margins

    def _sums(self, side: Sequence[Features], count: int) -> NDArray[np.float64]:
        """Return the columns' sums over a side's features, which are brought to length 1."""
        arrays = self._arrays
        sums = np.zeros((count, arrays["packed"].shape[1] * _LANES), np.int64)
        squares = np.ones(count, np.int64)
        for features in side:
            rows = arrays["rows"][features.ids >> np.uint32(BUCKET_SHIFT)]
            known = np.flatnonzero(arrays["ids"][rows] == features.ids)
            if not len(known):
                continue
            rows, texts = rows[known], features.texts[known]
            starts = np.flatnonzero(np.concatenate(([True], texts[1:] != texts[:-1])))
            sizes = np.diff(starts, append=len(texts))
            sums[texts[starts]] += _unpack(np.add.reduceat(arrays["packed"][rows], starts, axis=0), sizes)
            squares[texts[starts]] += np.add.reduceat(arrays["squared_idf"][rows], starts, dtype=np.int64)
        columns: NDArray[np.float64] = sums[:, : len(arrays["scale"])] * arrays["scale"]
        columns /= np.sqrt(squares)[:, None]
        return columns

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        """The file's arrays; `rows`: for each bucket of ids the row of the only one in it that is known, or 0; and
        `packed`: the weights, three columns to a number.
        """
        try:
            with np.load(BytesIO(self._bytes), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, BadZipFile) as error:
            raise ConfigError(f"topic weights {self._path} are damaged ({error}); reinstall or train them") from None
        if "format" not in arrays or int(arrays["format"]) != FORMAT:
            raise ConfigError(f"topic weights {self._path} are not of format {FORMAT}; train them anew")
        rows = np.zeros(1 << (ID_BITS - BUCKET_SHIFT), np.int32)
        rows[arrays["ids"] >> np.uint32(BUCKET_SHIFT)] = np.arange(len(arrays["ids"]))
        hidden = arrays["hidden"].astype(np.float64)
        return {**arrays, "rows": rows, "packed": _pack(arrays["weights"]), "hidden": hidden}


def _pack(weights: NDArray[np.int8]) -> NDArray[np.uint64]:
    """Return three columns in one number, each raised by `_ZERO`: at most `hashing.MOST_FEATURES` add up in a lane."""
    lanes = np.zeros((-weights.shape[1] % _LANES + weights.shape[1], len(weights)), np.uint64)
    lanes[: weights.shape[1]] = (weights.T.astype(np.int16) + _ZERO).astype(np.uint64)
    first, second, third = lanes[::_LANES], lanes[1::_LANES], lanes[2::_LANES]
    packed = first | second << np.uint64(_LANE_BITS) | third << np.uint64(2 * _LANE_BITS)
    return np.ascontiguousarray(packed.T)


def _unpack(sums: NDArray[np.uint64], sizes: NDArray[np.intp]) -> NDArray[np.int64]:
    """Return the sums of the columns over `sizes` rows each."""
    lanes = [(sums >> np.uint64(lane * _LANE_BITS)) & _LANE_MASK for lane in range(_LANES)]
    columns = np.stack(lanes, axis=2).reshape(len(sums), -1).astype(np.int64)
    columns -= _ZERO * sizes[:, None]
    return columns
