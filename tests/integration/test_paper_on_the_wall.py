"""A node on the wall's clock that trades on paper: it comes up, trades, winds down and goes on where it stopped."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nautilus_trader.model.data import Bar
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog.instruments import instrument_for
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import PluginError
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.guard.switch.heartbeat import look, parse
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.node.clients import DataClient
from sagetrade_nautilus.run.paper import paper
from strategies.momentum_scalper import MomentumScalper
from tests.support.ticking import BTC, ticking, until_over, wish

pytestmark = pytest.mark.slow
replace = msgspec.structs.replace


@pytest.fixture
def data(wall_bars: list[Bar]) -> DataClient:
    return until_over(wall_bars)


def test_it_trades_and_a_signal_winds_it_down_and_it_can_go_on(
    wall: RunConfig, data: DataClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", wish)
    told: list[str] = []
    assert paper(wall, tmp_path, told.append, data) is signal.SIGTERM
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
    assert paper(wall, tmp_path, told.append, data) is signal.SIGTERM
    assert len(list(read(tmp_path / JOURNAL))) > count


@pytest.mark.parametrize("knows_the_past", [True, False])
def test_with_past_bars_it_decides_at_once_and_without_it_waits_for_enough(
    knows_the_past: bool, wall: RunConfig, wall_bars: list[Bar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    count = 0

    def decide(self: Any, signal: Any) -> None:
        seen.append(count)

    def follow(index: int, bar: Bar) -> None:
        nonlocal count
        count = index
        if index == 39:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(MomentumScalper, "on_new_signal", decide)
    data = ticking(wall_bars[360:], [instrument_for(BTC)], follow, wall_bars[:360] if knows_the_past else None)
    paper(wall, tmp_path, lambda line: None, data)
    assert bool(seen) is knows_the_past
    assert min(seen, default=0) < 10  # the signal is ready at the first bar; the loop may have taken some more by then


def test_what_the_feed_brought_is_kept_in_a_catalog(
    wall: RunConfig, wall_bars: list[Bar], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", lambda self, signal: None)
    recorded = replace(wall, node=replace(wall.node, record=str(tmp_path / "recorded")))

    def follow(index: int, bar: Bar) -> None:
        if index == 59:
            os.kill(os.getpid(), signal.SIGTERM)

    for first in (0, 100):
        data = ticking(wall_bars[first : first + 60], [instrument_for(BTC)], follow)
        paper(recorded, tmp_path / "state", lambda line: None, data)
    kept = ParquetDataCatalog(str(tmp_path / "recorded"))
    found = kept.bars()
    assert [bar.close for bar in found] == [bar.close for bar in (*wall_bars[:60], *wall_bars[100:160])]
    assert kept.instruments()[0].id.value == BTC
    assert list((tmp_path / "state" / "stream").rglob("*.feather")) == []


def test_a_plugin_that_raises_ends_it_with_that_error(
    wall: RunConfig, data: DataClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any, signal: Any) -> None:
        raise ZeroDivisionError("a test")

    monkeypatch.setattr(MomentumScalper, "on_new_signal", fail)
    began = time.monotonic()
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        paper(wall, tmp_path, lambda line: None, data)
    assert time.monotonic() - began < 60.0
