"""The node of tests/support/restart_node.py in a process of its own, and its venue's file when it is dead."""

import json
import os
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

import msgspec
from nautilus_trader.cache.cache import Cache
from nautilus_trader.cache.database import CacheDatabaseAdapter
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.config import CacheConfig, DatabaseConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.model.enums import OmsType, OrderType
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.model.orders import Order
from nautilus_trader.serialization.serializer import MsgSpecSerializer

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.venue import PaperVenue
from sagetrade_nautilus.execution.exits import TIME_EXIT
from sagetrade_nautilus.execution.order_store import OrderStore
from sagetrade_nautilus.execution.packing import SUM_CHARS
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from sagetrade_nautilus.model.records import read_tags
from sagetrade_nautilus.orders import closing_order
from tests.support.redis_server import RedisServer
from tests.support.restart_node import PRICES

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

    def wait_for(self, redis: RedisServer) -> None:
        """Wait until Redis has heard of all orders: what it has not is lost with this life."""
        self.wait(lambda: redis.keeps(self.states()[-1]["orders"]))

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
    config = PaperExecClientConfig(venue="BINANCE", instruments=list(PRICES), latency_ms=0.0)
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
    events = [json.loads(raw[SUM_CHARS:]) for (raw,) in database.execute("SELECT raw FROM events")]
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


def hold(folder: Path, style: str, redis: RedisServer | None = None) -> None:
    """Have a node enter and hold, so that there is something to take up, and kill it."""
    last = Life(folder, "holding", style, **port_of(redis))
    last.wait(lambda: last.states() and last.entered_anew() and stands(last.states()[-1]))
    if redis is not None:
        last.wait_for(redis)
    said = last.kill()
    assert "Traceback" not in said, said


def port_of(redis: RedisServer | None) -> dict[str, str]:
    """Return how a node is told that its orders are in Redis."""
    return {} if redis is None else {"REDIS_PORT": str(redis.port)}


def balance(folder: Path) -> str:
    """Return what the account of a dead venue holds."""
    with dead_venue(folder) as venue:
        return str(venue.account_state().balances[0].total)


def lose_stops(folder: Path) -> list[Any]:
    """Cancel all stops at the venue of a node that is dead, and return where they would have triggered."""
    with dead_venue(folder) as venue:
        lost = open_stops(venue)
        for stop in lost:
            names = (stop.trader_id, stop.strategy_id, stop.instrument_id, stop.client_order_id, stop.venue_order_id)
            venue.send(CancelOrder(*names, UUID4(), 0), 0)
        venue.settle(0)
        assert open_stops(venue) == []
    return [stop.trigger_price for stop in lost]


def make_a_close(folder: Path) -> None:
    """Have a node that is dead, whose orders are in a file, remember a close that it had made and never sent."""
    cache, store = Cache(), OrderStore(folder / "orders.sqlite")
    store.restore(cache, OmsType.HEDGING)
    order = _close(cache)
    with store.changes():
        store.add_events([order.init_event], cache)
    store.close()


def make_a_close_in_redis(port: int) -> None:
    """The same where its orders are in Redis."""
    settings = CacheConfig(database=DatabaseConfig(type="redis", port=port))
    serializer = MsgSpecSerializer(encoding=msgspec.msgpack, timestamps_as_str=True)
    database = CacheDatabaseAdapter(TraderId("TESTER-001"), UUID4(), serializer, settings)
    cache, clock = Cache(database), LiveClock()
    ExecutionEngine(MessageBus(TraderId("TESTER-001"), clock), cache, clock).load_cache()
    _close(cache)
    database.close()


def _close(cache: Cache) -> Order:
    """Return a close of the only open position, made and not sent, which is in the cache."""
    (position,) = cache.positions_open()
    factory = OrderFactory(position.trader_id, position.strategy_id, LiveClock())
    factory.set_client_order_id_count(1_000)
    order = closing_order(factory, position, [read_tags(cache.order(position.opening_order_id)).trade_id, TIME_EXIT])
    cache.add_order(order, position.id)
    return order


def deeds(folder: Path) -> list[str]:
    """Return the states that the journal tells of, oldest first."""
    return [line.state for line in read(folder / "decisions.jsonl") if isinstance(line, StateRecord)]
