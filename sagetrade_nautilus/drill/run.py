"""Runs seeds in folders of their own, in memory where there is such a place: a drill syncs to the disk all the time."""

import gc
import os
import pickle
import signal
import tempfile
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec

from sagetrade_nautilus.drill.drill import Drill, Outcome
from sagetrade_nautilus.drill.plan import Plan
from sagetrade_nautilus.errors import DrillError

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it, which nobody else may read


class Tally(msgspec.Struct):
    """Figures over many seeds; `violations` counts seeds by invariant."""

    seeds: int = 0
    steps: int = 0
    points: int = 0
    orders: int = 0
    denials: int = 0
    crashes: int = 0
    faults: Counter[str] = msgspec.field(default_factory=Counter)
    violations: Counter[str] = msgspec.field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Take in one seed."""
        self.seeds += 1
        for name in ("steps", "points", "orders", "denials", "crashes"):
            setattr(self, name, getattr(self, name) + getattr(outcome, name))
        self.faults.update(outcome.faults)
        self.violations.update(found.invariant for found in outcome.violations)


def play(plan: Plan, crash_at: int | None = None) -> Outcome:
    """Run one plan in a new folder and a process of its own, and leave nothing behind.

    Nautilus does not give back what a node has used, and a full disk is full for the whole process.

    Raises
    ------
    DrillError
        The process ended without an answer.
    """
    reader, writer = os.pipe()
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it lives for a moment, and the parent hears it
        os.close(reader)
        _answer(writer, plan, crash_at)
    try:
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:  # closed by an interrupt, so that the child waits for no reader
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)
            answer = pipe.read()
    finally:
        os.waitpid(child, 0)
    if not answer:
        raise DrillError(f"seed {plan.seed}: the drill itself failed; see what it printed above")
    outcome: Outcome = pickle.loads(answer)  # noqa: S301 - our own child wrote it
    return outcome


def _answer(writer: int, plan: Plan, crash_at: int | None) -> NoReturn:
    """Run the plan, write its outcome and end the process, whatever happens."""
    gc.disable()  # it lives for a moment, and to look through the parent's memory would copy it
    try:
        home = MEMORY if os.access(MEMORY, os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="sagetrade-drill-", dir=home) as folder:
            outcome = Drill(plan, Path(folder), crash_at).run()
        with suppress(BrokenPipeError), os.fdopen(writer, "wb") as pipe:  # whoever asked may have been interrupted
            pipe.write(pickle.dumps(outcome))
    except BaseException:  # noqa: BLE001 - the process's edge: the parent tells that there is no answer
        traceback.print_exc()
    finally:
        os._exit(0)
