"""Equity events: on which texts it acts, once each, and for how long."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sagetrade_nautilus.data import TextSignal
from strategies.equity_event import EquityEvent, EquityEventConfig
from tests.support.signals import signal

SPY = "SPY.ARCA"
MINUTE = 60_000_000_000
NOON = int(datetime(2025, 7, 1, 15, 0, tzinfo=UTC).timestamp()) * 1_000_000_000  # 11:00 in New York


@pytest.fixture
def plugin() -> EquityEvent:
    config = EquityEventConfig()
    made = EquityEvent(config)
    made.initialize(config)
    return made


def text(ts: int = NOON - MINUTE, **changes: Any) -> TextSignal:
    said: dict[str, Any] = {"sentiment": 0.8, "confidence": 0.9, "event": "earnings", "impact_score": 0.5}
    where = {"entity": "SPY", "source": "Wire", "item_id": "t", "url": ""}
    return TextSignal(ts, ts + MINUTE, **{**said, **where, **changes})


@pytest.mark.parametrize(("sentiment", "side"), [(0.8, "buy"), (-0.8, "sell")])
def test_a_strong_event_is_followed_once(plugin: EquityEvent, sentiment: float, side: str) -> None:
    plugin.on_text(text(sentiment=sentiment), SPY)
    decision = plugin.on_new_signal(signal(0.0, 600.0, NOON, SPY))
    assert decision is not None
    assert decision.side == side
    assert decision.fault(600.0) is None
    assert decision.target_duration == 7_200.0
    assert decision.reason.startswith("earnings of Wire")
    assert plugin.on_new_signal(signal(0.0, 600.0, NOON + MINUTE, SPY)) is None


@pytest.mark.parametrize(
    "changes",
    [{"event": "other"}, {"sentiment": 0.29}, {"impact_score": 0.29}, {"ts": NOON - 16 * MINUTE}],
    ids=["another kind", "weak", "of no weight", "old"],
)
def test_anything_else_is_left_alone(plugin: EquityEvent, changes: dict[str, Any]) -> None:
    plugin.on_text(text(**changes), SPY)
    assert plugin.on_new_signal(signal(0.0, 600.0, NOON, SPY)) is None


def test_a_text_about_another_share_moves_nothing_here(plugin: EquityEvent) -> None:
    plugin.on_text(text(), "QQQ.NASDAQ")
    assert plugin.on_new_signal(signal(0.0, 600.0, NOON, SPY)) is None


@pytest.mark.parametrize(("hour", "minute", "held_min"), [(13, 29, None), (19, 0, 50.0), (19, 41, None), (22, 0, None)])
def test_it_enters_in_regular_hours_and_leaves_before_they_end(
    plugin: EquityEvent, hour: int, minute: int, held_min: float | None
) -> None:
    ts = int(datetime(2025, 7, 1, hour, minute, tzinfo=UTC).timestamp()) * 1_000_000_000
    plugin.on_text(text(ts - MINUTE), SPY)
    decision = plugin.on_new_signal(signal(0.0, 600.0, ts, SPY))
    assert (decision and decision.target_duration / 60.0) == held_min


def test_a_kind_of_event_that_there_is_not_is_named() -> None:
    config = EquityEventConfig(events=("earnings", "eanrings"))
    with pytest.raises(ValueError, match="events: eanrings is none of earnings"):
        EquityEvent(config).initialize(config)
