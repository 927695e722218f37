"""The news strategy acts once on fresh, weighty headlines."""

import pytest

from sagetrade_nautilus.model.readings import Component
from strategies.news_quick_trade import NewsQuickTrade, NewsQuickTradeConfig
from tests.support.signals import signal


def _plugin() -> NewsQuickTrade:
    config = NewsQuickTradeConfig()
    plugin = NewsQuickTrade(config)
    plugin.initialize(config)
    return plugin


def _news(mood: float, *ids: str):  # type: ignore[no-untyped-def]
    return signal(0.0, 100.0, components=(Component("text:wire", "text", mood, mood, 0.1, ids),))


@pytest.mark.parametrize(("mood", "side"), [(0.6, "buy"), (-0.6, "sell")])
def test_it_follows_the_mood_of_fresh_headlines(mood: float, side: str) -> None:
    decision = _plugin().on_new_signal(_news(mood, "a"))
    assert decision is not None
    assert decision.side == side
    assert decision.fault(100.0) is None


def test_a_headline_is_acted_on_once() -> None:
    plugin = _plugin()
    assert plugin.on_new_signal(_news(0.6, "a")) is not None
    assert plugin.on_new_signal(_news(0.6, "a")) is None
    assert plugin.on_new_signal(_news(0.6, "a", "b")) is not None


@pytest.mark.parametrize("mood", [0.1, -0.1, 0.0])
def test_a_lukewarm_headline_is_left_alone(mood: float) -> None:
    assert _plugin().on_new_signal(_news(mood, "a")) is None


def test_prices_alone_never_move_it() -> None:
    assert _plugin().on_new_signal(signal(0.9, 100.0)) is None
