"""RemoteNlpActor: text signals that other processes computed, let in only for items that this node released."""

from collections import OrderedDict

from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import DataType
from nautilus_trader.model.identifiers import ClientId

from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import SCORED, SCORES_CLIENT_ID, TextItem, TextSignal, bus_topic, text_signal_type
from sagetrade_nautilus.model.readings import TextScore
from sagetrade_nautilus.model.text.pipeline import is_bounded
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE
from sagetrade_nautilus.nlp.messages import to_signals
from sagetrade_nautilus.telling import is_told

NOT_WAITING: tuple[None, set[str]] = (None, set())


class RemoteNlpActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of a `RemoteNlpActor`.

    Parameters
    ----------
    text : TextConfig
        How old a text may be.
    items_max : int
        Items that may wait for their signals, and signals for their items; beyond it the oldest are given up.
    """

    text: TextConfig = TextConfig()
    items_max: int = 10_000


class RemoteNlpActor(Actor):
    """Takes the place of `NlpActor` where scoring workers do its work.

    The message bus carries each `TextItem` to the workers, and their signals back. A signal counts once, only if this
    node released its item and links it to that entity, and only within the bounds that a model must keep: everything
    but the score itself is taken from the item, not from the answer. Where another node released the same item a moment
    earlier, its answer may come before the item does, and is kept for it. An item that no worker answers has no effect,
    nor has one whose answer comes when it was published longer ago than `text.max_age_min`.

    Attributes
    ----------
    counts : dict[str, int]
        'used', 'refused' (unknown, repeated or out of bounds), 'late' and 'given_up'.
    """

    def __init__(self, config: RemoteNlpActorConfig) -> None:
        super().__init__(config)
        self._max_age_ns = round(config.text.max_age_min * NANOS_PER_MINUTE)
        self.on_reset()

    def on_start(self) -> None:
        self.msgbus.subscribe(bus_topic(DataType(TextItem)), self._on_item)
        self.subscribe_data(SCORED, client_id=ClientId(SCORES_CLIENT_ID))

    def on_stop(self) -> None:
        self.msgbus.unsubscribe(bus_topic(DataType(TextItem)), self._on_item)
        self.log.info(f"scored texts: {self.counts}, waiting: {len(self._waiting)}")

    def on_reset(self) -> None:
        self._waiting: OrderedDict[str, tuple[TextItem, set[str]]] = OrderedDict()
        self._early: OrderedDict[tuple[str, str], TextSignal] = OrderedDict()
        self.counts = {"used": 0, "refused": 0, "late": 0, "given_up": 0}

    def on_data(self, data: TextSignal) -> None:
        if self._use(data):
            return
        self.counts["refused"] += 1
        if data.item_id not in self._waiting:
            self._early[data.item_id, data.entity] = data
            if len(self._early) > self.config.items_max:
                self._early.popitem(last=False)

    def _use(self, data: TextSignal) -> bool:
        """Let a score in, unless it comes too late; tell whether it is a sound one of an item that waits for it."""
        item, entities = self._waiting.get(data.item_id, NOT_WAITING)
        score = TextScore(data.sentiment, data.confidence, data.event, data.impact_score)
        if item is None or data.entity not in entities or not is_bounded(score):
            return False
        entities.discard(data.entity)
        if not entities:
            del self._waiting[data.item_id]
        now_ns = self.clock.timestamp_ns()
        if now_ns > item.ts_event + self._max_age_ns:
            self._refuse_late()
            return True
        self.counts["used"] += 1
        for made in to_signals(item, score, now_ns):
            if made.entity == data.entity:
                self.publish_data(text_signal_type(made.entity), made)
        return True

    def _on_item(self, item: TextItem) -> None:
        self._waiting[item.item_id] = (item, set(item.entities.split()))
        if len(self._waiting) > self.config.items_max:
            self._waiting.popitem(last=False)
            self.counts["given_up"] += 1
        for entity in item.entities.split():
            early = self._early.pop((item.item_id, entity), None)
            if early is not None and self._use(early):
                self.counts["refused"] -= 1

    def _refuse_late(self) -> None:
        self.counts["late"] += 1
        if is_told(self.counts["late"]):
            self.log.warning(
                f"scores that came too late and were dropped: {self.counts['late']:,}; their texts were published more "
                f"than {self.config.text.max_age_min:g} min ago (`text.max_age_min`): start more `sagetool score`"
            )
