"""A node that is killed at any moment and started again: what it holds is what the venue holds, under a stop."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.identifiers import TraderId

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.venue import PaperVenue
from sagetrade_nautilus.execution.order_store import OrderStore
from sagetrade_nautilus.guard.journal import read
from tests.support.engine import BTC
from tests.support.latch import put

ROUNDS = 4
PATIENCE_S = 40.0


class Life:
    """One life of the node of tests/support/restart_node.py."""

    def __init__(self, folder: Path, scenario: str, style: str, **environment: str) -> None:
        self.folder = folder
        self._begun = self._size()
        command = [sys.executable, "-m", "tests.support.restart_node", str(folder), scenario, style]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | environment
        )
        self._output = b""

    def _size(self) -> int:
        path = self.folder / "log.jsonl"
        return path.stat().st_size if path.exists() else 0

    def lines(self) -> list[dict[str, Any]]:
        """Return what this life has noted, oldest first."""
        path = self.folder / "log.jsonl"
        raw = path.read_bytes()[self._begun :] if path.exists() else b""
        return [json.loads(line) for line in raw.splitlines()]

    def states(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if line["what"] == "state"]

    def wait(self, until: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            assert self.process.poll() is None, self.kill()
            assert time.monotonic() < deadline, (self.states()[-3:], self.kill())
            time.sleep(0.01)

    def entered_anew(self) -> bool:
        """Whether it holds a trade that it has entered in this life."""
        first, newest = self.states()[0], self.states()[-1]
        return bool(newest["held"]) and newest["trades"] != first["trades"]

    def wait_for_start(self) -> None:
        self.wait(lambda: any(line["what"] == "started" for line in self.lines()))

    def kill(self) -> str:
        """Send SIGKILL, and return what it had said."""
        self.process.send_signal(signal.SIGKILL)
        self._output += self.process.communicate(timeout=PATIENCE_S)[0]
        return self._output.decode()


def books(folder: Path) -> tuple[Counter[str], Counter[str], list[str]]:
    """Return what the dead venue's file holds: open sizes, the sizes under stops, and the trades of all entries."""
    config = PaperExecClientConfig(venue="BINANCE", instruments=[BTC])
    store = OrderStore(folder / "paper.sqlite")
    venue = PaperVenue(config, TraderId("TESTER-001"), store, lambda news: None)
    venue.open([], 0)
    held = Counter(str(position.signed_decimal_qty()) for position in venue.cache.positions_open())
    stops = Counter(
        str(order.leaves_qty)
        for order in venue.cache.orders()
        if order.order_type == OrderType.STOP_MARKET and not order.is_closed
    )
    store.close()
    database = sqlite3.connect(folder / "paper.sqlite")
    events = [json.loads(raw) for (raw,) in database.execute("SELECT raw FROM events")]
    database.close()
    entries = [
        event["tags"][0]
        for event in events
        if event["type"] == "OrderInitialized" and (event["tags"] or ["", ""])[1] == "entry"
    ]
    return held, stops, entries


def stands(state: dict[str, Any]) -> bool:
    """Whether every position is under a stop of its size, and there is no stop for anything else."""
    held = Counter(size.lstrip("-") for _, size in state["held"])
    return held == Counter(size for _, size in state["stops"]) and len(state["held"]) == len(state["trades"])


@pytest.mark.slow
@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_node_killed_at_any_moment_takes_up_what_it_held(tmp_path: Path, style: str) -> None:
    """Killed again and again while it trades; in the end it holds what the venue holds, each under its stop."""
    put(tmp_path / "latch.json")
    rng = random.Random(style)
    for _ in range(ROUNDS):
        life = Life(tmp_path, "trading", style)
        life.wait_for_start()
        time.sleep(rng.uniform(0.0, 1.5))
        said = life.kill()
        assert "Traceback" not in said, said
    last = Life(tmp_path, "holding", style)  # enters and holds, so that there is something to take up
    last.wait(lambda: last.states() and last.entered_anew() and stands(last.states()[-1]))
    last.kill()

    calm = Life(tmp_path, "calm", style)
    calm.wait(lambda: calm.states() and stands(calm.states()[-1]))
    time.sleep(0.3)
    final = calm.states()[-1]
    said = calm.kill()
    assert "Traceback" not in said, said
    held, stops, entries = books(tmp_path)
    assert len(final["held"]) == 1
    assert final["held"][0][0] == "eager-001"
    assert stands(final)
    assert held == Counter(size for _, size in final["held"])
    assert stops == Counter(size for _, size in final["stops"])
    assert [trade for trade, count in Counter(entries).items() if count > 1] == []
    assert len(entries) >= ROUNDS
    assert any(getattr(line, "state", "") == "taken_up" for line in read(tmp_path / "decisions.jsonl"))
