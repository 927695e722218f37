"""Equity event: bets that a share's price takes a while to follow strong news, and leaves before the session ends.

Tetlock, Saar-Tsechansky and Macskassy, 'More Than Words: Quantifying Language to Measure Firms' Fundamentals' (Journal
of Finance 63, 2008): prices underreact to how news about a company's results are worded. It acts on the kinds of events
that it is told to, once each, at the first bar after the text, in regular hours.
"""

from math import exp, sqrt

from sagetrade_nautilus.data import CompositeSignal, TextSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.sessions import minutes_to_close
from sagetrade_nautilus.model.text.events import Event
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

NANOS_PER_MINUTE = 60_000_000_000


class EquityEventConfig(SageStrategyConfig, frozen=True, kw_only=True):
    """Settings of `EquityEvent`. Distances are in standard deviations over the holding time.

    Parameters
    ----------
    events : tuple[str, ...]
        The kinds of events that it acts on; docs/nlp.md names them.
    min_sentiment, min_impact : float
        The least absolute sentiment and the least impact of a text that it acts on, in [0, 1].
    max_age_minutes : float
        How long after a text was published it may still be acted on.
    hold_minutes : float
        Longest holding time.
    margin_minutes : float
        It leaves so long before the close, and enters only while at least so long is left until then.
    target_sigmas, stop_sigmas : float
        Take-profit and stop.
    edge_share : float
        Expected edge as a share of one standard deviation, at a sentiment of 1.
    size_pct : float
        Wished size, percent of equity.
    """

    events: tuple[str, ...] = ("earnings", "guidance", "analyst_rating", "merger_acquisition")
    min_sentiment: float = 0.3
    min_impact: float = 0.3
    max_age_minutes: float = 15.0
    hold_minutes: float = 120.0
    margin_minutes: float = 10.0
    target_sigmas: float = 2.0
    stop_sigmas: float = 1.5
    edge_share: float = 0.2
    size_pct: float = 20.0


class EquityEvent(SageStrategy[EquityEventConfig]):
    """Goes with the last strong text about a share, and out again before the session ends."""

    def initialize(self, config: EquityEventConfig) -> None:
        unknown = [kind for kind in config.events if kind not in [*Event]]
        if unknown:
            raise ValueError(f"events: {', '.join(unknown)} is none of {', '.join(Event)}")
        self._settings = config
        self._texts: dict[str, TextSignal] = {}

    def on_text(self, text: TextSignal, instrument_id: str) -> None:
        settings = self._settings
        strong = abs(text.sentiment) >= settings.min_sentiment and text.impact_score >= settings.min_impact
        if text.event in settings.events and strong:
            self._texts[instrument_id] = text

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        text = self._texts.pop(signal.instrument_id.value, None)  # once, whatever comes of it
        settings = self._settings
        minutes = min(settings.hold_minutes, minutes_to_close(signal.ts_event) - settings.margin_minutes)
        if text is None or minutes < settings.margin_minutes:
            return None
        if signal.ts_event - text.ts_event > settings.max_age_minutes * NANOS_PER_MINUTE:
            return None
        up = 1.0 if text.sentiment > 0.0 else -1.0
        sigma = signal.volatility * sqrt(minutes / 60.0)
        return Decision(
            side="buy" if up > 0.0 else "sell",
            size_pct=settings.size_pct,
            tp=signal.price * exp(up * settings.target_sigmas * sigma),
            sl=signal.price * exp(-up * settings.stop_sigmas * sigma),
            target_duration=minutes * 60.0,
            expected_edge_bps=settings.edge_share * abs(text.sentiment) * sigma * 10_000.0,
            reason=f"{text.event} of {text.source}: sentiment {text.sentiment:+.2f}, impact {text.impact_score:.2f}",
            signal_ids=(signal.signal_id,),
        )
