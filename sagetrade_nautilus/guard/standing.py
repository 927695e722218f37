"""How far a limit is."""

from math import inf, isfinite
from typing import NamedTuple


class Standing(NamedTuple):
    """A limit's name, the value that it is held against, and the threshold."""

    limit: str
    value: float
    threshold: float

    def __str__(self) -> str:
        return f"{self.limit}: {self.value:.6g} against {self.threshold:.6g}"

    @property
    def used(self) -> float:
        """The share of the threshold that is used up; 1 and more is at the limit."""
        return self.value / self.threshold if self.threshold > 0.0 else inf


class Denial(Standing):
    """Why an order may not leave: the value is the one that it would reach."""


def known(value: float) -> float | None:
    """Return a number, ``None`` for one that is not finite: that is how 'unknown' travels in JSON."""
    return value if isfinite(value) else None
