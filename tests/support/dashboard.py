"""A folder in which SageTrade has worked (real backtests, a node's folder, an experiment) and the server on it."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.model.data import Bar, BarType

from sagetrade_nautilus.config import load
from sagetrade_nautilus.dashboard.access import new_access
from sagetrade_nautilus.dashboard.experiments import ExperimentFiles
from sagetrade_nautilus.dashboard.serve import served
from sagetrade_nautilus.dashboard.sources import Sources
from sagetrade_nautilus.dashboard.switches import Switches
from sagetrade_nautilus.guard.journal.journal import Journal, head_path, read
from sagetrade_nautilus.guard.journal.records import RunRecord
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat, beside
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.observer import Observer
from sagetrade_nautilus.overview import Overview
from sagetrade_nautilus.report.write import write_report
from sagetrade_nautilus.run.backtest import prepare, run
from sagetrade_nautilus.run.node.state import begin
from tests.support.http_server import Reply, Request, ScriptedServer

JOURNAL = "decisions.jsonl"
EVIL = "<img src=x onerror=\"document.body.dataset.hacked='yes'\"><script>document.body.dataset.hacked='yes'</script>"
EVIL_URL = "javascript:document.body.dataset.hacked='yes'"
RUN = """
name = "{name}"
[data]
instruments = ["BTCUSDT.BINANCE", "ETHUSDT.BINANCE"]
start = 2022-05-01
end = {end}
sample = true
catalog = "{catalog}"
[report]
directory = "{runs}"
bootstrap_samples = 100
[[strategies]]
plugin = "momentum_scalper"
[[strategies]]
plugin = "mean_reversion_scalper"
[[strategies]]
plugin = "news_quick_trade"
"""
EXPERIMENT = {
    "experiment_id": "exp-20251113-001",
    "branch": "ai-experiment/exp-20251113-001",
    "hypothesis": "A slower momentum raises the Sharpe ratio by 0.2",
    "baseline_metrics": {"sharpe": 0.8, "return": 0.12, "drawdown": 0.07},
    "experiment_metrics": {"sharpe": 1.05, "return": 0.18, "drawdown": 0.09},
    "backtest_range": "2025-01-01..2025-10-31",
    "paper_simulation": {"allocated_capital_pct": 1, "duration_hours": 72},
    "artifacts": ["backtest_report.csv", "trades.log"],
    "approved": False,
    "evidence": {
        "trials": 48,
        "criteria": [
            {"name": "Sharpe ratio", "passed": True, "detail": "+0.25, needs +0.20"},
            {"name": "deflated Sharpe ratio", "passed": False, "detail": "0.71, needs 0.95"},
        ],
    },
}
REJECTED = {
    "id": "exp-20251113-002",
    "state": "rejected",
    "hypothesis": "Reading files raises the Sharpe ratio",
    "reasons": ["static guard: strategies/momentum_scalper.py: it may not open files, -1 is no excuse"],
}


class Looker(Actor):
    """Looks at the node at every bar, and keeps the look that shows most."""

    def __init__(self, bar: str) -> None:
        super().__init__()
        self._bar = bar
        self.best: Overview | None = None

    def on_start(self) -> None:
        self.observer = Observer(self.msgbus, self.cache, self.clock)
        self.subscribe_bars(BarType.from_str(self._bar))

    def on_bar(self, bar: Bar) -> None:
        seen = self.observer.look()
        if self.best is None or len(seen.positions) >= len(self.best.positions):
            self.best = seen


class World:
    """The folder. `overview` is what its node said at one moment, with the kill switch's file in this folder."""

    def __init__(self, folder: Path, overview: Overview, place: Path | None = None) -> None:
        self.folder = folder
        self.overview = overview
        self.latch = Latch((place or folder / "state/paper") / "latch.json")
        self.runs = sorted(path.name for path in (folder / "runs").iterdir())
        self._heartbeat = Heartbeat(beside(self.latch.path))
        self._count = 0

    def beat(self) -> None:
        """Let the node's heart beat once, as having heard what the switch says."""
        record, self._count = self.latch.read(), self._count + 1
        beat = Beat(
            pid=4711, count=self._count, state=record.state.value, sequence=record.sequence, cancelled=3, closing=1
        )
        self._heartbeat.write(beat)

    def reply(self, request: Request) -> Reply:
        """Answer as the node's ops server does."""
        if request.path != "/overview":
            return Reply(404)
        self.beat()
        record = self.latch.read()
        reason = record.reason if record.state > State.RUNNING else ""
        guard = msgspec.structs.replace(
            self.overview.guard, state=record.state.value, latch=str(self.latch.path), reason=reason
        )
        ts = self.overview.ts + self._count * 2_000_000_000
        return Reply(body=msgspec.json.encode(msgspec.structs.replace(self.overview, guard=guard, ts=ts)))


