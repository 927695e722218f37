"""What a language model might answer: a plugin that buys deep dips, once with a fault and then without."""

import json
from typing import Any

STRATEGY = '''"""Deep dips: buys only what is stretched far, and waits."""

from math import sqrt

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig


class DeepDipsConfig(SageStrategyConfig, frozen=True, kw_only=True):
    min_score: float = 0.7
    hold_minutes: float = 120.0


class DeepDips(SageStrategy[DeepDipsConfig]):
    def initialize(self, config: DeepDipsConfig) -> None:
        self._settings = config

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        if signal.score < self._settings.min_score:
            return None
        sigma = signal.volatility * sqrt(self._settings.hold_minutes / 60.0)
        return Decision(
            side="buy",
            size_pct=10.0,
            tp=signal.price * (1.0 + sigma),
            sl=signal.price * (1.0 - 1.5 * sigma),
            target_duration=self._settings.hold_minutes * 60.0,
            expected_edge_bps=0.3 * sigma * 10_000.0,
            reason="a deep dip",
            signal_ids=(signal.signal_id,),
        )
'''
TEST = '''"""Deep dips buys what is stretched far, and nothing else."""

from strategies.deep_dips import DeepDips, DeepDipsConfig
from tests.support.signals import signal


def test_it_buys_a_deep_dip_alone() -> None:
    config = DeepDipsConfig()
    plugin = DeepDips(config)
    plugin.initialize(config)
    assert plugin.on_new_signal(signal(0.8, 100.0)) is not None
    assert plugin.on_new_signal(signal(0.6, 100.0)) is None
'''


class Model:
    """Answers first with a plugin that reads the environment, then with the plugin, then with other settings."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, body: dict[str, Any]) -> str:
        self.count += 1
        source = STRATEGY if self.count > 1 else STRATEGY.replace("from math", "import os\nfrom math", 1)
        return json.dumps(
            {
                "title": "Buy deep dips only",
                "rationale": "A deep dip reverts more often than a shallow one.",
                "plugin": "deep_dips",
                "strategy_source": source,
                "test_source": TEST,
                "params": [{"name": "min_score", "value": 0.6 if self.count == 2 else 0.55}],
                "changes": [{"path": "strategies.mean_reversion_scalper.enabled", "value": False}],
            }
        )
