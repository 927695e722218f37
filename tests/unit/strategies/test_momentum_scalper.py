"""The momentum scalper follows strong moves in trending markets."""

import pytest

from sagetrade_nautilus.model.readings import Component, Regime
from strategies.momentum_scalper import MomentumScalper, MomentumScalperConfig
from tests.support.signals import signal

TREND = Regime.HIGH_VOL_TRENDING


def _ask(move: float, regime: Regime = TREND, name: str = "return_3"):  # type: ignore[no-untyped-def]
    config = MomentumScalperConfig()
    plugin = MomentumScalper(config)
    plugin.initialize(config)
    parts = (Component(name, "quant", move, 0.0, 1.0),)
    return plugin.on_new_signal(signal(0.1, 100.0, regime=regime, components=parts))


@pytest.mark.parametrize(("move", "side"), [(3.0, "buy"), (-3.0, "sell")])
def test_it_goes_with_the_move(move: float, side: str) -> None:
    decision = _ask(move)
    assert decision.side == side
    assert decision.fault(100.0) is None


@pytest.mark.parametrize(
    ("move", "regime"), [(2.4, TREND), (-2.4, TREND), (3.0, Regime.HIGH_VOL_RANGING), (3.0, Regime.LOW_VOL_RANGING)]
)
def test_a_weak_move_or_a_ranging_market_is_left_alone(move: float, regime: Regime) -> None:
    assert _ask(move, regime) is None


def test_without_its_component_it_does_nothing() -> None:
    assert _ask(5.0, name="rsi_14") is None
