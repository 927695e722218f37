"""Bounded sentiment from a word list: VADER's rules with a finance and crypto lexicon."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, Protocol

from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.event_table import CLASSIFIER
from sagetrade_nautilus.model.text.events import WEIGHTS, Event
from sagetrade_nautilus.model.text.folding import fold
from sagetrade_nautilus.model.text.language import detect
from sagetrade_nautilus.model.text.lexicon_table import PHRASES, REMOVED, WORDS

EVIDENCE_FOR_FULL_CONFIDENCE: Final = 0.5

_PHRASE: Final = re.compile(
    r"(?<!\w)(?:" + "|".join(p.replace(" ", r"[\s\-]+") for p in sorted(PHRASES, key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)
_SEPARATOR: Final = re.compile(r"[\s\-]+")


class _Analyzer(Protocol):
    def polarity_scores(self, text: str) -> dict[str, float]: ...


class LexiconModel:
    """A `TextModel` that counts words.

    VADER (Hutto & Gilbert 2014) sums the valences of the words, with negation, emphasis and contrast, and
    maps the sum ``s`` to ``s / sqrt(s**2 + 15)``: that is the sentiment. Confidence is how far the valued
    words agree times how much of the text they are: ``|pos - neg| / (pos + neg) * min(1, (pos + neg) /
    0.5)`` with VADER's shares of positive and negative words. ``impact_score = event weight * |sentiment| *
    confidence``.

    Text that is neither English nor Arabic has sentiment and confidence 0.
    """

    @property
    def name(self) -> str:
        return "lexicon-1"

    def analyse(self, items: Sequence[str]) -> list[TextScore]:
        """Score each text on its own."""
        analyzer = _analyzer()
        return [_score(analyzer, item) for item in items]


def _score(analyzer: _Analyzer, text: str) -> TextScore:
    event = CLASSIFIER.classify(text)
    if detect(text) == "und":
        return TextScore(sentiment=0.0, confidence=0.0, event=event.value, impact_score=0.0)
    shares = analyzer.polarity_scores(_PHRASE.sub(_join_phrase, fold(text)))
    sentiment = min(1.0, max(-1.0, shares["compound"]))
    confidence = _confidence(shares["pos"], shares["neg"])
    return TextScore(
        sentiment=sentiment,
        confidence=confidence,
        event=event.value,
        impact_score=impact_score(event, sentiment, confidence),
    )


def impact_score(event: Event, sentiment: float, confidence: float) -> float:
    """Return ``event weight * |sentiment| * confidence``, in [0, 1]."""
    return min(1.0, WEIGHTS[event] * abs(sentiment) * confidence)


def _confidence(positive: float, negative: float) -> float:
    evidence = positive + negative
    if evidence <= 0.0:
        return 0.0
    agreement = abs(positive - negative) / evidence
    return min(1.0, agreement * min(1.0, evidence / EVIDENCE_FOR_FULL_CONFIDENCE))


def _join_phrase(match: re.Match[str]) -> str:
    return _SEPARATOR.sub("_", match[0].lower())


@cache
def _analyzer() -> _Analyzer:
    # Reading VADER's lexicon takes 50 ms, which `sagetool --help` need not pay.
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415

    analyzer = SentimentIntensityAnalyzer()
    words: dict[str, float] = analyzer.lexicon
    for word in REMOVED:
        words.pop(word, None)
    words.update({fold(word): valence for word, valence in WORDS.items()})
    words.update({phrase.replace(" ", "_"): valence for phrase, valence in PHRASES.items() if valence})
    result: _Analyzer = analyzer
    return result
