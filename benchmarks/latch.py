"""How fast the kill switch is: ``python -m benchmarks.latch [CHANGES]``.

One process changes the file; this one sees it, as the gate does (it reads before every order) and as the watcher does
(its callback runs on an event loop). The change is timed from just before the new file takes its place.
"""

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.command import Command, from_one
from sagetrade_nautilus import durable
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import LatchRecord, State
from sagetrade_nautilus.guard.switch.watch import LatchWatch

CHANGES = 500
PAUSE_S = 0.03
READS = 50_000
WATCHED_S = 5.0


class StampedOs:
    """`os`, except that it notes when a file is put into place; CLOCK_MONOTONIC is the same in all processes."""

    def __init__(self) -> None:
        self.at_ns = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def replace(self, source: Path, target: Path) -> None:
        self.at_ns = time.monotonic_ns()
        os.replace(source, target)


def _reason(number: int) -> str:
    return f"change {number}"


def write(path: Path, changes: int) -> None:
    """Change the latch again and again, then print when, by the records' sequence, and how long each took."""
    stamps = StampedOs()
    durable.os = stamps  # type: ignore[assignment]
    latch, made = Latch(path), {}
    took_ns = []
    for number in range(changes):
        time.sleep(PAUSE_S)
        began = time.monotonic_ns()
        change = latch.engage(State.HALTED, _reason(number), "benchmark", time.time_ns())
        took_ns.append(time.monotonic_ns() - began)
        made[change.sequence] = stamps.at_ns
    print(json.dumps({"made": made, "took": took_ns}))


def line(name: str, values_ns: list[int], unit: str) -> str:
    scale = {"us": 1e3, "ms": 1e6}[unit]
    ordered = sorted(values_ns)
    p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    shown = [statistics.median(ordered) / scale, p99 / scale, ordered[-1] / scale]
    return f"{name:<58} N={len(ordered):<6} p50 {shown[0]:8.2f}  p99 {shown[1]:8.2f}  max {shown[2]:8.2f} {unit}"


def _read_cost(path: Path) -> list[int]:
    latch, costs = Latch(path), []
    for _ in range(READS):
        began = time.perf_counter_ns()
        latch.read()
        costs.append(time.perf_counter_ns() - began)
    return costs


def _writer(path: Path, changes: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.latch", "write", str(path), str(changes)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _delays(seen: dict[int, int], writer: subprocess.Popen[str]) -> tuple[list[int], list[int]]:
    """Return the delay of each change until it, or a later one, was seen; and how long each took to make."""
    report = json.loads(writer.communicate()[0])
    delays = []
    for sequence, made_ns in report["made"].items():
        delays.append(min(at for later, at in seen.items() if later >= int(sequence)) - made_ns)
    return delays, report["took"]


def _by_reading(path: Path, changes: int) -> tuple[list[int], list[int]]:
    """Return the delays of a gate that reads as fast as it can, as under a flood of orders."""
    latch, seen = Latch(path), {}
    record = latch.read()
    writer = _writer(path, changes)
    while record.reason != _reason(changes - 1):
        record = latch.read()
        seen.setdefault(record.sequence, time.monotonic_ns())
        time.sleep(0)
    return _delays(seen, writer)


async def _by_watching(path: Path, changes: int, work_s: float) -> list[int]:
    """Return the delays until the callback has run on the loop, which computes `work_s` of every 10 ms."""
    loop, seen, done = asyncio.get_running_loop(), dict[int, int](), asyncio.Event()

    def handle(record: LatchRecord) -> None:
        seen[record.sequence] = time.monotonic_ns()
        if record.reason == _reason(changes - 1):
            done.set()

    async def work() -> None:
        while not done.is_set():
            until = time.perf_counter() + work_s
            while time.perf_counter() < until:
                sum(range(50))
            await asyncio.sleep(0.01 - work_s)

    watch = LatchWatch(path, lambda record: loop.call_soon_threadsafe(handle, record) and None)
    watch.start()
    writer = _writer(path, changes)
    task = asyncio.create_task(work())
    await done.wait()
    watch.stop()
    await task
    return _delays(seen, writer)[0]


def _watcher_cpu(path: Path) -> float:
    watch = LatchWatch(path, lambda record: None)
    watch.start()
    before = resource.getrusage(resource.RUSAGE_SELF)
    threading.Event().wait(WATCHED_S)
    after = resource.getrusage(resource.RUSAGE_SELF)
    watch.stop()
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / WATCHED_S * 100.0


def main(changes: int) -> None:
    """Measure, and print one line for each figure."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder) / "latch.json"
        Latch(path).engage(State.HALTED, "start", "benchmark", time.time_ns())
        print(line("read(), as the gate does at every order", _read_cost(path), "us"))
        delays, took = _by_reading(path, changes)
        print(line("another process's change until read() sees it", delays, "ms"))
        print(line("engage(), all of it, synced to the disk", took, "ms"))
        for work_s in (0.0, 0.005, 0.009):
            Latch(path).engage(State.HALTED, "again", "benchmark", time.time_ns())
            name = f"... until the callback has run, loop {work_s * 100 * 100:.0f}% busy"
            print(line(name, asyncio.run(_by_watching(path, changes, work_s)), "ms"))
        print(f"the watcher's processor time: {_watcher_cpu(path):.2f}% of a core over {WATCHED_S:.0f} s")


def command() -> Command:
    parser = Command("latch", __doc__, "two minutes")
    parser.add_argument("changes", type=from_one, nargs="?", default=CHANGES, help="changes of it (%(default)s)")
    return parser


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(command().parse_args().changes)
