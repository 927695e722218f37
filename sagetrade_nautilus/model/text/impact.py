"""How likely the price moves more than usual in the hour after a kind of event."""

from types import MappingProxyType
from typing import Final

from sagetrade_nautilus.model.text.events import Event

UNMEASURED: Final = 0.50
"""Fewer than 20 texts: the base rate, 0.494, to two digits."""

IMPACT: Final = MappingProxyType(
    {
        Event.EARNINGS: UNMEASURED,
        Event.GUIDANCE: UNMEASURED,
        Event.ANALYST_RATING: 0.50,
        Event.MERGER_ACQUISITION: 0.55,
        Event.MACRO_CENTRAL_BANK: 0.51,
        Event.REGULATION_LEGAL: 0.55,
        Event.HACK_EXPLOIT: 0.49,
        Event.LISTING_DELISTING: 0.53,
        Event.ETF: 0.54,
        Event.PRODUCT_PARTNERSHIP: 0.54,
        Event.PERSONNEL: 0.54,
        Event.BANKRUPTCY: 0.47,
        Event.PRICE_MOVE: 0.55,
        Event.OTHER: 0.53,
    }
)
"""The probability that BTC or ETH moves further in the hour after such a text than in the median hour of the 7 days
before, from ``scripts/measure_impact.py`` on six months. The kinds can hardly be told from one another: see
``docs/nlp.md`` for the counts and the intervals."""


def impact_of(event: Event) -> float:
    """Return `IMPACT` of `event`, in [0, 1]."""
    return IMPACT[event]
