"""NewsActor: raw texts in, clean items out, each at the moment from which it may be used."""

import heapq

from nautilus_trader.common.actor import Actor
from nautilus_trader.common.component import TimeEvent
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import DataType
from nautilus_trader.model.identifiers import ClientId

from actors.hop import Hop
from sagetrade_nautilus.config import TextConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, TEXT_REPEATS_TOPIC, RawText, TextItem
from sagetrade_nautilus.model.text.pipeline import PreparedText, Refusal, Repeat
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE
from sagetrade_nautilus.nlp.messages import create_pipeline, pipeline_name, to_item
from sagetrade_nautilus.telling import is_told


class NewsActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of a `NewsActor`.

    Parameters
    ----------
    text : TextConfig
        The ingestion latency, how old a text may be, and how many stories are remembered for how long to recognise
        repeats.
    tickers : tuple[str, ...]
        Shares to recognise by their symbol in capitals.
    """

    text: TextConfig = TextConfig()
    tickers: tuple[str, ...] = ()


class NewsActor(Actor):
    """Publishes a `TextItem` for each new `RawText` with a known subject, never before it could have been
    known, and a `Repeat` for each that tells the story of an item again.

    A text that waited on its way until it was older than `text.max_age_min` is dropped, counted
    and logged (`sagetrade_nautilus.telling`).

    Items that come due at the same nanosecond keep the order in which their texts arrived.
    """

    def __init__(self, config: NewsActorConfig) -> None:
        super().__init__(config)
        self._data_type = DataType(TextItem)
        self._clear()

    @property
    def counts(self) -> dict[str, int]:
        """How many texts were accepted or refused, by reason; 'pending' are accepted and not yet due."""
        return {**dict(sorted(self._pipeline.counts.items())), "pending": len(self._pending)}

    @property
    def model_name(self) -> str:
        """Name and version of the model that recognises retold stories, for the run's fingerprint; '' without one."""
        return pipeline_name(self.config.text)

    def on_start(self) -> None:
        self._hop = Hop(self.clock)
        self.subscribe_data(DataType(RawText), client_id=ClientId(NEWS_CLIENT_ID))

    def on_stop(self) -> None:
        for name in self.clock.timer_names:
            self.clock.cancel_timer(name)
        self.log.info(f"texts: {self.counts}")

    def on_reset(self) -> None:
        self._clear()

    def on_data(self, data: RawText) -> None:
        prepared = self._pipeline.accept(data, self.clock.timestamp_ns())
        if prepared is Refusal.LATE:
            self._tell_late(data)
        if isinstance(prepared, Repeat) and prepared.item_id:
            self.msgbus.publish(TEXT_REPEATS_TOPIC, prepared)
        if not isinstance(prepared, PreparedText):
            return
        self._sequence += 1
        heapq.heappush(self._pending, (prepared.release_ns, self._sequence, prepared))
        self._release()
        self._set_alert()

    def _tell_late(self, data: RawText) -> None:
        count = self._pipeline.counts[Refusal.LATE.value]
        if is_told(count):
            now_ns = self.clock.timestamp_ns()
            published, seen = ((now_ns - ts) / NANOS_PER_MINUTE for ts in (data.ts_event, data.ts_init))
            self.log.warning(
                f"texts that came too late and were dropped: {count:,}; the last was published {published:,.0f} min "
                f"and first seen {seen:,.0f} min ago, more than `text.max_age_min` {self.config.text.max_age_min:g}; "
                "is `sagetool ingest` or Redis behind?"
            )

    def _clear(self) -> None:
        self._pipeline = create_pipeline(self.config.text, self.config.tickers)
        self._pending: list[tuple[int, int, PreparedText]] = []
        self._sequence = 0

    def _set_alert(self) -> None:
        """Wake up when the next item is due: one alert a nanosecond, named after it."""
        if not self._pending:
            return
        due_ns = self._pending[0][0]
        name = f"{self.id}-release-{due_ns}"
        if name not in self.clock.timer_names:
            self.clock.set_time_alert_ns(name, due_ns, self._on_alert)

    def _on_alert(self, event: TimeEvent) -> None:
        self._hop(self._on_due)

    def _on_due(self) -> None:
        if self.is_running:
            self._release()
            self._set_alert()

    def _release(self) -> None:
        now_ns = self.clock.timestamp_ns()
        while self._pending and self._pending[0][0] <= now_ns:
            prepared = heapq.heappop(self._pending)[2]
            self.publish_data(self._data_type, to_item(prepared, now_ns))
