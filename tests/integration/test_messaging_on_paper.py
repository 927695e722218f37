"""`sagetool paper`'s node hears `sagetool ingest` through a real Redis, and trades on while that is down."""

import email.utils
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nautilus_trader.model.data import Bar

pytest.importorskip("redis", reason="needs the extra `redis`: pip install -e '.[redis]'")

from adapters.messaging.connection import PASSWORD
from catalog.instruments import instrument_for
from catalog.store import read_texts
from sagetrade_nautilus.config import RunConfig, SelectorConfig, load
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import TextRecord
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.paper import paper
from strategies.momentum_scalper import MomentumScalper
from tests.support.http_server import Reply, Request, ScriptedServer
from tests.support.redis_server import NOTE, RedisServer
from tests.support.ticking import BTC, SHORT_BAR, ticking, wild_bars

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not RedisServer.is_installed(), reason=NOTE)]

KEY = "CANARY-9"
STALL_S = 2.0
"""What a busy machine may hold a node up without Redis having any part in it."""
TITLES = (
    "Bitcoin surges to a record as a fund is approved",
    "Bitcoin rallies after Fidelity announces a product",
    "Bitcoin soars while Tesla reports higher profit",
)


class Wire(ScriptedServer):
    """A feed that tells the stories in `told`, the newest last."""

    def __init__(self) -> None:
        self.told: list[str] = []
        super().__init__(route=self._feed)

    def tell(self, title: str) -> None:
        at, number = email.utils.formatdate(usegmt=True), len(self.told)
        self.told.append(
            f"<item><guid>{number}</guid><title>{title}</title><link>https://e.com/{number}</link>"
            f"<pubDate>{at}</pubDate></item>"
        )

    def _feed(self, request: Request) -> Reply:
        items = "".join(self.told)
        return Reply(200, f"<?xml version='1.0'?><rss version='2.0'><channel>{items}</channel></rss>".encode())


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    monkeypatch.setenv(PASSWORD, KEY)
    with RedisServer(tmp_path / "redis", KEY) as made:
        yield made


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


@pytest.fixture
def bars(project_root: Path, tmp_path: Path) -> list[Bar]:
    return wild_bars(project_root, tmp_path / "catalog", instrument_for(BTC)) * 8  # type: ignore[no-any-return]


def wish(self: Any, signal: Any) -> Decision:
    """Wish at every signal for what no cost can be earned by: it is journaled with its texts, and nothing is sent."""
    return Decision(
        side="buy",
        size_pct=1.0,
        tp=signal.price * 1.02,
        sl=signal.price * 0.99,
        target_duration=1.0,
        expected_edge_bps=0.0,
        reason="a test",
        signal_ids=(signal.signal_id,),
    )


def desk(project_root: Path, server: RedisServer, folder: Path, scoring: str) -> RunConfig:
    demo = load(project_root / "configs" / "demo.toml")
    replace: Any = msgspec.structs.replace
    return replace(  # type: ignore[no-any-return]
        demo,
        name="desk",
        data=replace(demo.data, instruments=[BTC], bar=SHORT_BAR),
        node=replace(demo.node, data="binance", execution="paper", record=str(folder / "recorded"), warm_up_h=0.0),
        messaging=server.config(scoring=scoring),
        text=replace(demo.text, ingest_latency_s=0.0),
        strategies=[entry for entry in demo.strategies if entry.plugin == "momentum_scalper"],
        selector=SelectorConfig(),
    )


def beside(command: str, folder: Path, server: RedisServer, wire: Wire) -> subprocess.Popen[str]:
    """Start `sagetool ingest` or `sagetool score`."""
    (folder / "run.toml").write_text(
        f"""
name = "beside"
data = {{ instruments = ["{BTC}"], start = 2022-05-01, end = 2022-05-02 }}
messaging = {{ backend = "redis", port = {server.port}, scoring = "workers" }}
news = {{ feeds = ["{wire.url}/feed"], feed_interval_s = 1.0 }}
[[strategies]]
plugin = "momentum_scalper"
"""
    )
    return subprocess.Popen(
        [sys.executable, "-m", "sagetrade_nautilus.cli", command, "run.toml"], cwd=folder, stdout=subprocess.DEVNULL
    )


def journaled(folder: Path) -> list[str]:
    """Return the titles of the texts that decisions named, in their order."""
    return [line.title for line in read(folder / JOURNAL) if isinstance(line, TextRecord)]


@pytest.mark.parametrize("scoring", ["local", "workers"])
def test_texts_reach_the_journal_once_each_over_a_crash_of_redis_while_the_node_trades_on(
    scoring: str,
    project_root: Path,
    tmp_path: Path,
    server: RedisServer,
    wire: Wire,
    bars: list[Bar],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", wish)
    processes: list[subprocess.Popen[str]] = []
    ticks: list[float] = []
    down_since, is_over = 0, False

    def up(line: str) -> None:
        if "is up" in line:
            processes.extend(beside(command, tmp_path, server, wire) for command in ("ingest", "score"))

    def follow(index: int, bar: Bar) -> None:
        nonlocal down_since, is_over
        ticks.append(time.monotonic())
        if index % 25 or is_over:
            return
        found = len(journaled(tmp_path)) if index else 0
        if not wire.told:
            wire.tell(TITLES[0])
        elif found == 1 and len(wire.told) == 1:
            server.kill()
            down_since = index
            wire.tell(TITLES[1])
        elif down_since and index == down_since + 150:
            server.start()
            wire.tell(TITLES[2])
        elif found == len(TITLES) or index > len(bars) - 30:
            is_over = True
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        config = desk(project_root, server, tmp_path, scoring)
        paper(config, tmp_path, up, ticking(bars, [instrument_for(BTC)], follow))
    finally:
        for process in processes:
            process.terminate()
            process.wait(20)
    assert sorted(journaled(tmp_path)) == sorted(TITLES)
    assert max(after - before for before, after in itertools.pairwise(ticks)) < STALL_S
    assert sorted(text.title for text in read_texts(tmp_path / "recorded")) == sorted(TITLES)
    secrets = [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert secrets == []
