"""The default text model: nothing to download, the same bytes for the same text."""

from collections.abc import Sequence
from typing import Final

from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.event_table import CLASSIFIER
from sagetrade_nautilus.model.text.events import Event
from sagetrade_nautilus.model.text.financial import sentiment_of
from sagetrade_nautilus.model.text.impact import impact_of
from sagetrade_nautilus.model.text.topics import TOPICS, TopicClassifier

SURE: Final = 0.6
"""The probability from which a topic goes before the rules."""

# What the classifier was never shown, or has no topic for, is for the rules to say.
RULES_DECIDE: Final = frozenset(
    {Event.HACK_EXPLOIT, Event.BANKRUPTCY, Event.ETF, Event.LISTING_DELISTING, Event.GUIDANCE, Event.PRICE_MOVE}
)
TOPIC_EVENTS: Final = {
    "Analyst Update": Event.ANALYST_RATING,
    "Fed | Central Banks": Event.MACRO_CENTRAL_BANK,
    "Company | Product News": Event.PRODUCT_PARTNERSHIP,
    "Earnings": Event.EARNINGS,
    "Financials": Event.EARNINGS,
    "IPO": Event.LISTING_DELISTING,
    "Legal | Regulation": Event.REGULATION_LEGAL,
    "M&A | Investments": Event.MERGER_ACQUISITION,
    "Macro": Event.MACRO_CENTRAL_BANK,
    "Personnel Change": Event.PERSONNEL,
    "Stock Movement": Event.PRICE_MOVE,
}
"""The topics that are events; the others leave it to the rules."""


class EmbeddedModel:
    """A `TextModel` of three parts: a trained topic classifier, the event rules, and sentiment by composition."""

    def __init__(self) -> None:
        self._topics = TopicClassifier()

    @property
    def name(self) -> str:
        return f"embedded-1-{self._topics.digest}"

    def analyse(self, items: Sequence[str]) -> list[TextScore]:
        """Score each text on its own."""
        probabilities = self._topics.probabilities(items)
        best = probabilities.argmax(axis=1)
        likely = probabilities.max(axis=1, initial=0.0)
        return [_score(text, TOPICS[topic], float(p)) for text, topic, p in zip(items, best, likely, strict=True)]


def _score(text: str, topic: str, probability: float) -> TextScore:
    event = event_of(CLASSIFIER.classify(text), topic, probability)
    sentiment, confidence = sentiment_of(text)
    return TextScore(sentiment, confidence, event.value, impact_of(event))


def event_of(by_rules: Event, topic: str, probability: float) -> Event:
    """Return the event: the rules' where they alone can tell or the topic is doubtful, else the topic's."""
    if by_rules in RULES_DECIDE or probability < SURE:
        return by_rules
    return TOPIC_EVENTS.get(topic, by_rules)
