"""A node on the wall's clock that trades on paper: it comes up, trades, winds down and goes on where it stopped."""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.live.config import LiveDataClientConfig
from nautilus_trader.live.data_client import LiveMarketDataClient
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.model.data import Bar
from nautilus_trader.model.identifiers import ClientId, Venue

from catalog.instruments import instrument_for
from catalog.store import read_bars
from sagetrade_nautilus.config import RunConfig, SelectorConfig, load
from sagetrade_nautilus.errors import PluginError
from sagetrade_nautilus.guard.heartbeat import look, parse
from sagetrade_nautilus.guard.journal import read
from sagetrade_nautilus.guard.records import OrderRecord
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.compare import JOURNAL
from sagetrade_nautilus.run.compose import bar_types, interval_ns
from sagetrade_nautilus.run.paper import paper
from strategies.momentum_scalper import MomentumScalper

pytestmark = pytest.mark.slow
replace = msgspec.structs.replace
BTC = "BTCUSDT.BINANCE"
STEP_NS = 20_000_000


class Ticking(LiveMarketDataClient):
    """Delivers the bars of two wild days as if each were 20 ms long, then asks the process to stop."""

    bars: Any = None
    count = 400

    def __init__(self, loop: Any, name: str, msgbus: Any, cache: Any, clock: Any) -> None:
        super().__init__(loop, ClientId(name), Venue(name), msgbus, cache, clock, InstrumentProvider())

    async def _connect(self) -> None:
        self._cache.add_instrument(instrument_for(BTC))
        self._next_ns = self._clock.timestamp_ns() // STEP_NS * STEP_NS + 50 * STEP_NS
        self._loop.call_later(1.0, self._tick, 0)

    async def _disconnect(self) -> None:
        pass

    def subscribe_bars(self, command: Any) -> None:
        pass

    unsubscribe_bars = subscribe_bars

    def _tick(self, index: int) -> None:
        if index == self.count:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        now, bar = self._clock.timestamp_ns(), self.bars[index]
        if now < self._next_ns:
            self._loop.call_later(0.001, self._tick, index)
            return
        ts, self._next_ns = self._next_ns, self._next_ns + STEP_NS
        self._handle_data(Bar(bar.bar_type, bar.open, bar.high, bar.low, bar.close, bar.volume, ts, ts))
        self._loop.call_soon(self._tick, index + 1)


class Factory(LiveDataClientFactory):
    @staticmethod
    def create(loop: asyncio.AbstractEventLoop, name: str, config: Any, msgbus: Any, cache: Any, clock: Any) -> Ticking:
        return Ticking(loop, name, msgbus, cache, clock)


@pytest.fixture(scope="module")
def config(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    demo = load(project_root / "configs" / "demo.toml")
    first, last = (demo.data.start.replace(month=5, day=day) for day in (8, 10))
    data = replace(demo.data, instruments=[BTC], start=first, end=last, catalog=str(tmp_path_factory.mktemp("c")))
    node = replace(demo.node, data="binance", execution="paper", on_stop="flatten")
    made = replace(
        demo,
        name="wall",
        data=data,
        node=node,
        text=replace(demo.text, enabled=False),
        strategies=[entry for entry in demo.strategies if entry.plugin == "momentum_scalper"],
        selector=SelectorConfig(),
    )
    backtest.prepare(made)
    columns = read_bars(Path(data.catalog), BTC, data.bar, *interval_ns(made))
    made = replace(made, data=replace(data, bar="20-MILLISECOND-LAST"))
    instrument = instrument_for(BTC)
    kind = bar_types(made)[0]
    Ticking.bars = [
        Bar.from_dict(
            {
                "type": "Bar",
                "bar_type": kind,
                **{
                    name: str(instrument.make_price(getattr(columns, name)[index]))
                    for name in ("open", "high", "low", "close")
                },
                "volume": str(instrument.make_qty(columns.volume[index])),
                "ts_event": 0,
                "ts_init": 0,
            }
        )
        for index in range(Ticking.count)
    ]
    return made


def wish(self: Any, signal: Any) -> Decision:
    """Wish to follow every signal; a bar of 20 ms moves like one of five minutes here, which no plugin understands."""
    up = 1 if signal.score > 0 else -1
    return Decision(
        side="buy" if up > 0 else "sell",
        size_pct=5.0,
        tp=signal.price * (1 + up * 0.02),
        sl=signal.price * (1 - up * 0.01),
        target_duration=1.0,
        expected_edge_bps=50.0,
        reason="a test",
        signal_ids=(signal.signal_id,),
    )


def test_it_trades_and_a_signal_winds_it_down_and_it_can_go_on(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", wish)
    told: list[str] = []
    data = (LiveDataClientConfig(), Factory)
    assert paper(config, tmp_path, told.append, data) is signal.SIGTERM
    assert told == ["wall is up; Ctrl-C stops it", "winding down: flatten"]
    beat = parse(look(tmp_path / "latch.heartbeat"))
    assert beat is not None
    assert beat.stopped
    orders = [line for line in read(tmp_path / JOURNAL) if isinstance(line, OrderRecord)]
    sizes: dict[str, float] = {}
    for line in orders:
        if line.event in ("filled", "partially_filled"):
            sizes[line.tags[0]] = sizes.get(line.tags[0], 0.0) + (line.last_qty or 0) * (
                1 if line.side == "buy" else -1
            )
    assert sizes, "nothing was traded"
    assert all(abs(size) < 1e-9 for size in sizes.values())
    count = len(list(read(tmp_path / JOURNAL)))
    assert paper(config, tmp_path, told.append, data) is signal.SIGTERM
    assert len(list(read(tmp_path / JOURNAL))) > count


def test_a_plugin_that_raises_ends_it_with_that_error(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any, signal: Any) -> None:
        raise ZeroDivisionError("a test")

    monkeypatch.setattr(MomentumScalper, "on_new_signal", fail)
    began = time.monotonic()
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        paper(config, tmp_path, lambda line: None, (LiveDataClientConfig(), Factory))
    assert time.monotonic() - began < 60.0
