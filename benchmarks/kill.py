"""What a stop does to a running node, and how fast: ``python -m benchmarks.kill [KILLS [DEATHS [FREEZES]]]``.

A real `TradingNode` sends 100 orders a second, and 100 more rest at its venue, which is a client on this machine. This
process engages the latch. All moments are on CLOCK_MONOTONIC: a stop counts from just before the file takes its place,
an order or cancel from when the client is told to send it.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.command import Command, from_zero
from benchmarks.latch import StampedOs, line
from sagetrade_nautilus import durable
from sagetrade_nautilus.guard.switch.latch import Effect, Latch, Release
from sagetrade_nautilus.guard.switch.state import State
from tests.support.alpaca import KEY, SECRET, alpaca
from tests.support.live import Node
from tests.support.live_scenarios import RESTING

KILLS, DEATHS, FREEZES = 100, 20, 5
ORDERS = ("submit", "modify")
GRACE_NS = 50_000_000
WATCHED_S = 0.4
STALE_S = 5.0
SEED = 7


def _engage(latch: Latch, stamps: StampedOs) -> int:
    """Halt, and return the moment just before the new file took its place."""
    latch.engage(State.HALTED, f"kill {time.monotonic_ns()}", "benchmark", time.time_ns())
    return stamps.at_ns


def _release(latch: Latch) -> None:
    now = time.time_ns()
    latch.release(Release(Effect.of(latch.read(), State.RUNNING), "again", "benchmark", now), now)


def resting(lines: list[dict[str, Any]]) -> int:
    """Return how many orders rest at the venue."""
    put = {entry["id"] for entry in lines if entry["what"] == "submit" and entry["kind"] == "LIMIT"}
    return len(put - {entry["id"] for entry in lines if entry["what"] == "cancelled"})


def kills(folder: Path, count: int, stamps: StampedOs, fsync: str) -> None:
    """Stop a node again and again; print how soon its last order and its last cancel left."""
    latch, rng = Latch(folder / "latch.json"), random.Random(SEED)  # noqa: S311
    last_order, last_cancel, confirmed, late = [], [], [], 0
    with Node(folder, "flood", fsync) as node:
        for _ in range(count):
            node.wait(lambda: resting(node.log()) >= RESTING)
            time.sleep(rng.uniform(0.1, 0.3))
            stopped_ns = _engage(latch, stamps)
            time.sleep(WATCHED_S)
            node.wait(lambda: resting(node.log()) == 0)
            lines = node.log()
            after = [entry for entry in lines if entry["at"] > stopped_ns]
            orders = [entry["at"] - stopped_ns for entry in after if entry["what"] in ORDERS]
            last_order.append(max(orders, default=0))
            late += any(delay > GRACE_NS for delay in orders)
            last_cancel.append(max(entry["at"] - stopped_ns for entry in after if entry["what"] == "cancel"))
            confirmed.append(max(entry["at"] - stopped_ns for entry in after if entry["what"] == "cancelled"))
            _release(latch)
        node.stop()
    print(f"journal synced to the disk at every line: {'yes' if fsync == 'every' else 'no'}")
    print(line("from the stop to the last order that left (0: none)", last_order, "ms"))
    print(line(f"from the stop to the last of {RESTING} cancels sent", last_cancel, "ms"))
    print(line("... and to the last one confirmed by the venue here", confirmed, "ms"))
    print(f"stops with an order later than {GRACE_NS // 1_000_000} ms: {late}/{count}")


def deaths(folder: Path, count: int) -> None:
    """Kill a node with SIGKILL around a stop, start it again, and count the orders that it then sends."""
    rng, sent, starts = random.Random(SEED), 0, 0  # noqa: S311
    for number in range(count):
        path = folder / str(number)
        path.mkdir()
        latch = running(path)
        with Node(path, "flood") as node:
            node.wait(lambda node=node: len(node.log()) > 250)
            steps: list[Callable[[], object]] = [node.process.kill, lambda latch=latch: _halt(latch)]
            for step in steps if rng.random() < 0.3 else reversed(steps):
                step()
                time.sleep(rng.uniform(0.0, 0.02))
            node.process.wait()
            before = len(node.log())
        with Node(path, "flood") as node:
            node.wait(lambda node=node: (beat := node.beat()) and beat.pid == node.process.pid and beat.state)
            time.sleep(WATCHED_S)
            after = [entry for entry in node.log()[before:] if entry["what"] in ORDERS]
            sent, starts = sent + len(after), starts + 1
    print(f"orders after a kill -9 around a stop and a restart: {sent} in {starts} restarts")


def running(folder: Path) -> Latch:
    latch = Latch(folder / "latch.json")
    _halt(latch)
    _release(latch)
    return latch


def _halt(latch: Latch) -> None:
    latch.engage(State.HALTED, "kill", "benchmark", time.time_ns())


def freezes(folder: Path, count: int) -> None:
    """Freeze a node, and measure until the broker (here a server on this machine) has suspended the account."""
    took = []
    for number in range(count):
        path = folder / f"freeze-{number}"
        path.mkdir()
        running(path)
        command = [sys.executable, "-m", "sagetrade_nautilus.cli", "watchdog", "--latch", str(path / "latch.json")]
        keys = {**os.environ, "APCA_API_KEY_ID": KEY, "APCA_API_SECRET_KEY": SECRET}
        with alpaca() as server, Node(path, "flood") as node:
            options = ["--stale-s", str(STALE_S), "--broker", "alpaca", "--broker-url", server.url]
            dog = subprocess.Popen([*command, *options], env=keys, stdout=subprocess.DEVNULL)
            node.wait(lambda node=node, server=server: len(node.log()) > 250 and server.requests)
            node.process.send_signal(signal.SIGSTOP)
            frozen_ns = time.monotonic_ns()
            while not server.suspended:
                time.sleep(0.001)
            took.append(server.suspended_at_ns - frozen_ns)
            dog.terminate()
            dog.wait()
    print(line(f"a frozen node: until the broker is cut (stale after {STALE_S:g} s)", took, "ms"))


def main(kill_count: int, death_count: int, freeze_count: int) -> None:
    """Measure, and print one line for each figure."""
    stamps = StampedOs()
    durable.os = stamps  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for fsync in ("beat", "every") if kill_count else ():
            path = folder / fsync
            path.mkdir()
            running(path)
            kills(path, kill_count, stamps, fsync)
        if death_count:
            deaths(folder, death_count)
        if freeze_count:
            freezes(folder, freeze_count)


def command() -> Command:
    parser = Command("kill", __doc__, "about ten minutes")
    parser.add_argument(
        "kills", type=from_zero, nargs="?", default=KILLS, help="stops, in each of two ways (%(default)s)"
    )
    parser.add_argument("deaths", type=from_zero, nargs="?", default=DEATHS, help="nodes killed (%(default)s)")
    parser.add_argument("freezes", type=from_zero, nargs="?", default=FREEZES, help="nodes frozen (%(default)s)")
    return parser


if __name__ == "__main__":
    given = command().parse_args()
    main(given.kills, given.deaths, given.freezes)
