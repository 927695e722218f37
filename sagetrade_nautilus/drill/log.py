"""What happened in a seed: each step in words, faults by kind, and what did not hold."""

from collections import Counter
from collections.abc import Callable

import msgspec

from sagetrade_nautilus.nanos import NANOS_PER_SECOND


class Violation(msgspec.Struct, frozen=True):
    """An invariant that did not hold, at which step, and how."""

    invariant: str
    step: int
    detail: str


class Log:
    """The record of a seed.

    Parameters
    ----------
    clock : callable
        Returns the time since the start in nanoseconds.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._violations: dict[str, Violation] = {}
        self.step = 0
        self.trace: list[str] = []
        self.faults: Counter[str] = Counter()

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The first of each kind, in the order in which they came."""
        return tuple(self._violations.values())

    def say(self, line: str) -> None:
        """Note what happens."""
        self.trace.append(f"{self.step:4d} {self._clock() / NANOS_PER_SECOND:10.3f} {line}")

    def fault(self, kind: str, line: str) -> None:
        """Note and count a fault."""
        self.faults[kind] += 1
        self.say(line)

    def judge(self, invariant: str, problem: str | None, what: str = "") -> None:
        """Note that an invariant did not hold, if there is a `problem`."""
        if problem is None:
            return
        detail = f"{what}: {problem}" if what else problem
        self.say(f"VIOLATION {invariant}: {detail}")
        self._violations.setdefault(invariant, Violation(invariant, self.step, detail))