def build(folder: Path, catalog: Path, days: tuple[str, ...] = ("2022-05-15", "2022-05-12")) -> World:
    """Run real backtests into `folder/runs`, and make of the first one a node's folder too."""
    looker: Looker | None = None
    for number, end in enumerate(days):
        file = folder / f"run{number}.toml"
        text = RUN.format(name=f"demo{number}", end=end, catalog=catalog, runs=folder / "runs")
        file.write_text(text, encoding="utf-8")
        settings = load(file)
        prepare(settings)
        listener = Looker(f"BTCUSDT.BINANCE-{settings.data.bar}-EXTERNAL")
        journal = folder / JOURNAL
        summary = run(settings, journal, listeners=[listener])
        if number == 0:
            looker = listener
            _place(folder / "state/paper", journal, listener)
        extra = {JOURNAL: journal, head_path(Path(JOURNAL)).name: head_path(journal)}
        write_report(summary, settings, folder / "runs", extra_files=extra)
    experiment = folder / "experiments/exp-20251113-001/artifacts"
    experiment.mkdir(parents=True)
    (experiment / "experiment_report.json").write_text(json.dumps(EXPERIMENT))
    rejected = folder / "experiments/exp-20251113-002"
    rejected.mkdir()
    (rejected / "experiment.json").write_text(json.dumps(REJECTED))
    assert looker is not None
    assert looker.best is not None
    return World(folder, looker.best)


def _place(place: Path, journal: Path, listener: Looker) -> None:
    """Make the folder of a node that has come as far as the look that was kept."""
    place.mkdir(parents=True, mode=0o700)
    begin(place)
    assert listener.best is not None
    run, *records = read(journal)
    assert isinstance(run, RunRecord)
    copy = Journal(place / JOURNAL, run)
    for record in records:
        if record.ts <= listener.best.ts:
            copy.write(record)
    copy.close()


@contextmanager
def node_of(world: World) -> Iterator[str]:
    """Serve the world's node and return its address."""
    server = ScriptedServer(route=world.reply)
    try:
        yield server.url
    finally:
        server.close()


@contextmanager
def dashboard(folder: Path, *words: str) -> Iterator[str]:
    """Run `sagetool dashboard` in `folder` and return the address that it prints."""
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "dashboard", "--port", "0", *words]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "http://" in line, line + process.stdout.read()
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(15)


@contextmanager
def in_thread(folder: Path, *nodes: str) -> Iterator[str]:
    """Run the same server in this process, and return its address with the token."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    access = new_access([], port)
    switches = Switches(folder / "state", "dashboard:test")
    sources = Sources(folder / "runs", folder / "state", ExperimentFiles(folder / "experiments"), switches)
    loop, ready, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def run() -> None:
        async with served(access, sources, list(nodes), listening):
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield f"http://127.0.0.1:{port}/?token={access.login}"
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(20)
        loop.close()


def serve_for_ever(folder: Path) -> None:
    """For looking at it by hand: python -m tests.support.dashboard FOLDER."""
    world = build(folder, folder / "catalog") if not (folder / "overview.json").exists() else _kept(folder)
    (folder / "overview.json").write_bytes(msgspec.json.encode(world.overview))
    with node_of(world) as node, dashboard(folder, "--node", node) as address:
        print(address, flush=True)
        while True:
            time.sleep(1)


def _kept(folder: Path) -> World:
    overview = msgspec.json.decode((folder / "overview.json").read_bytes(), type=Overview)
    return World(folder, overview)


if __name__ == "__main__":
    serve_for_ever(Path(sys.argv[1]))
