"""What a scoring worker does with the items of nodes: the model's answer, as text signals."""

from collections.abc import Mapping, Sequence

from adapters.messaging.wire import SCORED_TOPIC, Keys, pack, unpack
from adapters.messaging.worker import Outcome, Route
from sagetrade_nautilus.data import TextItem
from sagetrade_nautilus.model.text.protocol import TextModel
from sagetrade_nautilus.nlp.messages import text_for_model, to_signals

GROUP = "nlp"


def scoring_route(keys: Keys) -> Route:
    """Return where scoring workers read and write."""
    return Route(GROUP, keys.items, keys.scores)


class Scorer:
    """Scores items with a model, many at once. An answer out of its bounds comes to nothing, as in a node."""

    def __init__(self, model: TextModel) -> None:
        self._model = model

    def __call__(self, entries: Sequence[Mapping[bytes, bytes]]) -> list[Outcome]:
        """Return the signals of each entry.

        Raises
        ------
        MessagingError
            An entry holds no item.
        """
        items = [unpack(fields, TextItem) for fields in entries]
        scores = self._model.analyse([text_for_model(item) for item in items])
        return [
            Outcome(
                item.item_id,
                tuple(pack(item.item_id, SCORED_TOPIC, signal) for signal in to_signals(item, score, item.ts_init)),
            )
            for item, score in zip(items, scores, strict=True)
        ]
