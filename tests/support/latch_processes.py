"""Processes that change a latch, and are killed, frozen or raced while they do; for tests/fault/test_latch_faults.py.

    python -m tests.support.latch_processes kill FOLDER FIRST_SEED LAST_SEED
    python -m tests.support.latch_processes freeze LATCH
    python -m tests.support.latch_processes engage LATCH SEED COUNT

`kill` forks a child for every seed. The seed chooses what the file says, what the child does to it, whether the disk
is full, and at which system call it dies by SIGKILL; the parent prints what a fresh reader then sees.
"""

import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.latch import NOW, FaultyOs, confirmed, full_disk, put

STEPS_MAX = 30
STARTS = ["running", "no_entries", "reduce_only", "halted", "missing", "cut"]


def kill(folder: Path, first: int, last: int) -> None:
    for seed in range(first, last):
        print(json.dumps(_kill_one(folder / f"{seed}.json", random.Random(seed))), flush=True)  # noqa: S311


def _kill_one(path: Path, rng: random.Random) -> dict[str, Any]:
    start, to = rng.choice(STARTS), rng.choice(list(State)[1:])
    release, disk_is_full = rng.random() < 0.25, rng.random() < 0.25
    last_step = rng.randint(1, STEPS_MAX)
    latch = _prepare(path, start)
    old = latch.read()
    child = os.fork()
    if child == 0:
        _change_and_die(latch, to, release, disk_is_full, last_step)
    _, status = os.waitpid(child, 0)
    new = Latch(path).read()
    again = Latch(path).engage(State.HALTED, "after the crash", "test", NOW + 9)
    return {
        "start": start,
        "to": to,
        "release": release,
        "full": disk_is_full,
        "killed": os.WIFSIGNALED(status),
        "exit": os.waitstatus_to_exitcode(status),
        "old": old.state,
        "new": new.state,
        "same": new == old,
        "fault": new.is_fault,
        "reason": new.reason,
        "after": again.after,
    }


def _prepare(path: Path, start: str) -> Latch:
    if start == "missing":
        return Latch(path)
    latch = put(path, State.RUNNING if start == "cut" else State(start))
    if start == "cut":
        path.write_bytes(path.read_bytes()[:-7])
    return latch


def _change_and_die(latch: Latch, to: State, release: bool, disk_is_full: bool, last_step: int) -> None:
    def fault(number: int, name: str, args: tuple[Any, ...]) -> None:
        if number == last_step:
            if name == "write":
                os.write(args[0], bytes(args[1])[: len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        if disk_is_full:
            full_disk(number, name, args)

    before = latch.read()
    FaultyOs(fault).install(pytest.MonkeyPatch())
    try:
        if release:
            latch.release(confirmed(before, State.RUNNING), NOW + 1)
        else:
            latch.engage(to, "the new reason", "test", NOW + 1, flatten=True)
    except KillSwitchError:
        os._exit(3)
    os._exit(0)


def freeze(path: Path) -> None:
    """Freeze on the way to a release, just before the new file takes its place."""

    def fault(number: int, name: str, args: tuple[Any, ...]) -> None:
        if name == "replace":
            print("frozen", flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)

    latch = Latch(path)
    FaultyOs(fault).install(pytest.MonkeyPatch())
    try:
        latch.release(confirmed(latch.read(), State.RUNNING), NOW)
        print("released", flush=True)
    except KillSwitchError as error:
        print(f"refused: {error}", flush=True)


def engage(path: Path, seed: int, count: int) -> None:
    """Engage at random, and fail if the file ever says less than it said, or less than was asked."""
    rng, latch, seen = random.Random(seed), Latch(path), State.RUNNING  # noqa: S311
    for number in range(count):
        wish = rng.choices(list(State), weights=[1, 10, 1, 1 if number > count // 2 else 0])[0]
        change = latch.engage(wish, f"{seed}/{number}", "test", NOW + rng.randint(1, 1000))
        assert not change.problem, change.problem
        for _ in range(20):
            now = latch.read()
            assert now.state >= max(seen, wish), (seen, wish, now)
            assert not now.is_fault, now
            seen = now.state
    print(seen)


if __name__ == "__main__":
    what, where, *numbers = sys.argv[1:]
    {"kill": kill, "freeze": freeze, "engage": engage}[what](Path(where), *map(int, numbers))
