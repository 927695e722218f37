"""Bounded sentiment of financial sentences: what moved which way, and a lexicon for the rest."""

import math
from collections.abc import Mapping
from functools import cache
from typing import Final

from sagetrade_nautilus.model.text.direction import evidence, tokens_of
from sagetrade_nautilus.model.text.folding import fold
from sagetrade_nautilus.model.text.language import detect
from sagetrade_nautilus.model.text.lexicon_table import REMOVED, WORDS

LEXICON_SCALE: Final = 0.1
FINANCE_SCALE: Final = 0.25
"""How loud a valence of 1 of VADER's words and of our own financial words speaks, where "profit rose" is 1."""
NEUTRAL_BAND: Final = 0.45
QUESTION: Final = 0.5
"""What a headline that only asks is worth."""


def sentiment_of(text: str) -> tuple[float, float]:
    """Return the sentiment of cleaned `text` in [-1, 1], and how sure its sign is, in [0, 1].

    With p and n what speaks for and against (`direction.evidence`), the sentiment is ``d / sqrt(d**2 + 1)``, ``d = p -
    n``, and exactly 0 where ``|d| < NEUTRAL_BAND``: most facts have no direction. The confidence is the share of signs
    that were right among labelled texts with as clear a lead (`docs/nlp.md`), 0 where there is no sign. Text that is
    neither English nor Arabic has sentiment and confidence 0.
    """
    if detect(text) == "und":
        return 0.0, 0.0
    positive, negative = evidence(tokens_of(text), _lexicon())
    lead = positive - negative
    if text.rstrip().endswith("?"):
        lead *= QUESTION
    if abs(lead) < NEUTRAL_BAND:
        return 0.0, 0.0
    return lead / math.sqrt(lead * lead + 1.0), _confidence(abs(lead), abs(lead) / (positive + negative))


def _confidence(lead: float, agreement: float) -> float:
    return min(0.95, 0.4 + 0.32 * lead) * (0.7 + 0.3 * agreement)


@cache
def _lexicon() -> Mapping[str, float]:
    # Reading VADER's lexicon takes 50 ms, which `sagetool --help` need not pay.
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415

    valences: dict[str, float] = SentimentIntensityAnalyzer().lexicon
    words = {word: valence * LEXICON_SCALE for word, valence in valences.items() if word not in REMOVED}
    words.update({fold(word): valence * FINANCE_SCALE for word, valence in WORDS.items()})
    return words
