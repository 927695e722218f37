"""The quantitative signal of one instrument: bars in, and now and then a reading out.

The score is the weighted sum of the configured features. The actor of a run and `quant.signals.get_signals`
drive this same class, which is why both give the same numbers.

**Bars that are missing.** A bar in which nothing traded (no volume, and no price but the last close) carries
no news and counts as missing. After a gap of up to `MAX_GAP_BARS` bars the next return is divided by the root
of the number of bars that it spans, as a random walk would have it, so that a gap fakes no volatility. After
a longer one, an outage or a session's close, the return over it is dropped and the features start afresh;
volatility and regime, which describe the market and not the path of the last hours, carry on. What was
published before holds no longer then, so a neutral reading without components takes it back.
"""

from math import log, sqrt

from sagetrade_nautilus.config import QuantConfig
from sagetrade_nautilus.errors import ConfigError, DataError
from sagetrade_nautilus.model.features import Feature, build_feature, feature_name
from sagetrade_nautilus.model.price_stats import RealizedVolatility
from sagetrade_nautilus.model.readings import Component, QuantReading, Regime
from sagetrade_nautilus.model.regime import RegimeClassifier
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

MAX_GAP_BARS = 12
"""The longest step between two bars, in bars, that is bridged."""

MIN_PRICE, MAX_PRICE = 1e-16, 1e16
"""Prices outside are refused; Nautilus can hold none of them."""

SECONDS_PER_HOUR = 3_600.0


class QuantModel:
    """The features, the volatility and the regime of one instrument.

    Parameters
    ----------
    config : QuantConfig
        Features, lengths and the least change worth publishing.
    bar_seconds : float
        Length of one bar, in seconds, > 0.

    Attributes
    ----------
    ready : bool
        Whether enough bars were seen for a reading. It takes `volatility_length` bars and the longer of
        `regime_length` and `trend_length` after them, or more where a feature needs more.

    Raises
    ------
    ConfigError
        All weights are 0, an ``ema_cross`` lacks its slow_length, or `bar_seconds` is not above 0.
    """

    def __init__(self, config: QuantConfig, bar_seconds: float) -> None:
        total = sum(abs(feature.weight) for feature in config.features)
        if not total > 0.0:
            raise ConfigError("quant.features: all weights are 0; give at least one feature a weight")
        if not bar_seconds > 0.0:
            raise ConfigError(f"bars must be longer than 0 seconds, got {bar_seconds}")
        self.ready = False
        self._config = config
        self._min_change = config.min_change
        self._shares = [feature.weight / total for feature in config.features]
        self._labels = [
            (feature_name(feature), 1.0 if share >= 0.0 else -1.0, abs(share))
            for feature, share in zip(config.features, self._shares, strict=True)
        ]
        self._bar_ns = round(bar_seconds * NANOS_PER_SECOND)
        self._max_gap_ns = MAX_GAP_BARS * self._bar_ns
        self._bars_per_hour_root = sqrt(SECONDS_PER_HOUR / bar_seconds)
        self._volatility = RealizedVolatility(config.volatility_length)
        self._regime = RegimeClassifier(config.regime_length, config.trend_length)
        self._ts_ns = 0
        self._close = 0.0
        self._published: tuple[float, Regime] | None = None
        self._start_features()

    def update(
        self, ts_ns: int, open: float, high: float, low: float, close: float, volume: float
    ) -> QuantReading | None:
        """Take one bar and return a reading if there is one worth publishing.

        A reading is made at the first bar that allows one, and then whenever the regime or, by `min_change`
        or more, the score differs from what was published last. A bar that is not newer than the last one is
        ignored.

        Parameters
        ----------
        ts_ns : int
            The bar's close, in UNIX nanoseconds.
        open, high, low, close, volume : float
            The bar. No feature uses `open` so far.

        Raises
        ------
        DataError
            The close is no number that a price can be.
        """
        if not MIN_PRICE <= close <= MAX_PRICE:
            raise DataError(f"bar at {ts_ns} ns: close {close} is not a price; correct or remove the bar")
        elapsed_ns = ts_ns - self._ts_ns
        if elapsed_ns <= 0 or (volume <= 0.0 and high == low == self._close):
            return None
        previous, self._close, self._ts_ns = self._close, close, ts_ns
        if elapsed_ns > self._max_gap_ns or previous == 0.0:
            return self._start_over(close)
        log_return = log(close / previous)
        if elapsed_ns > self._bar_ns:
            log_return /= sqrt(elapsed_ns / self._bar_ns)

        market = self._volatility
        volatility = market.update(log_return)
        if self.ready or market.ready:
            self._regime.update(log_return, volatility)
        score = 0.0
        for update, share in self._lines:
            score += share * update(close, log_return, volatility)

        if not self.ready and not self._warmed_up():
            return None
        published = self._published
        if published is not None:
            last_score, last_regime = published
            if abs(score - last_score) < self._min_change and self._regime.value is last_regime:
                return None
        return self._publish(score)

    def begin_publishing(self) -> None:
        """Make the next bar that allows one give a reading, whatever was given before to nobody."""
        self._published = None

    def _start_features(self) -> None:
        self._features: list[Feature] = [build_feature(feature) for feature in self._config.features]
        self._lines = [(feature.update, share) for feature, share in zip(self._features, self._shares, strict=True)]
        self._feature_bars_left = max(feature.bars_needed for feature in self._features)

    def _warmed_up(self) -> bool:
        """Count a bar of the warm-up; return whether it was the last."""
        self._feature_bars_left -= 1
        self.ready = self._feature_bars_left <= 0 and self._regime.ready
        return self.ready

    def _start_over(self, close: float) -> QuantReading | None:
        """Begin the features anew at the first bar there is, or the first after a gap."""
        self.ready = False
        self._start_features()
        for update, _ in self._lines:
            update(close, 0.0, self._volatility.value)
        self._feature_bars_left -= 1
        if self._published is None:
            return None
        self._published = None
        return self._reading(0.0, 0.0, ())

    def _publish(self, score: float) -> QuantReading:
        """Make the reading of this bar.

        The confidence is ``abs(score)`` times the agreement of the features, ``abs(sum(w*s)) /
        sum(w*abs(s))``: 0 where they cancel, 1 where all say the same with full strength.
        """
        self._published = (score, self._regime.value)
        components = []
        voices = 0.0
        for (name, sign, weight), feature in zip(self._labels, self._features, strict=True):
            voice = feature.score
            components.append(Component(name, "quant", feature.value, sign * voice, weight))
            voices += weight * abs(voice)
        strength = abs(score)
        confidence = min(1.0, strength * strength / voices) if voices > 0.0 else 0.0
        return self._reading(max(-1.0, min(1.0, score)), confidence, tuple(components))

    def _reading(self, score: float, confidence: float, components: tuple[Component, ...]) -> QuantReading:
        volatility = self._volatility.value * self._bars_per_hour_root
        return QuantReading(score, confidence, volatility, self._regime.value, self._close, components)
