"""Variants of labelled texts, for a teacher to answer and a small classifier to learn from. Seeded: always the same.

From each text come five with words left out, four that are a stretch of it, three that are a stretch of it and one of
another text, and three with some words of another text in place of its own (after Tang et al. 2019,
arXiv:1903.12136).
"""

import re
from typing import NamedTuple

import numpy as np

SEED = 7
URL = re.compile(r"https?://\S+")
WORDS_MIN = 3


class Altered(NamedTuple):
    """The variants, and for each the number of the text that it is of, and of the one it borrows from, or -1."""

    texts: list[str]
    of: np.ndarray
    with_: np.ndarray


def without_links(texts):
    return [URL.sub("", text) for text in texts]


def altered(texts):
    """Return fifteen variants of each text of at least `WORDS_MIN` words."""
    random = np.random.default_rng(SEED)
    split = [text.split() for text in without_links(texts)]
    found = []
    for at, words in enumerate(split):
        if len(words) < WORDS_MIN:
            continue
        for _ in range(5):
            kept = random.random(len(words)) > random.uniform(0.1, 0.4)
            found.append(([word for word, keep in zip(words, kept, strict=True) if keep], at, -1))
        found.extend((stretch(words, 0.3, 0.8, random), at, -1) for _ in range(4))
        for _ in range(3):
            other, borrowed = draw(split, random)
            if borrowed:
                found.append((stretch(words, 0.4, 0.8, random) + stretch(borrowed, 0.2, 0.6, random), at, other))
        for _ in range(3):
            other, borrowed = draw(split, random)
            if borrowed:
                taken = random.random(len(words)) < random.uniform(0.1, 0.35)
                pairs = zip(words, taken, strict=True)
                mixed = [borrowed[random.integers(len(borrowed))] if take else word for word, take in pairs]
                found.append((mixed, at, other))
    kept = [variant for variant in found if variant[0]]
    sources = np.array([variant[1:] for variant in kept], int).reshape(-1, 2)
    return Altered([" ".join(variant[0]) for variant in kept], sources[:, 0], sources[:, 1])


def draw(split, random):
    other = int(random.integers(len(split)))
    return other, split[other]


def stretch(words, low, high, random):
    length = max(1, round(len(words) * random.uniform(low, high)))
    start = random.integers(0, len(words) - length + 1)
    return words[start : start + length]
