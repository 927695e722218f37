"""Any Hugging Face sequence classifier as a text model: FinBERT by default."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sagetrade_nautilus.config import TransformersConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.embedded import TOPIC_EVENTS
from sagetrade_nautilus.model.text.event_table import CLASSIFIER
from sagetrade_nautilus.model.text.impact import impact_of
from sagetrade_nautilus.nlp.model_files import digest_of, find_folder, need, read_json
from sagetrade_nautilus.nlp.runtime import OnnxNetwork

SIGNS: Final = {"positive": 1.0, "bullish": 1.0, "negative": -1.0, "bearish": -1.0, "neutral": 0.0}


class Classifier(Protocol):
    """What computes the labels' logits."""

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text and one column per label."""
        ...


class TransformersModel:
    """A `TextModel` over a sequence classifier.

    With labels positive, negative and neutral (or bullish and bearish), the sentiment is ``P(positive) - P(negative)``
    and the confidence the probability of the likelier of the two; the event is the rules'. With topics as labels, the
    event is the topic's where it is one, and there is no sentiment. Impact is that of the event.

    Parameters
    ----------
    name : str
        Name and version, for the run's fingerprint.
    labels : sequence of str
        In the order of the classifier's outputs.
    classifier : Classifier

    Raises
    ------
    ConfigError
        The labels are neither of these.
    """

    def __init__(self, name: str, labels: Sequence[str], classifier: Classifier) -> None:
        self._name, self._labels, self._classifier = name, [label.lower() for label in labels], classifier
        self._topics = {topic.lower(): event for topic, event in TOPIC_EVENTS.items()}
        signs = [SIGNS.get(label) for label in self._labels]
        self._signs = None if None in signs or 1.0 not in signs or -1.0 not in signs else np.array(signs, np.float64)
        if self._signs is None and not any(label in self._topics for label in self._labels):
            known = ", ".join(SIGNS)
            raise ConfigError(f"text model {name}: labels {list(labels)} are neither sentiments ({known}) nor topics")

    @property
    def name(self) -> str:
        return self._name

    def analyse(self, items: Sequence[str]) -> list[TextScore]:
        """Score each text; padding to the longest of a batch may move the last bits of a number."""
        if not items:
            return []
        logits = self._classifier.logits(items).astype(np.float64)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return [self._score(text, row) for text, row in zip(items, np.round(shares, 5), strict=True)]

    def _score(self, text: str, shares: NDArray[np.float64]) -> TextScore:
        event = CLASSIFIER.classify(text)
        if self._signs is None:
            best = int(shares.argmax())
            event = self._topics.get(self._labels[best], event)
            return TextScore(0.0, 0.0, event.value, impact_of(event))
        positive, negative = float(shares[self._signs > 0.0].sum()), float(shares[self._signs < 0.0].sum())
        sentiment = min(1.0, max(-1.0, positive - negative))
        return TextScore(sentiment, min(1.0, max(positive, negative)), event.value, impact_of(event))


class OnnxClassifier:
    """A classifier through onnxruntime."""

    def __init__(self, folder: Path, config: TransformersConfig) -> None:
        self._network = OnnxNetwork(folder, config.max_tokens, config.batch_size)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows: list[Any] = [None] * len(texts)
        for which, outputs, _ in self._network.run(texts):
            for at, row in zip(which, outputs, strict=True):
                rows[at] = row
        return np.stack(rows)


class TorchClassifier:
    """A classifier through PyTorch (extra `torch`)."""

    def __init__(self, folder: Path, config: TransformersConfig) -> None:
        self._torch, library = need("torch", "torch"), need("transformers", "torch")
        self._tokenizer = library.AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        loaded = library.AutoModelForSequenceClassification.from_pretrained(str(folder), local_files_only=True)
        self._model, self._config = loaded.eval(), config

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = []
        for first in range(0, len(texts), self._config.batch_size):
            part = list(texts[first : first + self._config.batch_size])
            length = self._config.max_tokens
            inputs = self._tokenizer(part, padding=True, truncation=True, max_length=length, return_tensors="pt")
            with self._torch.inference_mode():
                rows.append(self._model(**inputs).logits.numpy())
        return np.concatenate(rows)


def load_model(config: TransformersConfig) -> TransformersModel:
    """Load the classifier that `config` names.

    Raises
    ------
    ConfigError
        A file or a package is missing, or its labels cannot be read.
    """
    folder = find_folder(config)
    labels = labels_of(read_json(folder, "config.json"), folder)
    name = f"transformers-1-{config.model.rstrip('/').rsplit('/', 1)[-1]}-{config.revision[:8] or digest_of(folder)}"
    build = TorchClassifier if config.backend == "torch" else OnnxClassifier
    return TransformersModel(f"{name}-{config.backend}", labels, build(folder, config))


def labels_of(config: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the labels that a model's configuration names, by their number."""
    labels = config.get("id2label")
    if not isinstance(labels, dict) or sorted(labels) != sorted(map(str, range(len(labels)))):
        raise ConfigError(f"text model {folder}: config.json has no id2label that numbers its labels from 0")
    return [str(labels[str(at)]) for at in range(len(labels))]
