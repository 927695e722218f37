"""How likely the price moves more than usual in the hour after a kind of event."""

from types import MappingProxyType
from typing import Final

from sagetrade_nautilus.model.text.events import Event

BASE_RATE: Final = 0.5

IMPACT: Final = MappingProxyType(dict.fromkeys(Event, BASE_RATE))


def impact_of(event: Event) -> float:
    """Return `IMPACT` of `event`."""
    return IMPACT[event]
