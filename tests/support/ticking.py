"""A live data client that plays bars as if each were 20 ms long."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.live.config import LiveDataClientConfig
from nautilus_trader.live.data_client import LiveMarketDataClient
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.identifiers import ClientId, Venue
from nautilus_trader.model.instruments import Instrument

from catalog.instruments import instrument_for
from catalog.store import read_bars
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.compose import interval_ns
from sagetrade_nautilus.run.node.clients import DataClient

STEP_NS = 20_000_000
SHORT_BAR = "20-MILLISECOND-LAST"
BTC = "BTCUSDT.BINANCE"


def wild_bars(project_root: Path, catalog: Path, instrument: Instrument, count: int = 400, scale: float = 1.0) -> Any:
    """Return the first bars of two wild days of BTCUSDT, their prices times `scale`, as bars of `instrument`."""
    demo = load(project_root / "configs" / "demo.toml")
    first, last = (demo.data.start.replace(month=5, day=day) for day in (8, 10))
    config: RunConfig = msgspec.structs.replace(
        demo,
        data=msgspec.structs.replace(demo.data, instruments=[BTC], start=first, end=last, catalog=str(catalog)),
    )
    backtest.prepare(config)
    columns = read_bars(catalog, BTC, config.data.bar, *interval_ns(config))
    bar_type = BarType.from_str(f"{instrument.id}-{SHORT_BAR}-EXTERNAL")
    volumes = instrument_for(BTC)
    return [
        Bar(
            bar_type,
            *(
                instrument.make_price(getattr(columns, name)[index] * scale)
                for name in ("open", "high", "low", "close")
            ),
            volumes.make_qty(columns.volume[index]),
            0,
            0,
        )
        for index in range(count)
    ]


def at(bar: Bar, ts: int) -> Bar:
    """Return the bar as if it had closed at `ts`."""
    return Bar(bar.bar_type, bar.open, bar.high, bar.low, bar.close, bar.volume, ts, ts)


class Ticking(LiveMarketDataClient):
    """Delivers `bars` and tells `on_tick` of each, with its number; asked for past bars it answers `past`."""

    bars: list[Bar]
    instruments: Iterable[Instrument]
    on_tick: Callable[[int, Bar], object]
    past: list[Bar] | None

    def __init__(self, loop: Any, name: str, msgbus: Any, cache: Any, clock: Any) -> None:
        super().__init__(loop, ClientId(name), Venue(name), msgbus, cache, clock, InstrumentProvider())
        self._next_ns = 0

    async def _connect(self) -> None:
        for instrument in self.instruments:
            self._cache.add_instrument(instrument)
        self._next_ns = self._clock.timestamp_ns() // STEP_NS * STEP_NS + 50 * STEP_NS
        self._loop.call_later(1.0, self._tick, 0)

    async def _disconnect(self) -> None:
        pass

    def subscribe_bars(self, command: Any) -> None:
        pass

    unsubscribe_bars = subscribe_bars

    async def _request_bars(self, request: Any) -> None:
        past = self.past
        if past is None:
            return
        last = self._clock.timestamp_ns() // STEP_NS * STEP_NS - STEP_NS
        self._next_ns = last + STEP_NS
        answer = [at(bar, last - (len(past) - 1 - number) * STEP_NS) for number, bar in enumerate(past)]
        self._handle_bars(request.bar_type, answer, request.id, request.start, request.end, request.params)

    def _tick(self, index: int) -> None:
        if index == len(self.bars):
            return
        now, bar = self._clock.timestamp_ns(), self.bars[index]
        if now < self._next_ns:
            self._loop.call_later(0.001, self._tick, index)
            return
        self.on_tick(index, bar)
        ts, self._next_ns = self._next_ns, self._next_ns + STEP_NS
        self._handle_data(at(bar, ts))
        self._loop.call_soon(self._tick, index + 1)


def ticking(
    bars: list[Bar],
    instruments: Iterable[Instrument] = (),
    on_tick: Callable[[int, Bar], object] = lambda *_: None,
    past: list[Bar] | None = None,
) -> DataClient:
    """Return settings and factory of a client that delivers `bars` and tells `on_tick` of each, with its number.

    Asked for past bars it answers `past`, as if they had come one after the other until then; without, nothing.
    """

    class Factory(LiveDataClientFactory):
        @staticmethod
        def create(
            loop: asyncio.AbstractEventLoop, name: str, config: Any, msgbus: Any, cache: Any, clock: Any
        ) -> Ticking:
            made = Ticking(loop, name, msgbus, cache, clock)
            made.bars, made.instruments, made.on_tick, made.past = bars, instruments, on_tick, past
            return made

    return LiveDataClientConfig(), Factory


def until_over(bars: list[Bar]) -> DataClient:
    """Return a feed of bars after which the process is asked to stop."""

    def end(index: int, bar: Bar) -> None:
        if index == len(bars) - 1:
            os.kill(os.getpid(), signal.SIGTERM)

    return ticking(bars, [instrument_for(BTC)], end)


def wish(self: Any, heard: Any) -> Decision:
    """Wish to follow every signal; a bar of 20 ms moves like one of five minutes here, which no plugin understands."""
    up = 1 if heard.score > 0 else -1
    return Decision(
        side="buy" if up > 0 else "sell",
        size_pct=5.0,
        tp=heard.price * (1 + up * 0.02),
        sl=heard.price * (1 - up * 0.01),
        target_duration=1.0,
        expected_edge_bps=50.0,
        reason="a test",
        signal_ids=(heard.signal_id,),
    )
