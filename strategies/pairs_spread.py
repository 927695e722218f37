"""Pairs spread: bets that two prices which drifted apart come back together, and gives up when they do not in time.

The rule of Gatev, Goetzmann and Rouwenhorst, 'Pairs Trading: Performance of a Relative-Value Arbitrage Rule' (Review of
Financial Studies 19, 2006): open both legs, with equal money, when the spread is two standard deviations from its mean,
and close both when it is back. The spread is the log of the ratio of the two prices, against its own last bars.
"""

from math import log, sqrt

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction, PositionState
from sagetrade_nautilus.model.rolling import RollingMoments
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

NEVER = (-1, 1.0)


class PairsSpreadConfig(SageStrategyConfig, frozen=True, kw_only=True):
    """Settings of `PairsSpread`.

    Parameters
    ----------
    lookback_bars : int
        Bars that the spread's mean and standard deviation are measured over.
    enter_z, exit_z : float
        How many standard deviations the spread is from its mean where a pair is opened, and where it is closed again.
    stop_z : float
        Where a pair is given up.
    hold_hours : float
        Longest holding time.
    leg_sigmas : float
        How far each leg's own stop and target lie, in standard deviations over the holding time: far, since the spread
        decides.
    edge_share : float
        Expected edge of both legs, as a share of the way back to the mean.
    size_pct : float
        Wished size of each leg, percent of equity.
    """

    lookback_bars: int = 864
    enter_z: float = 2.0
    exit_z: float = 0.0
    stop_z: float = 4.0
    hold_hours: float = 48.0
    leg_sigmas: float = 1.5
    edge_share: float = 0.5
    size_pct: float = 20.0


class PairsSpread(SageStrategy[PairsSpreadConfig]):
    """Trades its first instrument against its second. With `quant.min_change = 0` it is asked at each bar."""

    def initialize(self, config: PairsSpreadConfig) -> None:
        if len(config.instruments) != 2:
            raise ValueError(f"a pair has two instruments, not {len(config.instruments)}: name two")
        self._settings = config
        self._first, self._second = config.instruments
        self._moments = RollingMoments(config.lookback_bars)
        self._closes: dict[str, tuple[int, float]] = {}
        self._signals: dict[str, CompositeSignal] = {}
        self._z = 0.0

    def on_market(self, market_state: MarketState) -> None:
        self._closes[market_state.instrument_id] = (market_state.ts, market_state.price)
        spread = self._spread(market_state.ts)
        if spread is not None:
            self._z = self._score(spread)
            self._moments.update(spread)

    def on_new_signal(self, signal: CompositeSignal) -> list[Decision] | None:
        """Open both legs when the second price of a bar has come, and the spread is wide."""
        name = signal.instrument_id.value
        self._signals[name] = signal
        self._closes[name] = (signal.ts_event, signal.price)
        spread = self._spread(signal.ts_event)
        if spread is None or len(self._signals) < 2 or not self._moments.ready:
            return None
        z = self._score(spread)
        if not self._settings.enter_z <= abs(z) < self._settings.stop_z:
            return None
        return [self._leg(leg, z) for leg in (self._first, self._second)]

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        """Close both legs where the spread is back, or gone too far, or one leg has left by its own stop or target."""
        legs = {held.instrument_id: held for held in (*market_state.positions, *market_state.elsewhere)}
        why = self._why_to_close(legs)
        return [
            PositionAction(trade_id=held.trade_id, kind=ActionKind.CLOSE, reason=why) for held in legs.values() if why
        ]

    def _spread(self, ts: int) -> float | None:
        """Return the log of the ratio of the two prices at `ts`; ``None`` where only one has come."""
        (first_ts, first), (second_ts, second) = (self._closes.get(name, NEVER) for name in (self._first, self._second))
        return log(first / second) if first_ts == second_ts == ts else None

    def _score(self, spread: float) -> float:
        """Return how many standard deviations `spread` is from the mean of the spreads before it."""
        return (spread - self._moments.mean) / self._moments.std if self._moments.std > 0.0 else 0.0

    def _leg(self, name: str, z: float) -> Decision:
        """Return one leg: what is dear is sold, what is cheap is bought."""
        settings, price = self._settings, self._closes[name][1]
        up = -1.0 if (z > 0.0) == (name == self._first) else 1.0
        volatility = max(signal.volatility for signal in self._signals.values())  # one for both, for equal money
        away = up * min(settings.leg_sigmas * volatility * sqrt(settings.hold_hours), 0.5)
        return Decision(
            instrument_id=name,
            side="buy" if up > 0.0 else "sell",
            size_pct=settings.size_pct,
            tp=price * (1.0 + away),
            sl=price * (1.0 - away),
            target_duration=settings.hold_hours * 3_600.0,
            expected_edge_bps=settings.edge_share * abs(z) * self._moments.std * 10_000.0 / 2.0,
            reason=f"the spread is {z:+.2f} standard deviations from its mean",
            signal_ids=tuple(signal.signal_id for signal in self._signals.values()),
        )

    def _why_to_close(self, legs: dict[str, PositionState]) -> str:
        if len(legs) < 2:
            return "the other leg is gone"
        if not self._moments.ready:
            return ""  # after a restart, until the past is known
        stretch = self._z if legs[self._first].side == "sell" else -self._z
        if stretch <= self._settings.exit_z:
            return f"the spread is back at {self._z:+.2f} standard deviations"
        if stretch >= self._settings.stop_z:
            return f"the spread went on to {self._z:+.2f} standard deviations"
        return ""
