"""The lines of the quantitative score: what each measures, and what that says of the direction.

Every feature turns one bar into a raw `value` and a `score` in [-1, 1], positive where the measure itself
points up. Standardised values x become scores by ``tanh(x / 2)``, the logistic curve stretched over [-1, 1]:
one standard deviation is 0.46, two are 0.76, and no outlier counts for more than 1.
"""

from math import sqrt, tanh
from typing import Protocol

from nautilus_trader.indicators import MovingAverageConvergenceDivergence

from sagetrade_nautilus.config import QuantFeature
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.model.indicators import RSI
from sagetrade_nautilus.model.price_stats import RollingReturn, ZScore

ROUNDING = 1e-12
"""Two averages that differ by no more than this share of the price are equal."""


class Feature(Protocol):
    """One line of the score. `value` and `score` are of the last bar, and meant after `bars_needed` bars."""

    bars_needed: int
    value: float
    score: float

    def update(self, close: float, log_return: float, volatility: float) -> float:
        """Take one bar's close, its log return and the volatility per bar; return the score, in [-1, 1]."""


class ReturnFeature:
    """The log return over `length` bars in units of its own volatility, 0 while nothing moves.

    ``sum(r) / (volatility * sqrt(length))``, the volatility per bar.
    """

    __slots__ = ("_return", "_root", "bars_needed", "score", "value")

    def __init__(self, length: int) -> None:
        self.bars_needed = length + 1
        self.value = 0.0
        self.score = 0.0
        self._return = RollingReturn(length)
        self._root = sqrt(length)

    def update(self, close: float, log_return: float, volatility: float) -> float:
        """Take one bar and return the score."""
        total = self._return.update(log_return)
        self.value = value = total / (volatility * self._root) if volatility > 0.0 else 0.0
        self.score = score = tanh(0.5 * value)
        return score


class RsiFeature:
    """Wilder's RSI, in [0, 100]. The score is ``(rsi - 50) / 50``."""

    __slots__ = ("_rsi", "bars_needed", "score", "value")

    def __init__(self, length: int) -> None:
        self.bars_needed = length + 1
        self.value = 50.0
        self.score = 0.0
        self._rsi = RSI(length)

    def update(self, close: float, log_return: float, volatility: float) -> float:
        """Take one bar and return the score."""
        self.value = value = self._rsi.update(close)
        self.score = score = (value - 50.0) / 50.0
        return score


class ZScoreFeature:
    """The z-score of the close within its last `length` closes."""

    __slots__ = ("_zscore", "bars_needed", "score", "value")

    def __init__(self, length: int) -> None:
        self.bars_needed = length
        self.value = 0.0
        self.score = 0.0
        self._zscore = ZScore(length)

    def update(self, close: float, log_return: float, volatility: float) -> float:
        """Take one bar and return the score."""
        self.value = value = self._zscore.update(close)
        self.score = score = tanh(0.5 * value)
        return score


class EmaCrossFeature:
    """The distance between a fast and a slow EMA of closes, as a fraction of the close.

    The score is its sign alone, exactly 1, -1 or, where they are equal, 0: a strategy that trades the cross
    needs the direction to turn on the very bar of the cross, which a score that is small there would hide in
    the neutral band.
    """

    __slots__ = ("_distance", "bars_needed", "score", "value")

    def __init__(self, length: int, slow_length: int) -> None:
        self.bars_needed = slow_length
        self.value = 0.0
        self.score = 0.0
        self._distance = MovingAverageConvergenceDivergence(length, slow_length)

    def update(self, close: float, log_return: float, volatility: float) -> float:
        """Take one bar and return the score."""
        self._distance.update_raw(close)
        self.value = distance = self._distance.value / close
        self.score = score = 1.0 if distance > ROUNDING else -1.0 if distance < -ROUNDING else 0.0
        return score


def feature_name(config: QuantFeature) -> str:
    """Return what explanations call a feature: its kind and lengths, as in 'rsi_14' or 'ema_cross_10_20'."""
    lengths = [config.length] if config.slow_length is None else [config.length, config.slow_length]
    return "_".join([config.kind, *map(str, lengths)])


def build_feature(config: QuantFeature) -> Feature:
    """Return a new feature, with nothing seen, as `config` says.

    Raises
    ------
    ConfigError
        An ``ema_cross`` has no slow_length above its length.
    """
    match config.kind:
        case "return":
            return ReturnFeature(config.length)
        case "rsi":
            return RsiFeature(config.length)
        case "zscore":
            return ZScoreFeature(config.length)
        case "ema_cross":
            slow = config.slow_length
            if slow is None or slow <= config.length:
                raise ConfigError(
                    f"quant.features: ema_cross of length {config.length} needs a slow_length above it, got {slow}"
                )
            return EmaCrossFeature(config.length, slow)
