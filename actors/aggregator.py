"""AggregatorActor: price readings and text signals in, one composite signal per instrument out."""

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import Bar, BarType, DataType
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.config import AggregatorConfig, TextConfig
from sagetrade_nautilus.data import CompositeSignal, QuantSignal, TextSignal, bus_topic, text_signal_type
from sagetrade_nautilus.model.aggregation import Aggregator, TextEvidence
from sagetrade_nautilus.model.readings import QuantReading


class AggregatorActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of an `AggregatorActor`.

    Parameters
    ----------
    entities : dict[str, list[str]]
        Instrument id to those whose texts speak of it ('BTCUSDT.BINANCE': ['BTC', 'CRYPTO']).
    bar : str
        Bar specification, as '5-MINUTE-LAST'.
    """

    entities: dict[str, list[str]] = {}
    bar: str = "5-MINUTE-LAST"
    aggregator: AggregatorConfig = AggregatorConfig()
    text: TextConfig = TextConfig()


class _Desk:
    """What the actor keeps for one instrument."""

    __slots__ = ("aggregator", "data_type", "has_news", "instrument_id", "reading")

    def __init__(self, name: str, config: AggregatorActorConfig) -> None:
        self.instrument_id = InstrumentId.from_str(name)
        self.aggregator = Aggregator(config.aggregator, config.text)
        self.data_type = DataType(CompositeSignal, metadata={"instrument_id": name})
        self.reading: QuantReading | None = None
        self.has_news = False


class AggregatorActor(Actor):
    """Publishes a `CompositeSignal` whenever a price reading changes, or at the next bar after a text came.

    A text is never acted on between bars: a bar-driven run has no price for that moment, and filling at the last
    close would grant the text a price from before it was known.
    """

    def __init__(self, config: AggregatorActorConfig) -> None:
        super().__init__(config)
        self._desks = {InstrumentId.from_str(name): _Desk(name, config) for name in config.entities}
        self._listeners: dict[str, list[_Desk]] = {}
        for name, entities in config.entities.items():
            desk = self._desks[InstrumentId.from_str(name)]
            for entity in entities:
                self._listeners.setdefault(entity, []).append(desk)

    def on_start(self) -> None:
        for name in self.config.entities:
            self._hear(DataType(QuantSignal, metadata={"instrument_id": name}))
        if self.config.text.enabled:
            for entity in self._listeners:
                self._hear(text_signal_type(entity))
            for name in self.config.entities:
                self.subscribe_bars(BarType.from_str(f"{name}-{self.config.bar}-EXTERNAL"))

    def _hear(self, data_type: DataType) -> None:
        self.msgbus.subscribe(bus_topic(data_type), self.handle_data)

    def on_data(self, data: QuantSignal | TextSignal) -> None:
        if isinstance(data, QuantSignal):
            desk = self._desks[data.instrument_id]
            desk.reading = data.reading
            self._publish(desk, data.reading, data.ts_event, data.ts_init)
        else:
            self._remember(data)

    def on_bar(self, bar: Bar) -> None:
        desk = self._desks[bar.bar_type.instrument_id]
        if desk.has_news and desk.reading is not None:
            reading = msgspec.structs.replace(desk.reading, price=bar.close.as_double())
            self._publish(desk, reading, bar.ts_event, bar.ts_init)

    def _remember(self, signal: TextSignal) -> None:
        evidence = TextEvidence(
            ts=signal.ts_event,
            source=signal.source,
            item_id=signal.item_id,
            sentiment=signal.sentiment,
            confidence=signal.confidence,
            impact_score=signal.impact_score,
        )
        for desk in self._listeners.get(signal.entity, ()):
            desk.aggregator.add_text(evidence)
            desk.has_news = True

    def _publish(self, desk: _Desk, reading: QuantReading, ts_event: int, ts_init: int) -> None:
        desk.has_news = False
        composite = desk.aggregator.combine(reading, ts_init)
        self.publish_data(desk.data_type, CompositeSignal(desk.instrument_id, composite, ts_event, ts_init))
