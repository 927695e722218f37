"""News quick-trade: acts on fresh, weighty headlines alone, and only if more than one source says so.

It looks at the text part of the composite and leaves prices aside. One source, however loud, opens no trade: what
strangers can write is one source each ('x', 'reddit'). On the six bundled months a lexicon's sentiment
says nothing that could be told from noise; the report says so.
"""

from math import sqrt

from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig


class NewsQuickTradeConfig(SageStrategyConfig, frozen=True, kw_only=True):
    """Settings of `NewsQuickTrade`.

    Parameters
    ----------
    min_text_score : float
        The least absolute text score (weights and sentiments summed, before the composite's own weight), in [0, 1].
    max_source_share : float
        The largest share that one source may have of what speaks for the trade: weight times sentiment, of the sources
        that point its way.
    hold_minutes : float
        Longest holding time.
    edge_share : float
        Expected edge as a share of one standard deviation over the holding time, at a text score of 1.
    stop_sigmas, target_sigmas : float
        Stop and target, in standard deviations over the holding time.
    size_pct : float
        Wished size, percent of equity.
    """

    min_text_score: float = 0.3
    max_source_share: float = 0.67
    hold_minutes: float = 30.0
    edge_share: float = 0.5
    stop_sigmas: float = 1.0
    target_sigmas: float = 1.5
    size_pct: float = 10.0


class NewsQuickTrade(SageStrategy[NewsQuickTradeConfig]):
    """Follows the sentiment of fresh headlines."""

    def initialize(self, config: NewsQuickTradeConfig) -> None:
        self._settings = config
        self._seen: dict[InstrumentId, frozenset[str]] = {}

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        settings = self._settings
        texts = [part for part in signal.components if part.kind == "text"]
        total = sum(part.weight for part in texts)
        score = sum(part.weight * part.score for part in texts) / total if total > 0.0 else 0.0
        current = frozenset(source for part in texts for source in part.source_ids)
        fresh = current - self._seen.get(signal.instrument_id, frozenset())
        self._seen[signal.instrument_id] = current
        up = 1.0 if score > 0.0 else -1.0
        voices = [max(0.0, up * part.weight * part.score) for part in texts]
        one_voice = max(voices, default=0.0) > settings.max_source_share * sum(voices)
        if score == 0.0 or abs(score) < settings.min_text_score or one_voice or not fresh:
            return None
        sigma = signal.volatility * sqrt(settings.hold_minutes / 60.0)
        return Decision(
            side="buy" if up > 0.0 else "sell",
            size_pct=settings.size_pct,
            tp=signal.price * (1.0 + up * settings.target_sigmas * sigma),
            sl=signal.price * (1.0 - up * settings.stop_sigmas * sigma),
            target_duration=settings.hold_minutes * 60.0,
            expected_edge_bps=settings.edge_share * abs(score) * sigma * 10_000.0,
            reason=f"{len(fresh)} fresh headline{'s' if len(fresh) > 1 else ''} with a mean sentiment of {score:+.2f}",
            signal_ids=(signal.signal_id,),
        )
