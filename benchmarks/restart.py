"""How long a killed node needs until it holds its position under a stop again: ``python -m benchmarks.restart [N]``.

A real `TradingNode` with the guard, its order memory and the paper venue enters, protects its position and is killed
with SIGKILL; the same node is started again. Everything counts from just before the new process is started: until
Nautilus has reconciled and the strategy runs, and until every position is under a stop of its size. Half of the stops
are cancelled at the venue while the node is dead, so that it has to send them anew. Then the same for the node of
`sagetool live` at Alpaca's server of the tests, its orders remembered in a file and, where it is installed, in Redis.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.command import Command, from_one
from benchmarks.latch import line
from tests.support import live_lives
from tests.support.alpaca_server.server import alpaca_server
from tests.support.latch import put
from tests.support.live_node import configuration
from tests.support.redis_server import RedisServer
from tests.support.restart import Life, hold, lose_stops, stands

RESTARTS = 20


def restart(folder: Path, *, stop_is_gone: bool) -> tuple[int, int]:
    """Return the nanoseconds until the strategy ran, and until its position stood under its stop."""
    put(folder / "latch.json")
    hold(folder, "bracket")
    if stop_is_gone:
        lose_stops(folder)
    begun = time.monotonic_ns()
    life = Life(folder, "calm", "bracket")
    life.wait(lambda: any(state["held"] and stands(state) for state in life.states()))
    lines = life.lines()
    life.kill()
    started = next(entry["at"] for entry in lines if entry["what"] == "started")
    safe = next(entry["at"] for entry in lines if entry["what"] == "state" and entry["held"] and stands(entry))
    return started - begun, safe - begun


def live_restart(folder: Path, *, stop_is_gone: bool, **environment: str) -> tuple[int, int]:
    """Return the same of a live node: until its books were found to be the broker's, and until its position is safe."""
    live_lives.prepare(folder, configuration("bracket", environment.get("REDIS_PORT")))
    with alpaca_server() as server, live_lives.minutes(server):
        life = live_lives.Life(folder, server, "holding", "bracket", **environment)
        life.wait(lambda: live_lives.protected(server), "the exits")
        life.kill()
        if stop_is_gone:
            live_lives.lose_exits(server)
        begun = time.monotonic_ns()
        life = live_lives.Life(folder, server, "calm", "bracket", **environment)
        life.wait_for_start()
        up = time.monotonic_ns()
        life.wait(lambda: live_lives.protected(server), "a stop")
        safe = time.monotonic_ns()
        life.kill()
    return up - begun, safe - begun


def live_restarts(count: int, *, stop_is_gone: bool, redis: bool) -> list[tuple[int, int]]:
    """Return the figures of `count` restarts, each in a folder, and if it is asked for with a Redis, of its own."""
    took = []
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            server = RedisServer(Path(folder) / "redis").start() if redis else None
            environment = {"REDIS_PORT": str(server.port)} if server is not None else {}
            try:
                took.append(live_restart(Path(folder), stop_is_gone=stop_is_gone, **environment))
            finally:
                if server is not None:
                    server.kill()
    return took


def import_ns() -> int:
    """Return how long an interpreter takes that only imports Nautilus's node: what no node can be faster than."""
    begun = time.monotonic_ns()
    subprocess.run([sys.executable, "-c", "import nautilus_trader.live.node"], check=True, env=dict(os.environ))
    return time.monotonic_ns() - begun


def main(count: int) -> None:
    """Measure, and print one line for each figure."""
    print(line("importing Nautilus's node alone", [import_ns() for _ in range(5)], "ms"))
    for gone, name in ((False, "its stop stands at the venue"), (True, "its stop is gone")):
        with tempfile.TemporaryDirectory() as folder:
            took = []
            for number in range(count // 2):
                path = Path(folder) / str(number)
                path.mkdir()
                took.append(restart(path, stop_is_gone=gone))
        tell(name, took)
    for memory in ("a file", *(["Redis"] if RedisServer.is_installed() else [])):
        for gone, name in ((False, "its stop stands"), (True, "its stop is gone")):
            took = live_restarts(count // 4, stop_is_gone=gone, redis=memory == "Redis")
            tell(f"live, orders in {memory}, {name}", took)


def tell(name: str, took: list[tuple[int, int]]) -> None:
    print(line(f"{name}: from the process's start until reconciled", [started for started, _ in took], "ms"))
    print(line("... and until every position is under its stop", [safe for _, safe in took], "ms"))


def command() -> Command:
    parser = Command("restart", __doc__, "about ten minutes")
    parser.add_argument("restarts", type=from_one, nargs="?", default=RESTARTS, help="restarts on paper (%(default)s)")
    return parser


if __name__ == "__main__":
    main(command().parse_args().restarts)
