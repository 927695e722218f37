"""How a node stands a long time and random faults: ``python -m benchmarks.soak [MINUTES] [SEED]``.

The demo's six months are played through a real node within the given minutes, while it is paused, frozen, jumped, told
nonsense and stopped at the kill switch, at moments that the seed decides. Once a second its memory, its open files and
its heartbeat are looked at. In the end its journal must be whole, every fill, trade and the account must agree (a
report is refused otherwise), and nothing may have left while it was stopped.
"""

import argparse
import math
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.command import Command, from_zero
from sagetrade_nautilus.guard.journal.chain import verify
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.guard.switch.latch import Effect, Latch, Release
from sagetrade_nautilus.guard.switch.state import State, StateChange
from sagetrade_nautilus.model.records import ENTRY, read_tags

MINUTES: Final = 10.0
DATA_S: Final = 181 * 86_400.0
FAULT_EVERY_S: Final = 10.0
SETTLED: Final = 0.25
"""The share of the run after which memory is looked at: until then it fills what it keeps."""
MEGABYTE: Final = 1_048_576


class Seen(NamedTuple):
    """What was seen at a moment, in seconds since the start: memory, open files, threads, and the heartbeat's age."""

    at_s: float
    memory_mb: float
    files: int
    threads: int
    beat_age_s: float


class Node:
    """A replay in a process of its own, and what can be done to it."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self.state = folder / "state" / "replay"
        text = Path("configs/demo.toml").read_text()
        config = folder / "soak.toml"
        config.write_text(f'{text}\n[node]\nstate = "{folder / "state"}"\n[report]\ndirectory = "{folder / "runs"}"\n')
        speed = DATA_S / (minutes * 60.0)
        command = [sys.executable, "-m", "sagetrade_nautilus.cli", "replay", str(config), "--speed", f"{speed:.0f}"]
        self.process = subprocess.Popen([*command, "--quiet"], stdout=subprocess.PIPE, text=True)
        self.began = time.monotonic()

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def look(self) -> Seen:
        about = Path(f"/proc/{self.process.pid}")
        pages = int((about / "statm").read_text().split()[1])
        beat = self.state / "latch.heartbeat"
        age_s = time.time() - beat.stat().st_mtime if beat.exists() else 0.0
        threads = len(list((about / "task").iterdir()))
        memory_mb = pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
        return Seen(time.monotonic() - self.began, memory_mb, len(list((about / "fd").iterdir())), threads, age_s)

    def pause(self) -> None:
        self._tell("pause")
        time.sleep(2.0)
        self._tell("play")

    def nonsense(self) -> None:
        self._tell("jump to the moon \x00")
        time.sleep(1.0)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(2.0)
        self.process.send_signal(signal.SIGCONT)

    def stop_and_release(self) -> None:
        latch = Latch(self.state / "latch.json")
        now = time.time_ns()
        latch.engage(State.HALTED, "a drill", "soak", now)
        time.sleep(2.0)
        effect = Effect.of(latch.read(), State.RUNNING)
        latch.release(Release(effect, "the drill is over", "soak", time.time_ns()), time.time_ns())

    def _tell(self, line: str) -> None:
        (self.state / "control").write_text(f"{line}\n")


def soak(minutes: float, seed: int, folder: Path) -> tuple[list[Seen], dict[str, int], int]:
    """Play, and return what was seen, how often each fault was injected, and how the process ended."""
    node, chance = Node(folder, minutes), random.Random(seed)  # noqa: S311 - a drill's dice
    faults: list[Callable[[], None]] = [node.pause, node.nonsense, node.freeze, node.stop_and_release]
    seen: list[Seen] = []
    counts = dict.fromkeys((fault.__name__ for fault in faults), 0)
    next_s = 2 * FAULT_EVERY_S
    while node.runs:
        try:
            seen.append(node.look())
            if seen[-1].at_s > next_s and (node.state / "latch.json").exists():
                fault = chance.choice(faults)
                fault()
                counts[fault.__name__] += 1
                next_s = time.monotonic() - node.began + chance.uniform(0.5, 1.5) * FAULT_EVERY_S
        except (FileNotFoundError, ProcessLookupError):
            break  # it has ended meanwhile
        time.sleep(1.0)
    return seen, counts, node.process.wait()


def left_while_stopped(journal: Path) -> tuple[int, int]:
    """Return how often trading was stopped, and how many entries left meanwhile by the journal's order."""
    stops, wrong, halted = 0, 0, False
    for line in read(journal):
        if isinstance(line, StateChange):
            halted = line.after is State.HALTED
            stops += halted
        elif isinstance(line, OrderRecord) and line.event == "submitted" and read_tags(line).role == ENTRY:
            wrong += halted
    return stops, wrong


def slope(seen: list[Seen]) -> float:
    """Return by how many MB a minute the memory grew, by least squares."""
    times, sizes = [one.at_s / 60.0 for one in seen], [one.memory_mb for one in seen]
    return statistics.linear_regression(times, sizes).slope if len(seen) > 1 else 0.0


def main(minutes: float, seed: int) -> None:
    """Soak, and print one line for each figure."""
    with tempfile.TemporaryDirectory(prefix="sagetrade-soak-") as scratch:
        seen, counts, code = soak(minutes, seed, Path(scratch))
        journal = next(Path(scratch).rglob("decisions.jsonl"))  # beside the report, or where a failed run left it
        with journal.open("rb") as file:
            whole = verify(file)
        stops, wrong = left_while_stopped(journal)
    settled = [one for one in seen if one.at_s > SETTLED * seen[-1].at_s]
    ages = sorted(one.beat_age_s for one in seen[5:])
    print(f"played within {seen[-1].at_s / 60.0:.1f} min, seed {seed}; ended with {code}")
    print("faults: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    first, last, growth = settled[0].memory_mb, settled[-1].memory_mb, slope(settled)
    print(f"memory: {first:.0f} MB, {last:.0f} MB at the end; {growth:+.1f} MB a minute")
    print(f"open files: {min(one.files for one in settled)} to {max(one.files for one in settled)}")
    print(f"threads: {min(one.threads for one in settled)} to {max(one.threads for one in settled)}")
    print(f"heartbeat's age: p50 {statistics.median(ages):.2f} s, most {ages[-1]:.2f} s (frozen for 2 s at a time)")
    print(f"journal: {whole}")
    print(f"stopped {stops} times; entries that left meanwhile: {wrong}")


def minutes(word: str) -> float:
    """Return a number of minutes above 0."""
    try:
        given = float(word)
    except ValueError:
        given = math.nan
    if not 0.0 < given < math.inf:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of minutes")
    return given


def command() -> Command:
    parser = Command("soak", __doc__, "as many minutes as are given, and one to get ready")
    parser.add_argument("minutes", type=minutes, nargs="?", default=MINUTES, help="how long (%(default)g)")
    parser.add_argument("seed", type=from_zero, nargs="?", default=1, help="of the faults (%(default)s)")
    return parser


if __name__ == "__main__":
    given = command().parse_args()
    main(given.minutes, given.seed)
