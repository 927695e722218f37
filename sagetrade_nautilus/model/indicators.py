"""The indicators that a scalper expects, behind one face.

Each takes one bar's values by ``update``, in floats, and returns its main value; `ready` says whether it has
seen enough for that value to be meant. Where NautilusTrader has the indicator, it does the work here; the
rest is in `price_stats`. What Nautilus 1.231 does that its names do not say is told in each docstring.
"""

from nautilus_trader.indicators import (
    AverageTrueRange,
    BollingerBands,
    ChandeMomentumOscillator,
    ExponentialMovingAverage,
    MovingAverageConvergenceDivergence,
    MovingAverageType,
    SimpleMovingAverage,
    Stochastics,
)

from sagetrade_nautilus.model.price_stats import (
    EfficiencyRatio,
    RealizedVolatility,
    RollingReturn,
    VwapDeviation,
    ZScore,
)

__all__ = [
    "ATR",
    "EMA",
    "MACD",
    "RSI",
    "SMA",
    "Bollinger",
    "EfficiencyRatio",
    "RealizedVolatility",
    "RollingReturn",
    "Stochastic",
    "VwapDeviation",
    "ZScore",
]


class SMA:
    """The simple moving average of the last `length` values.

    Nautilus sums the whole window at every value: exact, and slow. Code that runs at every bar takes
    `rolling.RollingMean`.
    """

    __slots__ = ("_average", "value")

    def __init__(self, length: int) -> None:
        self._average = SimpleMovingAverage(length)
        self.value = 0.0

    @property
    def ready(self) -> bool:
        return bool(self._average.initialized)

    def update(self, value: float) -> float:
        """Take one value and return the mean."""
        self._average.update_raw(value)
        self.value = mean = float(self._average.value)
        return mean


class EMA:
    """The exponential moving average with ``alpha = 2 / (length + 1)``, started at the first value.

    ``e[t] = alpha * x[t] + (1 - alpha) * e[t-1]``; `ready` after `length` values.
    """

    __slots__ = ("_average", "value")

    def __init__(self, length: int) -> None:
        self._average = ExponentialMovingAverage(length)
        self.value = 0.0

    @property
    def ready(self) -> bool:
        return bool(self._average.initialized)

    def update(self, value: float) -> float:
        """Take one value and return the average."""
        self._average.update_raw(value)
        self.value = mean = float(self._average.value)
        return mean


class RSI:
    """Wilder's relative strength index, in [0, 100]; 50 while the price has not moved.

    ``100 * gain / (gain + loss)`` with Wilder averages (``alpha = 1 / length``) of the gains and losses
    between closes (J. W. Wilder, New Concepts in Technical Trading Systems, 1978). Both averages start at 0,
    where Wilder starts them at the simple mean of the first `length` moves. Nautilus's own
    `RelativeStrengthIndex` runs from 0 to 1, averages with ``alpha = 2 / (length + 1)`` unless told
    otherwise, and reads 1, as overbought as can be, on a price that never moved. So this takes its Chande
    oscillator with Wilder averages, ``100 * (gain - loss) / (gain + loss)`` and 0 where neither is: the same
    number on another scale, ``rsi = 50 + cmo / 2``.
    """

    __slots__ = ("_oscillator", "value")

    def __init__(self, length: int) -> None:
        self._oscillator = ChandeMomentumOscillator(length, MovingAverageType.WILDER)
        self.value = 50.0

    @property
    def ready(self) -> bool:
        return bool(self._oscillator.initialized)

    def update(self, close: float) -> float:
        """Take one close and return the index."""
        oscillator = self._oscillator
        oscillator.update_raw(close)
        index = 50.0 + 0.5 * oscillator.value
        self.value = index = 0.0 if index < 0.0 else 100.0 if index > 100.0 else index
        return index


class ATR:
    """Wilder's average true range, in price units.

    The true range is ``max(high, previous close) - min(low, previous close)``, the first bar's ``high -
    low``; its Wilder average has ``alpha = 1 / length`` and starts at the first range. Nautilus takes a
    simple mean unless told otherwise.
    """

    __slots__ = ("_range", "value")

    def __init__(self, length: int) -> None:
        self._range = AverageTrueRange(length, MovingAverageType.WILDER)
        self.value = 0.0

    @property
    def ready(self) -> bool:
        return bool(self._range.initialized)

    def update(self, high: float, low: float, close: float) -> float:
        """Take one bar and return the average range."""
        self._range.update_raw(high, low, close)
        self.value = mean = float(self._range.value)
        return mean


class MACD:
    """Moving average convergence/divergence of closes: ``ema(fast) - ema(slow)``, in price units.

    `signal` is the EMA of that over `signal_length` bars, `histogram` their difference. Nautilus has the line
    alone.
    """

    __slots__ = ("_line", "_signal", "histogram", "signal", "value")

    def __init__(self, fast_length: int = 12, slow_length: int = 26, signal_length: int = 9) -> None:
        self._line = MovingAverageConvergenceDivergence(fast_length, slow_length)
        self._signal = ExponentialMovingAverage(signal_length)
        self.value = 0.0
        self.signal = 0.0
        self.histogram = 0.0

    @property
    def ready(self) -> bool:
        return bool(self._line.initialized and self._signal.initialized)

    def update(self, close: float) -> float:
        """Take one close and return the line."""
        self._line.update_raw(close)
        self.value = line = float(self._line.value)
        self._signal.update_raw(line)
        self.signal = float(self._signal.value)
        self.histogram = line - self.signal
        return line


class Bollinger:
    """Bollinger bands: the mean of the typical price and `width` population deviations to each side.

    The typical price is ``(high + low + close) / 3``. `value` is %b of the close: 0 on the lower band, 1 on
    the upper, 0.5 while the bands coincide.
    """

    __slots__ = ("_bands", "lower", "middle", "upper", "value")

    def __init__(self, length: int = 20, width: float = 2.0) -> None:
        self._bands = BollingerBands(length, width)
        self.lower = 0.0
        self.middle = 0.0
        self.upper = 0.0
        self.value = 0.5

    @property
    def ready(self) -> bool:
        return bool(self._bands.initialized)

    def update(self, high: float, low: float, close: float) -> float:
        """Take one bar and return %b."""
        bands = self._bands
        bands.update_raw(high, low, close)
        self.lower, self.middle, self.upper = float(bands.lower), float(bands.middle), float(bands.upper)
        span = self.upper - self.lower
        self.value = percent_b = (close - self.lower) / span if span > 0.0 else 0.5
        return percent_b


class Stochastic:
    """The stochastic oscillator %K of the close within the range of `length` bars, in [0, 100], and its %D.

    `slow` (%D) is Nautilus's ratio form, ``100 * sum(close - lowest) / sum(highest - lowest)`` over
    `slow_length` bars. While the range is empty both keep their last values; they start at 0.
    """

    __slots__ = ("_oscillator", "slow", "value")

    def __init__(self, length: int = 14, slow_length: int = 3) -> None:
        self._oscillator = Stochastics(length, slow_length)
        self.value = 0.0
        self.slow = 0.0

    @property
    def ready(self) -> bool:
        return bool(self._oscillator.initialized)

    def update(self, high: float, low: float, close: float) -> float:
        """Take one bar and return %K."""
        oscillator = self._oscillator
        oscillator.update_raw(high, low, close)
        self.value = float(oscillator.value_k)
        self.slow = float(oscillator.value_d)
        return self.value
