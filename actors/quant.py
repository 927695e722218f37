"""QuantActor: bars in, price readings out."""

from collections.abc import Callable
from typing import Any

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import Bar, BarType, DataType
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.config import QuantConfig
from sagetrade_nautilus.data import QuantSignal
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.quant import QuantModel
from sagetrade_nautilus.model.readings import QuantReading


class QuantActorConfig(ActorConfig, frozen=True, kw_only=True):
    """Configuration of a `QuantActor`.

    Parameters
    ----------
    bar_types : tuple[str, ...]
        Time bars to read, one type per instrument ('BTCUSDT.BINANCE-5-MINUTE-LAST-EXTERNAL').
    quant : dict[str, Any]
        A `QuantConfig` in builtin types; empty means its defaults.
    """

    bar_types: tuple[str, ...]
    quant: dict[str, Any]


class _Desk:
    """What the actor keeps for one instrument."""

    __slots__ = ("data_type", "update")

    def __init__(self, bar_type: BarType, config: QuantConfig) -> None:
        bar_seconds = bar_type.spec.timedelta.total_seconds()
        self.update: Callable[..., QuantReading | None] = QuantModel(config, bar_seconds).update
        self.data_type = DataType(QuantSignal, metadata={"instrument_id": bar_type.instrument_id.value})


class QuantActor(Actor):
    """Publishes a `QuantSignal` whenever the `QuantModel` of an instrument has a reading worth it.

    Each travels under its own data type, ``DataType(QuantSignal, metadata={"instrument_id":
    "BTCUSDT.BINANCE"})``, so that a subscriber takes the instruments that it trades and no others.

    Raises
    ------
    ConfigError
        `quant` is no `QuantConfig`, an instrument has two bar types, or a bar type is not one of time bars.
    """

    def __init__(self, config: QuantActorConfig) -> None:
        super().__init__(config)
        try:
            self._quant = msgspec.convert(config.quant, QuantConfig)
        except msgspec.ValidationError as error:
            raise ConfigError(f"quant: {error}") from None
        self._bar_types = [BarType.from_str(name) for name in config.bar_types]
        self._open_desks()

    def on_start(self) -> None:
        for bar_type in self._bar_types:
            self.subscribe_bars(bar_type)

    def on_bar(self, bar: Bar) -> None:
        instrument_id = bar.bar_type.instrument_id
        desk = self._desks[instrument_id]
        ts_event = bar.ts_event
        reading = desk.update(
            ts_event,
            bar.open.as_double(),
            bar.high.as_double(),
            bar.low.as_double(),
            bar.close.as_double(),
            bar.volume.as_double(),
        )
        if reading is not None:
            self.publish_data(desk.data_type, QuantSignal(instrument_id, reading, ts_event, bar.ts_init))

    def on_reset(self) -> None:
        self._open_desks()

    def _open_desks(self) -> None:
        self._desks: dict[InstrumentId, _Desk] = {}
        for bar_type in self._bar_types:
            if bar_type.instrument_id in self._desks:
                raise ConfigError(f"bar_types: {bar_type.instrument_id} is named twice; one bar type each")
            if not bar_type.spec.is_time_aggregated():
                raise ConfigError(f"bar_types: {bar_type} are not time bars, which volatility is measured by")
            self._desks[bar_type.instrument_id] = _Desk(bar_type, self._quant)
