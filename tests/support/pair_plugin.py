"""A plugin of two markets whose answers the test gives, in a real engine of both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nautilus_trader.model.enums import OrderStatus

from sagetrade_nautilus.config import SizingConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision, MarketState, PositionAction
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig
from tests.support.engine import BTC, MINUTE, START, bars, engine
from tests.support.signals import SignalFeed

ETH = "ETHUSDT.BINANCE"
BAR = 5 * MINUTE


def buy(signal: CompositeSignal, **changes: Any) -> Decision:
    fields: dict[str, Any] = {
        "side": "buy",
        "size_pct": 10.0,
        "tp": signal.price * 1.05,
        "sl": signal.price * 0.95,
        "target_duration": 36_000.0,
        "expected_edge_bps": 50.0,
        "reason": "a test",
        "signal_ids": (signal.signal_id,),
    }
    return Decision(**{**fields, **changes})


class Pair(SageStrategy[SageStrategyConfig]):
    """Buys at each signal, remembers what it hears, and manages as the test says."""

    answer: Callable[[CompositeSignal], Any] = staticmethod(buy)
    manage: Callable[[MarketState], list[PositionAction]] = staticmethod(lambda state: [])

    def initialize(self, config: SageStrategyConfig) -> None:
        self.heard: list[tuple[str, int, str]] = []
        self.seen: list[MarketState] = []

    def on_new_signal(self, signal: CompositeSignal) -> Decision | list[Decision] | None:
        self.heard.append(("signal", (signal.ts_init - START) // BAR, signal.instrument_id.value))
        return self.answer(signal)

    def on_market(self, market_state: MarketState) -> None:
        self.heard.append(("market", (market_state.ts - START) // BAR, market_state.instrument_id))
        self.seen.append(market_state)

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        return self.manage(market_state)


def config(**changes: Any) -> SageStrategyConfig:
    fields: dict[str, Any] = {
        "order_id_tag": "001",
        "oms_type": "HEDGING",
        "label": "p",
        "instruments": [BTC, ETH],
        "round_trip_bps": 22.0,
        "sizing": SizingConfig(max_trade_risk_pct=100.0),
    }
    return SageStrategyConfig(**{**fields, **changes})


def play(
    folder: Path,
    plugin: SageStrategy[SageStrategyConfig],
    *,
    signals: dict[str, dict[int, float]] | None = None,
    prepare: Callable[[Any], None] = lambda made: None,
    **given: Any,
) -> list[tuple[str, str]]:
    """Run ten bars of both markets; return the instruments and roles of the orders that were filled."""
    made = engine(folder, instruments=[BTC, ETH], **given)
    made.add_data([*bars([40_000.0] * 10), *bars([3_000.0] * 10, ETH)])
    for name, scores in ({BTC: {2: 0.8}} if signals is None else signals).items():
        made.add_actor(SignalFeed(scores, name))
    made.add_strategy(plugin)
    prepare(made)
    made.run()
    found = [
        (order.instrument_id.value, order.tags[1].split(":")[0])
        for order in made.cache.orders()
        if order.status == OrderStatus.FILLED
    ]
    made.dispose()
    return found
