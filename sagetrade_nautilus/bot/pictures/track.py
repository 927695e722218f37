"""What the account was worth over the last days, for a picture of it. Bounded."""

from collections import deque
from typing import Final

import numpy as np

from sagetrade_nautilus.model.records import FloatArray, IntArray
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

STEP_NS: Final = 300 * NANOS_PER_SECOND
POINTS_MAX: Final = 8 * 24 * 12


class EquityTrack:
    """Keeps one value every five minutes, for eight days. It begins with the process: nothing is made up before it."""

    def __init__(self) -> None:
        self._points: deque[tuple[int, float]] = deque(maxlen=POINTS_MAX)
        self._last: tuple[int, float] | None = None

    def see(self, ts: int, equity: float | None) -> None:
        """Take what the account is worth at `ts`; what is not known, or older than the last, is left out."""
        if equity is None or (self._last is not None and ts <= self._last[0]):
            return
        self._last = (ts, equity)
        if not self._points or ts - self._points[-1][0] >= STEP_NS:
            self._points.append(self._last)

    def since(self, start_ns: int) -> tuple[IntArray, FloatArray]:
        """Return times and values from `start_ns` on, each of shape (points,), the newest value with them."""
        points = [point for point in self._points if point[0] >= start_ns]
        if self._last is not None and self._last[0] >= start_ns and (not points or points[-1][0] < self._last[0]):
            points.append(self._last)
        ts = np.asarray([point[0] for point in points], dtype=np.int64)
        return ts, np.asarray([point[1] for point in points], dtype=np.float64)
