"""The custom Nautilus data types that travel on the message bus.

All are bitemporal: ``ts_event`` is when the thing happened or was published, ``ts_init`` when we could first know it,
both in UNIX nanoseconds. They go through the catalog, a backtest, a feather stream and Redis like Nautilus's own.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, Final, Self

import msgspec
import pyarrow as pa
from nautilus_trader.common.actor import Actor
from nautilus_trader.core.data import Data
from nautilus_trader.model.custom import customdataclass
from nautilus_trader.model.data import BarType, DataType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.serialization.arrow.serializer import register_arrow
from nautilus_trader.serialization.base import register_serializable_type

from sagetrade_nautilus.model.readings import Component, Composite, QuantReading, Regime

NEWS_CLIENT_ID = "NEWS"
TEXT_REPEATS_TOPIC = "sagetrade.texts.repeats"
"""Where the news actor tells of each `model.text.pipeline.Repeat` of an item."""
SCORES_CLIENT_ID = "SCORES"
EARLY_BARS_MAX: Final = 2
"""How many bars of an instrument wait for those of the past before these are given up."""


def bus_topic(data_type: DataType) -> str:
    """Return the topic that an actor's `publish_data` uses for `data_type`.

    What one actor publishes and another hears is subscribed to on the bus itself: `subscribe_data` would ask a data
    client for it, and logs an error where there is none.
    """
    return f"data.{data_type.topic}"


def hear_bars(actor: Actor, bar_type: BarType) -> None:
    """Subscribe `actor` to bars, and have the bus itself call its `on_bar` with each, whether the actor runs or not.

    On its own way to `on_bar` Nautilus looks up the actor's indicators at every bar, which takes longer than most of
    what is done with one here. An actor that has registered indicators gets its bars that way.
    """
    topic = f"data.bars.{bar_type}"
    actor.subscribe_bars(bar_type)
    if not actor.registered_indicators:
        actor.msgbus.unsubscribe(topic, actor.handle_bar)
        actor.msgbus.subscribe(topic, actor.on_bar)


def ask_for_past_bars(actor: Actor, bar_type: BarType, hours: float, answered: Callable[[], None]) -> None:
    """Ask the feed for the bars of the last `hours`. The actor's `on_historical_data` gets them; then comes `answered`.

    The actor keeps what closes before the answer until then, and no more than `EARLY_BARS_MAX` bars of an instrument.
    """
    start = actor.clock.utc_now() - timedelta(hours=hours)
    actor.request_bars(bar_type, start=start, callback=lambda _: answered())


@customdataclass
class RawText(Data):
    """A text as it was fetched, never altered: what the catalog keeps and what a feed delivers.

    `first_seen_known` tells whether ``ts_init`` was recorded when we first saw the text; an archive that does not
    say has ``ts_init == ts_event``, and the run adds its configured ingestion latency.
    """

    source: str
    title: str
    body: str
    url: str
    first_seen_known: bool


@customdataclass
class TextItem(Data):
    """A cleaned, de-duplicated text whose subjects are known.

    `item_id` is derived from the content; `entities` are space-separated canonical symbols ('BTC ETH CRYPTO').
    """

    item_id: str
    source: str
    title: str
    body: str
    url: str
    language: str
    entities: str


@customdataclass
class TextSignal(Data):
    """What one text says of one entity. Fields as in `model.readings.TextScore`."""

    entity: str
    sentiment: float
    confidence: float
    event: str
    impact_score: float
    source: str
    item_id: str
    url: str


@cache
def text_signal_type(entity: str) -> DataType:
    """Return the data type of the text signals about `entity`, which names their topic."""
    return DataType(TextSignal, metadata={"entity": entity})


SCORED = DataType(TextSignal, metadata={"from": "workers"})
"""Text signals as other processes send them, before this node has let them in."""


class _PriceSignal(Data):
    """A reading of one instrument at one moment, as a bus message. Subclasses name the reading's type."""

    _reading_type: type[QuantReading] | type[Composite]
    _schema: pa.Schema

    def __init__(self, instrument_id: InstrumentId, reading: Any, ts_event: int, ts_init: int) -> None:
        self.instrument_id = instrument_id
        self.reading = reading
        self._ts_event = ts_event
        self._ts_init = ts_init

    @property
    def ts_event(self) -> int:
        return self._ts_event

    @property
    def ts_init(self) -> int:
        return self._ts_init

    @property
    def signal_id(self) -> str:
        """An id derived from the instrument and the moment, the same in every run."""
        return f"{self.instrument_id}@{self._ts_init}"

    @property
    def score(self) -> float:
        return float(self.reading.score)

    @property
    def confidence(self) -> float:
        return float(self.reading.confidence)

    @property
    def volatility(self) -> float:
        return float(self.reading.volatility)

    @property
    def regime(self) -> Regime:
        return Regime(self.reading.regime)

    @property
    def price(self) -> float:
        return float(self.reading.price)

    @property
    def components(self) -> tuple[Component, ...]:
        return tuple(self.reading.components)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.instrument_id}, {self.reading}, ts_init={self._ts_init})"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields flat; the components as one JSON string."""
        fields = msgspec.structs.asdict(self.reading)
        fields["regime"] = str(fields["regime"])
        fields["components"] = msgspec.json.encode(fields["components"]).decode()
        return {
            "type": type(self).__name__,
            "instrument_id": self.instrument_id.value,
            **fields,
            "ts_event": self._ts_event,
            "ts_init": self._ts_init,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build the message from what `to_dict` gave."""
        fields = {name: values[name] for name in cls._reading_type.__struct_fields__}
        fields["components"] = msgspec.json.decode(fields["components"])
        reading = msgspec.convert(fields, cls._reading_type)
        instrument_id = InstrumentId.from_str(values["instrument_id"])
        return cls(instrument_id, reading, values["ts_event"], values["ts_init"])

    def to_arrow(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_pylist([self.to_dict()], schema=self._schema)

    @classmethod
    def from_arrow(cls, table: pa.Table) -> list[Self]:
        return [cls.from_dict(row) for row in table.to_pylist()]


class QuantSignal(_PriceSignal):
    """What prices alone say of one instrument at one bar's close. Fields as in `model.readings.QuantReading`."""

    _reading_type = QuantReading


class CompositeSignal(_PriceSignal):
    """The weighted sum of all signals for one instrument. Fields as in `model.readings.Composite`."""

    _reading_type = Composite

    @property
    def direction(self) -> int:
        return int(self.reading.direction)


def _register(cls: type[_PriceSignal]) -> None:
    integers = {"direction"}
    texts = {"regime", "components"}
    fields = [("type", pa.string()), ("instrument_id", pa.string())]
    for name in cls._reading_type.__struct_fields__:
        kind = pa.int64() if name in integers else pa.string() if name in texts else pa.float64()
        fields.append((name, kind))
    cls._schema = pa.schema([*fields, ("ts_event", pa.int64()), ("ts_init", pa.int64())])
    register_serializable_type(cls, cls.to_dict, cls.from_dict)
    register_arrow(cls, cls._schema, cls.to_arrow, cls.from_arrow)


_register(QuantSignal)
_register(CompositeSignal)
