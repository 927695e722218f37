"""What was seen of a node while the dashboard ran, in a bounded number of points, however long that is."""

from typing import Final

import msgspec

from sagetrade_nautilus.nanos import NANOS_PER_MINUTE

POINTS_MAX: Final = 4_096
BACK_NS_MAX: Final = NANOS_PER_MINUTE


class Sample(msgspec.Struct, frozen=True):
    """A node's equity and gross exposure at one moment (UNIX nanoseconds)."""

    ts: int
    equity: float
    exposure: float


class Samples:
    """Keeps samples evenly spaced: when there are too many, every second is dropped and the spacing doubles.

    A node whose time goes back by more than a minute plays its days anew: what was seen before is forgotten.

    Parameters
    ----------
    spacing_ns : int
        The least time between two samples that are kept, to begin with.
    """

    def __init__(self, spacing_ns: int, points_max: int = POINTS_MAX) -> None:
        self._first_spacing_ns = self._spacing_ns = spacing_ns
        self._points_max = points_max
        self.kept: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Keep a sample unless it is too near to the last one, or not after it."""
        if self.kept and sample.ts < self.kept[-1].ts - BACK_NS_MAX:
            self.kept, self._spacing_ns = [], self._first_spacing_ns
        if self.kept and sample.ts - self.kept[-1].ts < self._spacing_ns:
            return
        self.kept.append(sample)
        if len(self.kept) > self._points_max:
            self.kept = self.kept[::2]
            self._spacing_ns *= 2
