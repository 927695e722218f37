"""A replay in a real trading node: it does what the backtest does, and can be stopped, held, killed and wound down."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.data import Bar, BarType

import strategies
from adapters.replay.pace import Control, Pace
from catalog.arrivals import write_arrivals
from catalog.files import transaction
from catalog.store import read_bars
from sagetrade_nautilus.config import RunConfig, StrategyEntry, load
from sagetrade_nautilus.errors import ConfigError, PluginError, RunError
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord, StateRecord
from sagetrade_nautilus.guard.switch.heartbeat import look, parse
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State, StateChange
from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.run import backtest
from sagetrade_nautilus.run.checks.attribution import Parity, attribute
from sagetrade_nautilus.run.checks.parity import steps_of
from sagetrade_nautilus.run.checks.tracer import Tracer
from sagetrade_nautilus.run.compose import bar_types, interval_ns
from sagetrade_nautilus.run.files import CONTROL, JOURNAL, SIGNALS
from sagetrade_nautilus.run.node.state import held
from sagetrade_nautilus.run.replay import replay
from strategies.momentum_scalper import MomentumScalper

replace = msgspec.structs.replace
SAID = {"type": "QuantSignal", "instrument_id": "BTCUSDT.BINANCE"}


class AtBar(Actor):
    """Does something once, when bar number `number` of BTCUSDT has come, of those at which a position is open."""

    def __init__(self, number: int, act: Callable[[], object]) -> None:
        super().__init__(ActorConfig(component_id="at-bar"))
        self._left = number
        self._act = act

    def on_start(self) -> None:
        self.msgbus.subscribe("data.bars.BTCUSDT*", self._hear)

    def _hear(self, bar: Bar) -> None:
        self._left -= self.cache.positions_open_count() > 0
        if self._left == 0:
            self._left = -1
            self._act()


@pytest.fixture(scope="module")
def crash(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """Two days of May 2022, with the demo's strategies and texts."""
    demo = load(project_root / "configs" / "demo.toml")
    first, last = (demo.data.start.replace(month=5, day=day) for day in (8, 10))
    data = replace(demo.data, start=first, end=last, catalog=str(tmp_path_factory.mktemp("catalog")))
    config = replace(demo, name="crash", data=data)
    backtest.prepare(config)
    return config


