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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.model.enums import OrderType
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.orders import Order

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.venue import PaperVenue
from sagetrade_nautilus.execution.order_store import OrderStore
from sagetrade_nautilus.guard.journal import read
from sagetrade_nautilus.guard.records import DenialRecord, StateRecord
from tests.support.engine import BTC
from tests.support.latch import put
from tests.support.redis_server import NOTE, RedisServer

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

    def settled(self) -> dict[str, Any]:
        """Wait until every position is under a stop and stays so, and return the state then; the node is dead after."""
        self.wait(lambda: self.states() and self.states()[-1]["held"] and stands(self.states()[-1]))
        time.sleep(0.3)
        final = self.states()[-1]
        said = self.kill()
        assert "Traceback" not in said, said
        assert stands(final)
        return final

    def kill(self) -> str:
        """Send SIGKILL, and return what it had said."""
        self.process.send_signal(signal.SIGKILL)
        self._output += self.process.communicate(timeout=PATIENCE_S)[0]
        return self._output.decode()


@contextmanager
def dead_venue(folder: Path) -> Iterator[PaperVenue]:
    """Open the venue of a node that is dead."""
    config = PaperExecClientConfig(venue="BINANCE", instruments=[BTC], latency_ms=0.0)
    store = OrderStore(folder / "paper.sqlite")
    venue = PaperVenue(config, TraderId("TESTER-001"), store, lambda news: None)
    venue.open([], 0)
    yield venue
    store.close()


def open_stops(venue: PaperVenue) -> list[Order]:
    orders: list[Order] = venue.cache.orders()
    return [order for order in orders if order.order_type == OrderType.STOP_MARKET and not order.is_closed]


def books(folder: Path) -> tuple[Counter[str], Counter[str], list[str]]:
    """Return what the dead venue's file holds: open sizes, the sizes under stops, and the trades of all entries."""
    with dead_venue(folder) as venue:
        held = Counter(str(position.signed_decimal_qty()) for position in venue.cache.positions_open())
        stops = Counter(str(order.leaves_qty) for order in open_stops(venue))
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


def killed_and_started_again(folder: Path, style: str, rounds: int, **environment: str) -> None:
    """Kill a node again and again while it trades, and check what it holds in the end."""
    put(folder / "latch.json")
    rng = random.Random(style)  # noqa: S311
    for _ in range(rounds):
        life = Life(folder, "trading", style, **environment)
        life.wait_for_start()
        time.sleep(rng.uniform(0.0, 1.5))
        said = life.kill()
        assert "Traceback" not in said, said
    hold(folder, style, **environment)

    calm = Life(folder, "calm", style, **environment)
    final = calm.settled()
    held, stops, entries = books(folder)
    assert len(final["held"]) == 1
    assert final["held"][0][0] == "eager-001"
    assert held == Counter(size for _, size in final["held"])
    assert stops == Counter(size for _, size in final["stops"])
    assert [trade for trade, count in Counter(entries).items() if count > 1] == []
    assert len(entries) >= rounds
    assert "taken_up" in deeds(folder)


def hold(folder: Path, style: str, **environment: str) -> None:
    """Have a node enter and hold, so that there is something to take up, and kill it."""
    last = Life(folder, "holding", style, **environment)
    last.wait(lambda: last.states() and last.entered_anew() and stands(last.states()[-1]))
    said = last.kill()
    assert "Traceback" not in said, said


def deeds(folder: Path) -> list[str]:
    """Return the states that the journal tells of, oldest first."""
    return [line.state for line in read(folder / "decisions.jsonl") if isinstance(line, StateRecord)]


@pytest.mark.slow
@pytest.mark.parametrize("style", ["bracket", "micro"])
def test_a_node_killed_at_any_moment_takes_up_what_it_held(tmp_path: Path, style: str) -> None:
    """Nothing is sent twice, nothing is lost, and what it holds is what the venue holds, under a stop of its size."""
    killed_and_started_again(tmp_path, style, ROUNDS)


@pytest.mark.slow
@pytest.mark.skipif(not RedisServer.is_installed(), reason=NOTE)
def test_the_same_with_redis_behind_the_cache(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis").start()
    try:
        killed_and_started_again(tmp_path, "bracket", 2, REDIS_PORT=str(server.port))
    finally:
        server.kill()


@pytest.mark.slow
def test_a_stop_that_is_gone_is_sent_anew_from_the_saved_decision(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    hold(tmp_path, "bracket")
    with dead_venue(tmp_path) as venue:
        (stop,) = open_stops(venue)
        trigger = stop.trigger_price
        names = (stop.trader_id, stop.strategy_id, stop.instrument_id, stop.client_order_id, stop.venue_order_id)
        venue.send(CancelOrder(*names, UUID4(), 0), 0)
        venue.settle(0)
        assert open_stops(venue) == []
    Life(tmp_path, "calm", "bracket").settled()
    with dead_venue(tmp_path) as venue:
        assert [order.trigger_price for order in open_stops(venue)] == [trigger]


@pytest.mark.slow
def test_a_position_whose_decision_is_lost_gets_the_configured_stop(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    hold(tmp_path, "micro")
    with dead_venue(tmp_path) as venue:
        for stop in open_stops(venue):
            names = (stop.trader_id, stop.strategy_id, stop.instrument_id, stop.client_order_id, stop.venue_order_id)
            venue.send(CancelOrder(*names, UUID4(), 0), 0)
        venue.settle(0)
    database = sqlite3.connect(tmp_path / "orders.sqlite")
    database.execute("DELETE FROM notes")
    database.commit()
    database.close()
    Life(tmp_path, "calm", "micro").settled()
    assert "found" in deeds(tmp_path)
    with dead_venue(tmp_path) as venue:
        (position,) = venue.cache.positions_open()
        (stop,) = open_stops(venue)
        distance = abs(stop.trigger_price.as_double() / position.avg_px_open - 1.0)
        assert distance == pytest.approx(0.02, abs=1e-5)


@pytest.mark.slow
def test_a_position_of_nobody_is_only_reduced(tmp_path: Path) -> None:
    """Without its memory the node does not know whose the position is: it alerts, and lets nothing in there."""
    put(tmp_path / "latch.json")
    hold(tmp_path, "bracket")
    before = books(tmp_path)
    for path in tmp_path.glob("orders.sqlite*"):
        path.unlink()
    life = Life(tmp_path, "holding", "bracket")
    life.wait(lambda: any(isinstance(line, DenialRecord) for line in read(tmp_path / "decisions.jsonl")))
    assert life.states()[-1]["held"][0][0] == "EXTERNAL"
    assert "a position is open there that no strategy of this run manages" in life.kill()
    assert "reduce_only" in deeds(tmp_path)
    denials = {line.reason for line in read(tmp_path / "decisions.jsonl") if isinstance(line, DenialRecord)}
    assert {reason.split(":")[0] for reason in denials} == {"owned_positions"}
    assert books(tmp_path) == before
