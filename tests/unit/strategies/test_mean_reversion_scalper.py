"""The mean-reversion scalper goes with a strong composite, and gives up when it turns."""

import pytest

from sagetrade_nautilus.model.decision import ActionKind, MarketState, PositionState, Side
from strategies.mean_reversion_scalper import MeanReversionScalper, MeanReversionScalperConfig
from tests.support.signals import composite, signal


def _plugin() -> MeanReversionScalper:
    config = MeanReversionScalperConfig()
    plugin = MeanReversionScalper(config)
    plugin.initialize(config)
    return plugin


@pytest.mark.parametrize(("score", "side"), [(0.7, "buy"), (-0.7, "sell")])
def test_a_strong_score_is_followed(score: float, side: str) -> None:
    decision = _plugin().on_new_signal(signal(score, 100.0))
    assert decision is not None
    assert decision.side == side
    assert decision.fault(100.0) is None


@pytest.mark.parametrize("score", [0.49, -0.49, 0.0])
def test_a_weak_score_is_left_alone(score: float) -> None:
    assert _plugin().on_new_signal(signal(score, 100.0)) is None


def test_a_stronger_score_expects_a_larger_edge() -> None:
    edges = [_plugin().on_new_signal(signal(score, 100.0)).expected_edge_bps for score in (0.5, 0.7, 0.9)]  # type: ignore[union-attr]
    assert edges == sorted(edges)


@pytest.mark.parametrize(
    ("side", "score", "closes"),
    [("buy", -0.29, False), ("buy", -0.3, True), ("buy", 0.9, False), ("sell", 0.3, True), ("sell", -0.9, False)],
)
def test_a_position_is_given_up_when_the_score_has_turned(side: Side, score: float, closes: bool) -> None:
    held = PositionState("t-1", side, 1.0, 100.0, 60.0, 0.0)
    actions = _plugin().on_tick(MarketState(0, 99.0, 100.0, 98.0, (held,), composite(score, 99.0)))
    assert [action.kind for action in actions] == ([ActionKind.CLOSE] if closes else [])


def test_without_a_composite_nothing_is_given_up() -> None:
    held = PositionState("t-1", "buy", 1.0, 100.0, 60.0, 0.0)
    assert _plugin().on_tick(MarketState(0, 99.0, 100.0, 98.0, (held,))) == []
