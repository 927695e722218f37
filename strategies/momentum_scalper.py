"""Momentum scalper: goes with a price move while the market trends.

It reads the composite's own past-return component, whatever weight the composite gives it, and follows it. On the
six bundled months plain momentum points the wrong way at these horizons; the report says so.
"""

from math import sqrt

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig


class MomentumScalperConfig(SageStrategyConfig, frozen=True, kw_only=True):
    """Settings of `MomentumScalper`.

    Parameters
    ----------
    feature : str
        The component that measures the recent move, in its own standard deviations.
    min_move : float
        The least past return, in its own standard deviations.
    hold_minutes : float
        Longest holding time.
    edge_share : float
        The share of the move that is expected to continue, in [0, 1].
    stop_sigmas, target_sigmas : float
        Stop and target, in standard deviations over the holding time.
    size_pct : float
        Wished size, percent of equity.
    """

    feature: str = "return_3"
    min_move: float = 2.5
    hold_minutes: float = 45.0
    edge_share: float = 0.25
    stop_sigmas: float = 1.0
    target_sigmas: float = 1.5
    size_pct: float = 20.0


class MomentumScalper(SageStrategy[MomentumScalperConfig]):
    """Follows a strong recent move, in its direction, when the regime trends."""

    def initialize(self, config: MomentumScalperConfig) -> None:
        self._settings = config

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        settings = self._settings
        move = next((part.value for part in signal.components if part.name == settings.feature), 0.0)
        if abs(move) < settings.min_move or "trending" not in signal.regime:
            return None
        sigma = signal.volatility * sqrt(settings.hold_minutes / 60.0)
        up = 1.0 if move > 0.0 else -1.0
        return Decision(
            side="buy" if up > 0.0 else "sell",
            size_pct=settings.size_pct,
            tp=signal.price * (1.0 + up * settings.target_sigmas * sigma),
            sl=signal.price * (1.0 - up * settings.stop_sigmas * sigma),
            target_duration=settings.hold_minutes * 60.0,
            expected_edge_bps=settings.edge_share * sigma * 10_000.0,
            reason=f"the last return was {move:+.1f} standard deviations in a trending market",
            signal_ids=(signal.signal_id,),
        )
