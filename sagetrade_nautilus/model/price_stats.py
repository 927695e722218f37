"""Streaming statistics of prices that NautilusTrader has not, or has in a form that does not fit.

Each takes one bar's values by ``update`` and returns the new value; `ready` says whether it has seen enough.
Those that work on log returns leave it to the caller what a return across missing bars is.
"""

from collections import deque
from math import sqrt

from sagetrade_nautilus.model.rolling import RollingMean, RollingMoments


class ZScore:
    """How many standard deviations a value lies above its own rolling mean.

    ``(x - mean) / std`` over the last `length` values, this one among them, with the population deviation; 0
    while all are equal. Bounded by ``sqrt(length - 1)``.
    """

    __slots__ = ("_moments", "value")

    def __init__(self, length: int) -> None:
        self._moments = RollingMoments(length)
        self.value = 0.0

    @property
    def ready(self) -> bool:
        return self._moments.ready

    def update(self, value: float) -> float:
        """Take one value and return its z-score."""
        moments = self._moments
        std = moments.update(value)
        self.value = score = (value - moments.mean) / std if std > 0.0 else 0.0
        return score


class RealizedVolatility:
    """The sample standard deviation of the last `length` log returns, per bar.

    ``sqrt(sum((r - mean(r))**2) / (length - 1))``, as a fraction; times the root of the number of bars in an
    hour it is the volatility of one hour.
    """

    __slots__ = ("_correction", "_moments")

    def __init__(self, length: int) -> None:
        self._moments = RollingMoments(length)
        self._correction = sqrt(length / (length - 1))

    @property
    def ready(self) -> bool:
        return self._moments.ready

    @property
    def value(self) -> float:
        return self._moments.std * self._correction

    def update(self, log_return: float) -> float:
        """Take one bar's log return and return the volatility per bar."""
        return self._moments.update(log_return) * self._correction


class RollingReturn:
    """The sum of the last `length` log returns: the log return over `length` bars."""

    __slots__ = ("_levels", "_log_level")

    def __init__(self, length: int) -> None:
        self._log_level = 0.0
        self._levels = deque([0.0], maxlen=length + 1)

    @property
    def ready(self) -> bool:
        return len(self._levels) == self._levels.maxlen

    @property
    def value(self) -> float:
        return self._log_level - self._levels[0]

    def update(self, log_return: float) -> float:
        """Take one bar's log return and return the sum."""
        levels = self._levels
        self._log_level = level = self._log_level + log_return
        levels.append(level)
        return level - levels[0]


class EfficiencyRatio:
    """Kaufman's efficiency ratio on log returns: the net move over the path walked, in [0, 1].

    ``abs(sum(r)) / sum(abs(r))`` over the last `length` returns; 1 is a straight line, 0 no net move or no
    move at all (P. J. Kaufman, Trading Systems and Methods). Nautilus's own divides the net move of ``length
    - 1`` steps by the path of `length`, so that a straight line never reaches 1, and sums its whole window at
    every bar.
    """

    __slots__ = ("_log_level", "_marks", "_path", "value")

    def __init__(self, length: int) -> None:
        self._log_level = 0.0
        self._path = 0.0
        self._marks = deque([(0.0, 0.0)], maxlen=length + 1)
        self.value = 0.0

    @property
    def ready(self) -> bool:
        return len(self._marks) == self._marks.maxlen

    def update(self, log_return: float) -> float:
        """Take one bar's log return and return the ratio."""
        marks = self._marks
        self._log_level = level = self._log_level + log_return
        self._path = path = self._path + abs(log_return)
        marks.append((level, path))
        old_level, old_path = marks[0]
        net = abs(level - old_level)
        walked = path - old_path
        self.value = ratio = net / walked if net < walked else 1.0 if net > 0.0 else 0.0
        return ratio


class VwapDeviation:
    """How far the close lies from the volume-weighted average price of `length` bars, as a fraction of it.

    ``close / vwap - 1`` with ``vwap = sum(typical * volume) / sum(volume)`` and ``typical = (high + low +
    close) / 3``; 0 while nothing was traded. Nautilus's VWAP starts anew at 00:00 UTC, which on a market that
    never closes leaves it almost empty once a day.
    """

    __slots__ = ("_turnover", "_volume", "value", "vwap")

    def __init__(self, length: int) -> None:
        self._turnover = RollingMean(length)
        self._volume = RollingMean(length)
        self.vwap = 0.0
        self.value = 0.0

    @property
    def ready(self) -> bool:
        return self._volume.ready

    def update(self, high: float, low: float, close: float, volume: float) -> float:
        """Take one bar and return the deviation."""
        turnover = self._turnover.update((high + low + close) / 3.0 * volume)
        traded = self._volume.update(volume)
        self.vwap = vwap = turnover / traded if traded > 0.0 else close
        self.value = deviation = close / vwap - 1.0
        return deviation
