"""Kinds of events by example: a text is of the kind whose sentences it is most like (`prototype_table`)."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.events import Event
from sagetrade_nautilus.model.text.impact import impact_of
from sagetrade_nautilus.model.text.protocol import Embedder, TextModel
from sagetrade_nautilus.nlp.prototype_table import PROTOTYPES

NEAREST: Final = 2
"""How many of a kind's sentences, the nearest, a text is compared with."""
DIGITS: Final = 4
"""Cosines are rounded to this, since padding within a batch moves their last bits."""


class PrototypeEvents:
    """Finds the kind of event whose examples a text is most like, by the mean cosine to the nearest of them.

    Parameters
    ----------
    embedder : Embedder
    similarity : float
        That mean, in (0, 1], below which a text is of no kind.
    prototypes : mapping of Event to sentences
        At least `NEAREST` for each kind.
    """

    def __init__(
        self, embedder: Embedder, similarity: float, prototypes: Mapping[Event, Sequence[str]] = PROTOTYPES
    ) -> None:
        self._embedder, self._similarity = embedder, similarity
        self._kinds = tuple(prototypes)
        self._examples = [embedder.embed(list(sentences)) for sentences in prototypes.values()]
        content = "\0".join(f"{kind}\0{sentence}" for kind in self._kinds for sentence in prototypes[kind])
        digest = hashlib.sha256(content.encode()).hexdigest()[:8]
        self.name = f"prototypes-1-{digest}-{similarity:g}-{embedder.name}"

    def classify(self, texts: Sequence[str]) -> list[Event]:
        """Return the kind of each text, `Event.OTHER` where it is like none."""
        if not texts:
            return []
        vectors = self._embedder.embed(texts)
        alike = np.stack([np.sort(vectors @ rows.T, axis=1)[:, -NEAREST:].mean(axis=1) for rows in self._examples])
        alike = np.round(alike, DIGITS)
        best = alike.argmax(axis=0)
        sure = alike.max(axis=0) >= self._similarity
        return [self._kinds[kind] if known else Event.OTHER for kind, known in zip(best, sure, strict=True)]


class PrototypeModel:
    """A `TextModel` that asks another one, and the prototypes where that leaves the kind of event open.

    Sentiment and confidence are the other's. Impact becomes that of the new kind.

    Parameters
    ----------
    model : TextModel
    embedder : Embedder
    similarity : float
        As in `PrototypeEvents`.
    """

    def __init__(self, model: TextModel, embedder: Embedder, similarity: float) -> None:
        self._model = model
        self._events = PrototypeEvents(embedder, similarity)

    @property
    def name(self) -> str:
        return f"{self._model.name}+{self._events.name}"

    def analyse(self, items: Sequence[str]) -> list[TextScore]:
        """Score each text on its own."""
        scores = list(self._model.analyse(items))
        places = [at for at, score in enumerate(scores) if score.event == Event.OTHER]
        for at, event in zip(places, self._events.classify([items[at] for at in places]), strict=True):
            if event is not Event.OTHER:
                old = scores[at]
                scores[at] = TextScore(old.sentiment, old.confidence, event.value, impact_of(event))
        return scores
