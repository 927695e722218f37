"""The news strategy acts once on fresh, weighty headlines that more than one source has."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sagetrade_nautilus.config import AggregatorConfig, TextConfig
from sagetrade_nautilus.model.aggregation import Aggregator, TextEvidence
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.readings import Component, QuantReading, Regime
from strategies.news_quick_trade import NewsQuickTrade, NewsQuickTradeConfig
from tests.support.signals import signal

MINUTE = 60_000_000_000


def _plugin(**settings: float) -> NewsQuickTrade:
    config = NewsQuickTradeConfig(**settings)
    plugin = NewsQuickTrade(config)
    plugin.initialize(config)
    return plugin


def _asked(plugin: NewsQuickTrade, *voices: tuple[float, float, str]) -> Decision | None:
    """Return the decision on texts of several sources, each with a weight, a mood and the id of a text."""
    components = tuple(
        Component(f"text:{number}", "text", mood, mood, weight, (item_id,))
        for number, (weight, mood, item_id) in enumerate(voices)
    )
    return plugin.on_new_signal(signal(0.0, 100.0, components=components))


def _news(mood: float, *ids: str) -> list[tuple[float, float, str]]:
    return [(0.1, mood, item_id) for item_id in ids]


@pytest.mark.parametrize(("mood", "side"), [(0.6, "buy"), (-0.6, "sell")])
def test_it_follows_the_mood_of_fresh_headlines(mood: float, side: str) -> None:
    decision = _asked(_plugin(), *_news(mood, "a", "b"))
    assert decision is not None
    assert decision.side == side
    assert decision.fault(100.0) is None


def test_a_headline_is_acted_on_once() -> None:
    plugin = _plugin()
    assert _asked(plugin, *_news(0.6, "a", "b")) is not None
    assert _asked(plugin, *_news(0.6, "a", "b")) is None
    assert _asked(plugin, *_news(0.6, "a", "b", "c")) is not None


@pytest.mark.parametrize("mood", [0.1, -0.1, 0.0])
def test_a_lukewarm_headline_is_left_alone(mood: float) -> None:
    assert _asked(_plugin(), *_news(mood, "a", "b")) is None


@pytest.mark.parametrize("mood", [1.0, -1.0])
def test_one_source_alone_opens_nothing_until_a_second_agrees(mood: float) -> None:
    plugin = _plugin()
    assert _asked(plugin, *_news(mood, "a")) is None
    assert _asked(plugin, *_news(mood, "a", "b")) is not None


@pytest.mark.parametrize(
    "others",
    [
        [(0.1, 0.0, "b"), (0.1, 0.0, "c")],  # nothing to say
        [(0.1, -0.2, "b")],  # the other way
        [(0.04, 0.9, "b")],  # too faint
        [(0.1, 0.3, "b")],  # too lukewarm
    ],
    ids=["neutral", "against", "faint", "lukewarm"],
)
def test_a_source_that_does_not_say_the_same_is_no_second_voice(others: list[tuple[float, float, str]]) -> None:
    assert _asked(_plugin(max_source_share=1.0), (0.1, 1.0, "a"), *others) is not None
    assert _asked(_plugin(), (0.1, 1.0, "a"), *others) is None


@given(st.lists(st.tuples(st.floats(-1.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0)), max_size=20))
@example([(0.0, 1.0, 1.0)])
@example([(1.0, 1.0, 1.0)])
def test_whatever_one_source_writes_the_composite_of_it_opens_no_trade(texts: list[tuple[float, float, float]]) -> None:
    aggregator = Aggregator(AggregatorConfig(), TextConfig())
    for number, (sentiment, confidence, impact) in enumerate(texts):
        aggregator.add_text(TextEvidence(number * MINUTE, "x", f"t{number}", sentiment, confidence, impact))
    reading = QuantReading(0.0, 0.5, 0.01, Regime.LOW_VOL_RANGING, 100.0, ())
    composite = aggregator.combine(reading, len(texts) * MINUTE)
    assert _plugin(min_text_score=0.0).on_new_signal(signal(0.0, 100.0, components=composite.components)) is None


def test_prices_alone_never_move_it() -> None:
    assert _plugin().on_new_signal(signal(0.9, 100.0)) is None
