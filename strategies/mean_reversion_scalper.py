"""Mean-reversion scalper: bets that a stretched price comes back.

The composite of the demo leans against recent moves, so a strong score is a stretched price. A position is given up
once the score has turned against it.
"""

from math import sqrt

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig


class MeanReversionScalperConfig(SageStrategyConfig, frozen=True, kw_only=True):
    """Settings of `MeanReversionScalper`.

    Parameters
    ----------
    min_score : float
        The least absolute composite score, in [0, 1].
    hold_minutes : float
        Longest holding time.
    edge_share : float
        Expected edge as a share of one standard deviation over the holding time, at a score of 1.
    stop_sigmas, target_sigmas : float
        Stop and target, in standard deviations over the holding time.
    give_up_score : float
        A position is closed when the score points the other way by this much, in [0, 1].
    size_pct : float
        Wished size, percent of equity.
    """

    min_score: float = 0.5
    hold_minutes: float = 60.0
    edge_share: float = 0.3
    stop_sigmas: float = 1.5
    target_sigmas: float = 1.0
    give_up_score: float = 0.3
    size_pct: float = 20.0


class MeanReversionScalper(SageStrategy[MeanReversionScalperConfig]):
    """Fades a stretched price, in the composite's direction."""

    def initialize(self, config: MeanReversionScalperConfig) -> None:
        self._settings = config

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        settings = self._settings
        if abs(signal.score) < settings.min_score or signal.direction == 0:
            return None
        sigma = signal.volatility * sqrt(settings.hold_minutes / 60.0)
        up = signal.direction
        return Decision(
            side="buy" if up > 0 else "sell",
            size_pct=settings.size_pct,
            tp=signal.price * (1.0 + up * settings.target_sigmas * sigma),
            sl=signal.price * (1.0 - up * settings.stop_sigmas * sigma),
            target_duration=settings.hold_minutes * 60.0,
            expected_edge_bps=settings.edge_share * abs(signal.score) * sigma * 10_000.0,
            reason=f"the price is stretched: composite score {signal.score:+.2f}",
            signal_ids=(signal.signal_id,),
        )

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        if market_state.composite is None:
            return []
        score = market_state.composite.score
        return [
            PositionAction(
                trade_id=held.trade_id, kind=ActionKind.CLOSE, reason=f"the score has turned to {score:+.2f}"
            )
            for held in market_state.positions
            if (score if held.side == "sell" else -score) >= self._settings.give_up_score
        ]
