"""Which regime the market is in, told from its past alone, in constant time per bar."""

from math import inf, log, sqrt

from nautilus_trader.indicators import ExponentialMovingAverage

from sagetrade_nautilus.model.price_stats import EfficiencyRatio
from sagetrade_nautilus.model.readings import Regime

VOLATILITY_BAND = log(1.1)
"""How far volatility must leave its typical level, as a log ratio, before the label turns."""

TREND_ENTER = 1.6
"""A trend begins where the net move exceeds this many times what a random walk makes on average."""

TREND_LEAVE = 1.0
"""A trend ends where the net move is no more than a random walk makes on average."""

_REGIMES = (
    (Regime.LOW_VOL_RANGING, Regime.LOW_VOL_TRENDING),
    (Regime.HIGH_VOL_RANGING, Regime.HIGH_VOL_TRENDING),
)


class RegimeClassifier:
    """Low or high volatility, ranging or trending, each with hysteresis.

    **Volatility** is high once it exceeds its typical level by 10%, and low again once it lies 10% below. The
    typical level is the exponential moving average of its logarithm, of span `regime_length`: realised
    volatility is close to log-normal (Andersen, Bollerslev, Diebold and Ebens, Journal of Financial Economics
    61 (2001) 43-76), and of a log-normal variable the mean logarithm is the logarithm of the median. A
    rolling median proper would cost more than all the rest of the signal. A market that does not move at all
    is low, and tells nothing of what is typical.

    **Trend** is Kaufman's efficiency ratio over `trend_length` bars times the root of `trend_length`, which
    is about 1 on average for a random walk of any length. A trend begins above 1.6, which a random walk
    exceeds one time in five, and ends at 1.

    Parameters
    ----------
    regime_length : int
        Span of the typical level, in bars.
    trend_length : int
        Bars that the trend is measured over.

    Attributes
    ----------
    value : Regime
        The regime after the last bar; low and ranging until `ready`.
    ready : bool
        Whether it has seen as many bars as the longer of the two.
    """

    __slots__ = ("_bars_left", "_efficiency", "_high", "_trending", "_typical", "_unit", "ready", "value")

    def __init__(self, regime_length: int, trend_length: int) -> None:
        self._typical = ExponentialMovingAverage(regime_length)
        self._efficiency = EfficiencyRatio(trend_length)
        self._unit = sqrt(trend_length)
        self._bars_left = max(regime_length, trend_length)
        self._high = False
        self._trending = False
        self.value = Regime.LOW_VOL_RANGING
        self.ready = False

    def update(self, log_return: float, volatility: float) -> Regime:
        """Take one bar's log return and its realised volatility (>= 0, in any unit); return the regime."""
        excess = -inf
        if volatility > 0.0:
            level = log(volatility)
            typical = self._typical
            typical.update_raw(level)
            excess = level - typical.value
        strength = self._efficiency.update(log_return) * self._unit
        if not self.ready:
            self._bars_left -= 1
            self.ready = self._bars_left == 0
            if not self.ready:
                return self.value
        if excess > VOLATILITY_BAND:
            self._high = True
        elif excess < -VOLATILITY_BAND:
            self._high = False
        if strength > TREND_ENTER:
            self._trending = True
        elif strength <= TREND_LEAVE:
            self._trending = False
        self.value = regime = _REGIMES[self._high][self._trending]
        return regime