@pytest.fixture(scope="module")
def folder(crash: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the backtest leaves."""
    left = tmp_path_factory.mktemp("backtest")
    backtest.run(crash, left / JOURNAL, listeners=[Tracer(left / SIGNALS)])
    return left


def compared(first: Path, second: Path) -> Parity:
    return attribute(steps_of(first), steps_of(second))


def orders(folder: Path) -> list[OrderRecord]:
    return [line for line in read(folder / JOURNAL) if isinstance(line, OrderRecord)]


def played(config: RunConfig, folder: Path, *listeners: Any) -> RunSummary:
    found = replay(config, folder, listeners=listeners).summary
    assert found is not None
    return found


def test_a_node_says_decides_and_does_what_the_backtest_does(crash: RunConfig, folder: Path, tmp_path: Path) -> None:
    summary = played(crash, tmp_path, Tracer(tmp_path / SIGNALS))
    found = compared(folder, tmp_path)
    assert found.differences == ()
    assert min(found.same.values()) > 15
    assert summary.fills == backtest.run(crash, tmp_path / "again.jsonl").fills


def test_signals_that_begin_with_the_past_are_there_at_the_first_bar_and_nothing_is_done_before_it(
    crash: RunConfig, folder: Path, tmp_path: Path
) -> None:
    """A day is too short for the signals of five-minute bars, unless the day before it counts."""
    second = replace(crash, data=replace(crash.data, start=crash.data.start.replace(day=9)))
    start = interval_ns(second)[0]
    cold, warm = (
        replay(second, tmp_path / name, listeners=[Tracer(tmp_path / name / SIGNALS)], warm_up_h=hours).summary
        for name, hours in (("cold", 0.0), ("warm", 120.0))
    )
    assert cold is not None
    assert warm is not None
    assert not _scores(tmp_path / "cold")
    found, whole = _scores(tmp_path / "warm"), _scores(folder)
    assert min(found) == start - 1 + 300 * 1_000_000_000
    both = set(found) & set(whole)
    assert len(both) > 50
    assert [found[ts] for ts in both] == pytest.approx([whole[ts] for ts in both])
    assert warm.fills
    assert min(fill.ts for fill in warm.fills) > start
    assert min(line.ts for line in orders(tmp_path / "warm")) > start


LEARNER = """
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

HEARD = []

class PastLearnerConfig(SageStrategyConfig, frozen=True, kw_only=True):
    pass

class PastLearner(SageStrategy[PastLearnerConfig]):
    def on_market(self, market_state):
        HEARD.append((market_state.ts, market_state.instrument_id))

    def on_new_signal(self, signal):
        return None
"""


def test_a_plugin_learns_from_the_bars_of_the_hours_before_in_the_order_of_a_backtest(
    crash: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])
    (tmp_path / "past_learner.py").write_text(LEARNER)
    day = crash.data.start.replace(day=9)
    run = replace(
        crash,
        data=replace(crash.data, start=day, end=day.replace(day=10)),
        strategies=[StrategyEntry(plugin="past_learner")],
        selector=replace(crash.selector, rules=[]),
    )
    replay(run, tmp_path / "replay", warm_up_h=24.0)
    heard = import_module("strategies.past_learner").HEARD
    warm = list(heard)
    heard.clear()
    backtest.run(replace(run, data=replace(run.data, start=day.replace(day=8))), tmp_path / "backtest.jsonl")
    assert len(heard) == 2 * 2 * 288
    assert sorted(warm) == sorted(heard)
    assert [ts for ts, _ in warm] == [ts for ts, _ in heard]


def _scores(folder: Path) -> dict[int, float]:
    """Return the price scores that a run published of Bitcoin, by their moment."""
    lines = map(msgspec.json.decode, (folder / SIGNALS).read_bytes().splitlines())
    return {line["ts_event"]: line["score"] for line in lines if SAID.items() <= line.items()}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda run: replace(run, execution=replace(run.execution, style="micro")), id="micro"),
        pytest.param(lambda run: replace(run, costs=replace(run.costs, latency_ms=0.0)), id="no latency"),
        pytest.param(
            lambda run: replace(
                run,
                limits=replace(run.limits, max_daily_loss_pct=0.1, max_day_drop_pct=0.1),
                breaker=replace(run.breaker, flatten=True),
            ),
            id="breaker",
        ),
    ],
)
def test_so_it_does_with_other_execution_and_when_the_breaker_trips(
    crash: RunConfig, tmp_path: Path, change: Callable[[RunConfig], RunConfig]
) -> None:
    first, second = tmp_path / "backtest", tmp_path / "replay"
    first.mkdir()
    second.mkdir()
    backtest.run(change(crash), first / JOURNAL, listeners=[Tracer(first / SIGNALS)])
    played(change(crash), second, Tracer(second / SIGNALS))
    found = compared(first, second)
    assert found.differences == ()
    assert min(found.same.values()) > 5


def test_a_feed_that_is_late_is_told_from_one_that_is_not(crash: RunConfig, folder: Path, tmp_path: Path) -> None:
    late = replace(crash, node=replace(crash.node, feed_latency_ms=250.0))
    played(late, tmp_path, Tracer(tmp_path / SIGNALS))
    found = compared(folder, tmp_path)
    assert not found.holds
    moved = [one for one in found.differences if (one.kind, one.cause) == ("decision", "latency")]
    assert moved
    assert {one.effect for one in moved} == {250.0}


def recorded(config: RunConfig, root: Path, late_ns: Callable[[int], int]) -> RunConfig:
    """Return the run with bars that came later than their close by what `late_ns` says, as a node wrote it down."""
    shutil.copytree(config.data.catalog, root)
    for bar_type in map(BarType.from_str, bar_types(config)):
        closes = read_bars(root, str(bar_type.instrument_id), config.data.bar, *interval_ns(config)).ts
        with transaction(root) as change:
            write_arrivals(change, root, bar_type, closes, np.array([close + late_ns(close) for close in closes]))
    node = replace(config.node, feed_latency="recorded")
    return replace(config, data=replace(config.data, catalog=str(root)), node=node)


def test_bars_come_when_they_were_recorded_to_have_come(crash: RunConfig, folder: Path, tmp_path: Path) -> None:
    late = recorded(crash, tmp_path / "catalog", lambda close: 250_000_000 if close % 600_000_000_000 else 0)
    played(late, tmp_path / "replay", Tracer(tmp_path / "replay" / SIGNALS))
    found = compared(folder, tmp_path / "replay")
    moved = [one for one in found.differences if (one.kind, one.cause) == ("decision", "latency")]
    assert moved
    assert {one.effect for one in moved} == {250.0}
    assert all(one.ts % 600_000_000_000 for one in moved)


def test_a_feed_that_was_never_late_is_replayed_as_the_backtest_has_it(
    crash: RunConfig, folder: Path, tmp_path: Path
) -> None:
    played(recorded(crash, tmp_path / "catalog", lambda close: 0), tmp_path / "on time", Tracer(tmp_path / "trace"))
    (tmp_path / "trace").rename(tmp_path / "on time" / SIGNALS)
    assert compared(folder, tmp_path / "on time").differences == ()
    never = replace(crash, node=replace(crash.node, feed_latency="recorded"))
    with pytest.raises(ConfigError, match=r"node\.record"):
        played(never, tmp_path / "never")


def test_a_kill_in_the_midst_closes_everything_and_lets_nothing_open(crash: RunConfig, tmp_path: Path) -> None:
    def kill() -> None:
        Latch(tmp_path / "latch.json").engage(State.HALTED, "a drill", "test", time.time_ns(), flatten=True)
        time.sleep(0.1)  # the watcher looks every 5 ms of the wall's clock, while this clock stands still

    summary = played(crash, tmp_path, AtBar(5, kill))
    records = list(read(tmp_path / JOURNAL))
    at = next(index for index, line in enumerate(records) if isinstance(line, StateChange))
    after = [line for line in records[at:] if isinstance(line, OrderRecord)]
    assert any(line.tags[1:] == ("flatten",) and line.event == "filled" for line in after)
    entries = {line.client_order_id for line in after if line.event == "initialized" and "entry" in line.tags}
    assert not entries & {line.client_order_id for line in after if line.event == "submitted"}
    assert summary.open_pnl == 0.0


def test_a_pause_changes_nothing_but_how_long_it_takes(crash: RunConfig, folder: Path, tmp_path: Path) -> None:
    control = tmp_path / CONTROL
    told: list[str] = []

    def pause() -> None:
        control.write_text("pause\n")
        time.sleep(0.06)
        threading.Timer(0.5, control.write_text, ["play"]).start()

    began = time.monotonic()
    pace = Pace(control=Control(control, told.append))
    replay(crash, tmp_path, pace, listeners=[Tracer(tmp_path / SIGNALS), AtBar(3, pause)])
    assert time.monotonic() - began > 0.5
    assert told == ["control: pause", "control: play"]
    assert compared(folder, tmp_path).differences == ()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it_in_good_order(crash: RunConfig, tmp_path: Path, number: signal.Signals) -> None:
    found = replay(crash, tmp_path, listeners=[AtBar(5, lambda: os.kill(os.getpid(), number))])
    assert (found.summary, found.stopped_by) == (None, number)
    beat = parse(look(tmp_path / "latch.heartbeat"))
    assert beat is not None
    assert beat.stopped
    records = list(read(tmp_path / JOURNAL))  # which verifies the chain
    assert any(isinstance(line, StateRecord) and line.subject == "node" for line in records)


def test_flatten_on_stop_leaves_no_position_and_no_order(crash: RunConfig, tmp_path: Path) -> None:
    config = replace(crash, node=replace(crash.node, on_stop="flatten"))
    replay(config, tmp_path, listeners=[AtBar(5, lambda: os.kill(os.getpid(), signal.SIGTERM))])
    sizes: dict[str, float] = {}
    alive: set[str] = set()
    for line in orders(tmp_path):
        if line.event in ("submitted", "accepted"):
            alive.add(line.client_order_id)
        elif line.event in ("filled", "canceled", "rejected", "denied"):
            alive.discard(line.client_order_id)
        if line.event in ("filled", "partially_filled"):
            size = (line.last_qty or 0.0) * (1 if line.side == "buy" else -1)
            sizes[line.tags[0]] = sizes.get(line.tags[0], 0.0) + size
    assert any(line.tags[1:] == ("flatten",) for line in orders(tmp_path))
    assert not alive
    assert all(abs(size) < 1e-9 for size in sizes.values())


def test_a_plugin_that_raises_ends_it_with_that_error(
    crash: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any, signal: Any) -> None:
        raise ZeroDivisionError("a test")

    monkeypatch.setattr(MomentumScalper, "on_new_signal", fail)
    with pytest.raises(PluginError, match=r"momentum_scalper.*ZeroDivisionError"):
        replay(crash, tmp_path)
    beat = parse(look(tmp_path / "latch.heartbeat"))
    assert beat is not None
    assert beat.stopped
    assert list(read(tmp_path / JOURNAL))


def test_two_nodes_do_not_share_a_folder(crash: RunConfig, tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(RunError, match="another node is running there"):
        replay(crash, tmp_path)
