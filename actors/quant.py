"""QuantActor: bars in, price readings out."""

from functools import partial
from typing import Any

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import Bar, BarType, DataType
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.config import QuantConfig
from sagetrade_nautilus.data import EARLY_BARS_MAX, QuantSignal, ask_for_past_bars, hear_bars
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
    warm_up_h : float
        How many hours of past bars the feed is asked for; 0 asks for none. A backtest has no past to ask for.
    """

    bar_types: tuple[str, ...]
    quant: dict[str, Any]
    warm_up_h: float = 0.0


class _Desk:
    """What the actor keeps for one instrument; while `early` is a list, bars wait in it for those before them."""

    __slots__ = ("data_type", "early", "model")

    def __init__(self, bar_type: BarType, config: QuantConfig) -> None:
        self.model = QuantModel(config, bar_type.spec.timedelta.total_seconds())
        self.data_type = DataType(QuantSignal, metadata={"instrument_id": bar_type.instrument_id.value})
        self.early: list[Bar] | None = None

    def update(self, bar: Bar) -> QuantReading | None:
        return self.model.update(
            bar.ts_event,
            bar.open.as_double(),
            bar.high.as_double(),
            bar.low.as_double(),
            bar.close.as_double(),
            bar.volume.as_double(),
        )


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
            hear_bars(self, bar_type)
            if self.config.warm_up_h > 0.0:
                desk = self._desks[bar_type.instrument_id]
                desk.early = []
                ask_for_past_bars(self, bar_type, self.config.warm_up_h, partial(self._go_on, desk))

    def on_bar(self, bar: Bar) -> None:
        if not self.is_running:
            return
        desk = self._desks[bar.bar_type.instrument_id]
        if desk.early is None:
            self._take(bar, desk)
            return
        desk.early.append(bar)
        if len(desk.early) > EARLY_BARS_MAX:
            self.log.warning(f"{bar.bar_type}: no answer about past bars; the signal warms up on what comes")
            self._go_on(desk)

    def on_historical_data(self, data: Any) -> None:
        """Take a bar of the past: the model hears it, and nobody else."""
        desk = self._desks.get(data.bar_type.instrument_id) if isinstance(data, Bar) else None
        if desk is not None and desk.early is not None and data.ts_event <= self.clock.timestamp_ns():
            desk.update(data)

    def on_reset(self) -> None:
        self._open_desks()

    def _take(self, bar: Bar, desk: _Desk) -> None:
        reading = desk.update(bar)
        if reading is not None:
            signal = QuantSignal(bar.bar_type.instrument_id, reading, bar.ts_event, bar.ts_init)
            self.publish_data(desk.data_type, signal)

    def _go_on(self, desk: _Desk) -> None:
        """Publish from now on, first of the bars that came meanwhile."""
        early, desk.early = desk.early or [], None
        desk.model.begin_publishing()
        for bar in early:
            self._take(bar, desk)

    def _open_desks(self) -> None:
        self._desks: dict[InstrumentId, _Desk] = {}
        for bar_type in self._bar_types:
            if bar_type.instrument_id in self._desks:
                raise ConfigError(f"bar_types: {bar_type.instrument_id} is named twice; one bar type each")
            if not bar_type.spec.is_time_aggregated():
                raise ConfigError(f"bar_types: {bar_type} are not time bars, which volatility is measured by")
            self._desks[bar_type.instrument_id] = _Desk(bar_type, self._quant)
