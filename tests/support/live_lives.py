"""The node of tests/support/live_node.py in a process of its own, and a market whose minutes pass in a moment."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import sin
from pathlib import Path
from typing import Any

from adapters.alpaca.constants import KEY_NAME, SECRET_NAME
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import Gate
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.startup.approval import subject
from tests.support import latch
from tests.support.alpaca_server.account import OPEN
from tests.support.alpaca_server.market import BASES
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer
from tests.support.live_node import FOLDER, ROOT
from tests.support.signers import allow, approval

PATIENCE_S = 60.0
STEP_S = 0.05
ORDERS = "POST /v2/orders"


@contextmanager
def minutes(server: AlpacaServer, symbol: str = "AAPL") -> Iterator[list[float]]:
    """Have a symbol's minutes pass in 50 ms each, for whoever listens, from the one on in which somebody began to.

    Yields what its price is about, which a test may change.
    """
    base = BASES[symbol]
    about = [base]
    done, path = threading.Event(), server.path_of(symbol)

    def run() -> None:
        number, began = 0, datetime.now(UTC)
        while not done.wait(STEP_S):
            if not server.streams.subscribed(path).get("bars"):
                number, began = 0, datetime.now(UTC).replace(second=0, microsecond=0)
                continue
            price = round(about[0] + round(sin(number / 3.0) * base / 200.0, 2), 2)
            server.move(symbol, f"{price:.2f}", f"{price + 0.01:.2f}")
            row = {"o": price, "h": price + 0.02, "l": price - 0.02, "c": price, "v": 1_000, "n": 3, "vw": price}
            at = f"{began + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"
            server.streams.data(path, {"T": "b", "S": symbol, "t": at, **row})
            number += 1

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield about
    done.set()
    thread.join()


def prepare(folder: Path, config: RunConfig) -> None:
    """Have two people approve `config` in `folder`, and let the node there trade."""
    shutil.copy(ROOT / "AI_POLICY.md", folder)
    here = Path.cwd()
    os.chdir(folder)
    try:
        for person in ("anna@desk", "omar@desk"):
            key = allow(person, folder)
            for gate in (Gate.A, Gate.B):
                store.write(approval(gate, person, subject(config), key))
    finally:
        os.chdir(here)
    (folder / FOLDER).mkdir(parents=True)
    latch.put(folder / FOLDER / "latch.json")
    latch.forget(folder / FOLDER)


class Life:
    """One life of the node."""

    def __init__(self, folder: Path, server: AlpacaServer, scenario: str, style: str, **environment: str) -> None:
        self._folder = folder
        self._began = len(self._states())
        command = [sys.executable, "-m", "tests.support.live_node", str(folder), server.url, server.stream_url]
        path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
        known = {KEY_NAME: KEY, SECRET_NAME: SECRET, "PYTHONPATH": path}
        self._log = folder / f"{scenario}-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, scenario, style], cwd=ROOT, stdout=log, stderr=log, env=os.environ | known | environment
            )

    def said(self) -> str:
        return self._log.read_text()

    def _states(self) -> list[StateRecord]:
        journal = self._folder / FOLDER / JOURNAL
        return [line for line in read(journal) if isinstance(line, StateRecord)] if journal.exists() else []

    def states(self) -> list[tuple[str, str]]:
        """Return subject and state of what this life has noted in the journal."""
        return [(line.subject, line.state) for line in self._states()[self._began :]]

    def wait(self, until: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + patience_s
        while not until():
            assert self._process.poll() is None, f"it has ended while it was waited for: {what}\n{self.said()}"
            assert time.monotonic() < deadline, f"it never came to it: {what}\n{self.kill()}"
            time.sleep(0.005)

    def wait_for_start(self) -> None:
        self.wait(lambda: "is up" in self.said(), "the start")

    def ended(self) -> int:
        """Wait until it has ended by itself, and return its exit code."""
        return self._process.wait(PATIENCE_S)

    def kill(self) -> str:
        """Send SIGKILL, and return what it had said."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE_S)
        return self.said()


def resting(server: AlpacaServer, *kinds: str) -> list[dict[str, Any]]:
    """Return the orders of `kinds` that work at the venue; one side of a pair may be held for the other."""
    with server.lock:
        return [order for order in server.account.orders.values() if order["status"] in OPEN and order["type"] in kinds]


def lose_exits(server: AlpacaServer, *kinds: str) -> None:
    """Cancel what rests at the venue, of these kinds."""
    with server.lock:
        for order in resting(server, *kinds):
            if order["status"] != "canceled":
                server.account.cancel(order["id"])


def bought(server: AlpacaServer) -> list[dict[str, Any]]:
    """Return the entries of which anything was executed."""
    with server.lock:
        orders = list(server.account.orders.values())
    return [order for order in orders if order["side"] == "buy" and order["filled_qty"] != "0"]


def protected(server: AlpacaServer) -> bool:
    """Whether one stop and one take-profit of the position's size rest at the venue, and nothing else."""
    held, rest = server.account.held("AAPL"), resting(server, "stop", "limit", "market")
    return held > 0 and sorted((order["type"], order["qty"]) for order in rest) == [
        ("limit", str(held)),
        ("stop", str(held)),
    ]
