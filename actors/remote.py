"""RemoteNlpActor: text signals that other processes computed, let in only for items that this node released."""

from collections import OrderedDict

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import DataType
from nautilus_trader.model.identifiers import ClientId

from actors.hop import Hop
from sagetrade_nautilus.data import SCORED, SCORES_CLIENT_ID, TextItem, TextSignal, bus_topic
from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.pipeline import is_bounded
from sagetrade_nautilus.nlp.messages import to_signals

NOT_WAITING: tuple[None, set[str]] = (None, set())


class RemoteNlpActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of a `RemoteNlpActor`.

    Parameters
    ----------
    items_max : int
        Items that may wait for their signals; beyond it the oldest are given up.
    """

    items_max: int = 10_000


class RemoteNlpActor(Actor):
    """Takes the place of `NlpActor` where scoring workers do its work.

    The message bus carries each `TextItem` to the workers, and their signals back. A signal counts once, only if this
    node released its item and links it to that entity, and only within the bounds that a model must keep: everything
    but the score itself is taken from the item, not from the answer. An item that no worker answers has no effect.

    Attributes
    ----------
    counts : dict[str, int]
        'used', 'refused' (unknown, repeated or out of bounds) and 'given_up'.
    """

    def __init__(self, config: RemoteNlpActorConfig) -> None:
        super().__init__(config)
        self._data_types: dict[str, DataType] = {}
        self.on_reset()

    def on_start(self) -> None:
        self._hop = Hop(self.clock)
        self.msgbus.subscribe(bus_topic(DataType(TextItem)), self._on_item)
        self.subscribe_data(SCORED, client_id=ClientId(SCORES_CLIENT_ID))

    def on_stop(self) -> None:
        self.msgbus.unsubscribe(bus_topic(DataType(TextItem)), self._on_item)
        self.log.info(f"scored texts: {self.counts}, waiting: {len(self._waiting)}")

    def on_reset(self) -> None:
        self._waiting: OrderedDict[str, tuple[TextItem, set[str]]] = OrderedDict()
        self.counts = {"used": 0, "refused": 0, "given_up": 0}

    def on_data(self, data: TextSignal) -> None:
        self._hop(self._use, data)

    def _on_item(self, item: TextItem) -> None:
        self._waiting[item.item_id] = (item, set(item.entities.split()))
        if len(self._waiting) > self.config.items_max:
            self._waiting.popitem(last=False)
            self.counts["given_up"] += 1

    def _use(self, signal: TextSignal) -> None:
        item, entities = self._waiting.get(signal.item_id, NOT_WAITING)
        score = TextScore(signal.sentiment, signal.confidence, signal.event, signal.impact_score)
        if item is None or signal.entity not in entities or not is_bounded(score):
            self.counts["refused"] += 1
            return
        entities.discard(signal.entity)
        if not entities:
            del self._waiting[signal.item_id]
        self.counts["used"] += 1
        for made in to_signals(item, score, self.clock.timestamp_ns()):
            if made.entity == signal.entity:
                self.publish_data(self._data_type(made.entity), made)

    def _data_type(self, entity: str) -> DataType:
        if entity not in self._data_types:
            self._data_types[entity] = DataType(TextSignal, metadata={"entity": entity})
        return self._data_types[entity]
