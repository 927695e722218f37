"""Breakout: bets that a price which leaves its range keeps going, and gives up at a stop that follows it.

The trading range break-out of Brock, Lakonishok and LeBaron, 'Simple Technical Trading Rules and the Stochastic
Properties of Stock Returns' (Journal of Finance 47, 1992): Donchian's channel, here of highs and lows. Distances are in
standard deviations, as the Turtles measured theirs in average true ranges.
"""

from collections import defaultdict, deque
from math import exp, sqrt

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

NANOS_PER_HOUR = 3_600_000_000_000


class BreakoutConfig(SageStrategyConfig, frozen=True, kw_only=True):
    """Settings of `Breakout`. Distances are in standard deviations over the holding time.

    Parameters
    ----------
    range_hours : float
        The range that the price must leave is that of this many hours.
    hold_hours : float
        Longest holding time.
    target_sigmas, stop_sigmas : float
        Take-profit and first stop, from the entry.
    trail_sigmas : float
        The stop that follows, from each close.
    edge_share : float
        Expected edge, as a share of one standard deviation.
    size_pct : float
        Wished size, percent of equity.
    """

    range_hours: float = 24.0
    hold_hours: float = 24.0
    target_sigmas: float = 2.0
    stop_sigmas: float = 1.0
    trail_sigmas: float = 1.0
    edge_share: float = 0.2
    size_pct: float = 20.0


class Breakout(SageStrategy[BreakoutConfig]):
    """Follows a price out of its range while the market trends. With `quant.min_change = 0` it is asked at each bar."""

    def initialize(self, config: BreakoutConfig) -> None:
        self._settings = config
        self._ranges: dict[str, Range] = defaultdict(lambda: Range(int(config.range_hours * NANOS_PER_HOUR)))

    def on_market(self, market_state: MarketState) -> None:
        self._ranges[market_state.instrument_id].add(market_state.ts, market_state.high, market_state.low)

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        up = self._ranges[signal.instrument_id.value].left(signal.ts_event, signal.price)
        if up == 0 or "trending" not in signal.regime:
            return None
        settings = self._settings
        sigma = signal.volatility * sqrt(settings.hold_hours)
        return Decision(
            side="buy" if up > 0 else "sell",
            size_pct=settings.size_pct,
            tp=signal.price * exp(up * settings.target_sigmas * sigma),
            sl=signal.price * exp(-up * settings.stop_sigmas * sigma),
            target_duration=settings.hold_hours * 3_600.0,
            expected_edge_bps=settings.edge_share * sigma * 10_000.0,
            reason=f"{'above' if up > 0 else 'below'} the range of {settings.range_hours:g} hours",
            signal_ids=(signal.signal_id,),
        )

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        if market_state.composite is None:
            return []
        away = self._settings.trail_sigmas * market_state.composite.volatility * sqrt(self._settings.hold_hours)
        return [
            PositionAction(
                trade_id=held.trade_id,
                kind=ActionKind.MOVE_STOP,
                stop_price=market_state.price * exp(-away if held.side == "buy" else away),
                reason="the stop follows the price",
            )
            for held in market_state.positions
        ]


class Range:
    """The highs and lows of the last `window_ns`, each kept only while it can still be the extreme."""

    def __init__(self, window_ns: int) -> None:
        self._window_ns = window_ns
        self._first: int | None = None
        self._highs: deque[tuple[int, float]] = deque()
        self._lows: deque[tuple[int, float]] = deque()

    def add(self, ts: int, high: float, low: float) -> None:
        """Take up a bar."""
        self._first = ts if self._first is None else self._first
        while self._highs and self._highs[-1][1] <= high:
            self._highs.pop()
        while self._lows and self._lows[-1][1] >= low:
            self._lows.pop()
        self._highs.append((ts, high))
        self._lows.append((ts, low))

    def left(self, ts: int, price: float) -> int:
        """Return 1 where `price` is above the range, -1 below it, 0 within it or before it is known in full."""
        if self._first is None or ts - self._first < self._window_ns:
            return 0
        for extremes in (self._highs, self._lows):
            while extremes and extremes[0][0] < ts - self._window_ns:
                extremes.popleft()
        if not self._highs:
            return 0
        return (price > self._highs[0][1]) - (price < self._lows[0][1])
