"""Runs seeds in folders of their own, in memory where there is such a place: a drill syncs to the disk all the time."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from sagetrade_nautilus.drill.drill import Drill, Outcome
from sagetrade_nautilus.drill.plan import Plan

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
    """Run one plan in a new folder, and leave nothing behind."""
    home = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="sagetrade-drill-", dir=home) as folder:
        return Drill(plan, Path(folder), crash_at).run()


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Return the figures of `outcomes`."""
    figures = Tally()
    for outcome in outcomes:
        figures.add(outcome)
    return figures
