"""Texts like those that the topic classifier learns from, for its teacher to label: parts, mixtures, other words.

What a linear classifier cannot know of words that its texts hold seldom or never, a teacher that has read the language
can tell it, if it is asked. The same texts and neighbours give the same variants.
"""

import random
import re
import zlib
from itertools import pairwise

import pyarrow.parquet as pq

from sagetrade_nautilus.model.text.clean import clean

SEED = 11
MOST_WORDS = 60
URL = re.compile(r"https?://\S+")
_WORD = re.compile(r"([^A-Za-z]*)([A-Za-z]{3,})([^A-Za-z]*)")


def read_headlines(folder):
    """Return the crypto headlines of the shared data, whose terms allow it, each once."""
    titles = pq.read_table(folder / "crypto_headlines_2021-10_2022-07.parquet")["title"].to_pylist()
    return list(dict.fromkeys(clean(title) for title in titles if title))


def checksum(variants):
    return zlib.crc32("\n".join(variants).encode())


class Variants:
    """Draws variants of `texts` and, one in six, of `headlines`.

    `neighbours` gives for a word in lower case the words that are used like it.
    """

    def __init__(self, texts, headlines, neighbours):
        self._random = random.Random(SEED)  # noqa: S311 - not a secret
        self._neighbours = neighbours
        self._vocabulary = sorted({word for near in neighbours.values() for word in near})
        self._texts = [words for words in map(self._cut, texts) if len(words) >= 3]
        self._headlines = [words for words in map(self._cut, headlines) if len(words) >= 3]
        self._all, self._tags, self._after = [], [], {}
        for words in self._texts + self._headlines:
            self._all += words
            self._tags += [word for word in words if self._is_tag(word)]
            for word, following in pairwise(words):
                self._after.setdefault(word, []).append(following)

    def draw(self, count):
        return [self._draw(number) for number in range(count)]

    def _draw(self, number):
        draw = self._random
        words = self._texts[number % len(self._texts)] if number % 6 else draw.choice(self._headlines)
        kind = draw.random()
        if kind < 0.35:
            words = self._part(words)
        elif kind < 0.5:
            words = self._part(words) + self._part(draw.choice(self._texts))
        elif kind < 0.58:
            words = list(self._part(words)[:6])
            for _ in range(draw.randint(1, 3)):
                words.insert(draw.randint(0, len(words)), draw.choice(self._vocabulary))
        return " ".join(self._reworded(words)[:MOST_WORDS])

    def _reworded(self, words):
        draw, result = self._random, []
        alike, follower, left_out = (
            draw.choice((0, 0.15, 0.3, 0.5)),
            draw.choice((0, 0, 0.1, 0.2)),
            draw.choice((0, 0, 0.1, 0.2)),
        )
        for word in words:
            if len(words) > 4 and draw.random() < left_out:
                continue
            if self._is_tag(word) and draw.random() < 0.4:
                result.append(draw.choice(self._tags))
            elif draw.random() < alike:
                result.append(self._neighbour(word))
            elif draw.random() < follower:
                known = self._after.get(result[-1]) if result else None
                result.append(draw.choice(known or self._all))
            else:
                result.append(word)
        return result

    def _neighbour(self, word):
        match = _WORD.fullmatch(word)
        near = match and self._neighbours.get(match[2].lower())
        return match[1] + self._random.choice(near) + match[3] if near else word

    def _part(self, words):
        size = max(3, int(len(words) * self._random.uniform(0.35, 1.0)))
        start = self._random.randint(0, max(0, len(words) - size))
        return words[start : start + size]

    @staticmethod
    def _cut(text):
        return URL.sub(" ", text).split()

    @staticmethod
    def _is_tag(word):
        return word[0] == "$" and word[1:2].isalpha()
