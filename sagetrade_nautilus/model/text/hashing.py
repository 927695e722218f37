"""Words and pieces of words as numbers: hashed n-grams of many texts at once, without a Python loop over them.

The hash of a piece is that of Rabin and Karp (1987): with the prefix sums ``H[i] = sum(byte[j] * B**j, j < i)`` modulo
2**64, a piece from i to k has the hash ``(H[k] - H[i]) * B**-i``, whatever stands around it. `B` is odd, so it can be
inverted. A finaliser (Steele, Lea & Flood 2014) then spreads it over all bits.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

ID_BITS: Final = 32
MAX_CHARS: Final = 600
CHUNK: Final = 128
"""Texts to hash at once: their bytes stay far below `_LIMIT` at any content."""

MOST_FEATURES: Final = 8_000
"""More than a text can have of a kind: 4 bytes a character, and a cashtag's letter becomes nine."""

_LIMIT: Final = 1 << 20
_BASE: Final = 0x9E3779B97F4A7C15
_PIECES: Final = (2, 3, 4, 5)
_URL: Final = re.compile(r"https?://\S+")
_CASHTAG: Final = re.compile(r"\$([a-z][a-z.:\-_]*[a-z]|[a-z])")
_SPACE, _WORD, _MARK, _END = 0, 1, 2, 3
_DIGITS: Final = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))

Uint64s = NDArray[np.uint64]
Indices = NDArray[np.intp]


class Features(NamedTuple):
    """Features of some texts: `ids` in [0, 2**ID_BITS), with repeats, and for each the number of its text, ascending."""

    ids: NDArray[np.uint32]
    texts: Indices


class _Stream(NamedTuple):
    codes: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    texts: Indices


def _powers(base: int) -> Uint64s:
    powers = np.full(_LIMIT, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    kinds[128:] = _WORD
    for byte in range(128):
        if chr(byte).isalnum():
            kinds[byte] = _WORD
    for mark in "%$+-:?!&@#|\"'":
        kinds[ord(mark)] = _MARK
    kinds[10] = _END
    return kinds


_POWERS: Final = _powers(_BASE)
_INVERSES: Final = _powers(pow(_BASE, -1, 1 << 64))
_KINDS: Final = _kinds()


def hash_features(texts: Sequence[str]) -> tuple[tuple[Features, ...], tuple[Features, ...]]:
    """Return the features of at most `CHUNK` texts: of words and pairs of words, and of pieces of words, by length.

    Texts are read up to `MAX_CHARS` characters, in lower case, any digit as 0, any link as one word, a cashtag as the
    word 'cashx' before its letters. Pieces are the runs of 2 to 5 bytes within a word and the space on either side.
    What a text gives does not depend on the others; none gives more than `MOST_FEATURES` of a kind.
    """
    stream = _read(texts)
    with np.errstate(over="ignore"):
        weighted = (stream.codes.astype(np.uint64) + np.uint64(1)) * _POWERS[: len(stream.codes)]
        prefix = np.concatenate((np.zeros(1, np.uint64), np.cumsum(weighted)))
        return _words(stream, prefix), _pieces(stream, prefix)


def _read(texts: Sequence[str]) -> _Stream:
    joined = "".join(" " + text[:MAX_CHARS].replace("\n", " ") + " \n" for text in texts)
    joined = _URL.sub(" urlx ", joined.lower().replace("&amp;", "&"))
    joined = _CASHTAG.sub(r" cashx \1 ", joined)
    codes = np.frombuffer(joined.encode("utf-8", "replace").translate(_DIGITS), np.uint8)
    kinds = _KINDS[codes]
    if not joined.isascii():
        # General punctuation (U+2000 to U+207F) parts words as a space does.
        at = np.flatnonzero((codes[:-2] == 0xE2) & ((codes[1:-1] == 0x80) | (codes[1:-1] == 0x81)))
        for offset in range(3):
            kinds[at + offset] = _SPACE
    kept = (kinds != _SPACE) | (_before(kinds) != _SPACE)
    codes = np.where(kinds == _SPACE, np.uint8(32), codes)[kept]
    kinds = kinds[kept]
    ends = kinds == _END
    return _Stream(codes, kinds, np.cumsum(ends) - ends)


def _before(kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate((np.array([_END], np.uint8), kinds[:-1]))


def _after(kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate((kinds[1:], np.array([_END], np.uint8)))


def _words(stream: _Stream, prefix: Uint64s) -> tuple[Features, ...]:
    kinds = stream.kinds
    starts = np.flatnonzero(((kinds == _WORD) & (_before(kinds) != _WORD)) | (kinds == _MARK))
    ends = np.flatnonzero(((kinds == _WORD) & (_after(kinds) != _WORD)) | (kinds == _MARK)) + 1
    words = _mix((prefix[ends] - prefix[starts]) * _INVERSES[starts])
    texts = stream.texts[starts]
    paired = texts[1:] == texts[:-1]
    pairs = _mix(words[:-1] * np.uint64(_BASE) + words[1:] + np.uint64(77))[paired]
    return Features(_ids(words), texts), Features(_ids(pairs), texts[1:][paired])


def _pieces(stream: _Stream, prefix: Uint64s) -> tuple[Features, ...]:
    ends = stream.kinds == _END
    spaces = np.concatenate((np.zeros(1, np.intp), np.cumsum((stream.kinds == _SPACE) | ends)))
    found = []
    for length in _PIECES:
        # The first and the last byte may be a space, those between may not.
        inner = spaces[length - 1 : len(spaces) - 1] == spaces[1 : len(spaces) - length + 1]
        starts = np.flatnonzero(inner & ~ends[: len(inner)] & ~ends[length - 1 :])
        hashed = (prefix[starts + length] - prefix[starts]) * _INVERSES[starts]
        found.append(Features(_ids(_mix(hashed + np.uint64(length * 1_000_003))), stream.texts[starts]))
    return tuple(found)


def _mix(hashes: Uint64s) -> Uint64s:
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def _ids(hashes: Uint64s) -> NDArray[np.uint32]:
    return (hashes >> np.uint64(64 - ID_BITS)).astype(np.uint32)
