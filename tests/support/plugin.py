"""A plugin whose answers the test gives, in a real engine, and what a run of it left behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nautilus_trader.backtest.models import FillModel
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.enums import OrderStatus

from sagetrade_nautilus.config import LimitConfig, SizingConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.decision import Decision, MarketState, PositionAction
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig
from tests.support.engine import BTC, bars, engine
from tests.support.signals import SignalFeed

FLAT = [40_000.0] * 60


def decision(signal: CompositeSignal, **changes: Any) -> Decision:
    up = 1 if signal.score > 0 else -1
    fields: dict[str, Any] = {
        "side": "buy" if up > 0 else "sell",
        "size_pct": 10.0,
        "tp": signal.price * (1 + up * 0.02),
        "sl": signal.price * (1 - up * 0.01),
        "target_duration": 3600.0,
        "expected_edge_bps": 50.0,
        "reason": "a test",
        "signal_ids": (signal.signal_id,),
    }
    return Decision(**{**fields, **changes})


class Plugin(SageStrategy):
    """A plugin whose answers the test gives."""

    def __init__(self, config: SageStrategyConfig, answer: Callable[[CompositeSignal], Any]) -> None:
        super().__init__(config)
        self.answer = answer
        self.asked = 0

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        self.asked += 1
        return self.answer(signal)  # type: ignore[no-any-return]


class Manager(Plugin):
    """A plugin that also manages."""

    def __init__(self, config: SageStrategyConfig, answer: Any, manage: Callable[[MarketState], Any]) -> None:
        super().__init__(config, answer)
        self.manage = manage
        self.states: list[MarketState] = []

    def on_tick(self, market_state: MarketState) -> list[PositionAction]:
        self.states.append(market_state)
        return self.manage(market_state)  # type: ignore[no-any-return]


class At(Actor):
    """Does something at a moment."""

    def __init__(self, ts: int, deed: Callable[[], object]) -> None:
        super().__init__(ActorConfig(component_id="at"))
        self.ts, self.deed = ts, deed

    def on_start(self) -> None:
        self.clock.set_time_alert_ns("at", self.ts, lambda event: self.deed())


class Outcome:
    """What a run left behind, as plain values."""

    def __init__(self, made: Any, folder: Path) -> None:
        self.orders = [
            (order.tags[1].split(":")[0], order.side, order.order_type, order.status, order.avg_px, order.ts_last)
            for order in made.cache.orders()
        ]
        self.open = [position.signed_qty for position in made.cache.positions_open()]
        self.closed = len(made.cache.positions_closed())
        made.dispose()
        self.records = [line for line in read(folder / "decisions.jsonl") if isinstance(line, DecisionRecord)]

    @property
    def verdicts(self) -> list[Verdict]:
        return [record.verdict for record in self.records]

    def filled(self) -> list[str]:
        return [role for role, _, _, status, _, _ in self.orders if status == OrderStatus.FILLED]


def config(**changes: Any) -> SageStrategyConfig:
    fields: dict[str, Any] = {
        "order_id_tag": "001",
        "oms_type": "HEDGING",
        "label": "p",
        "instruments": [BTC],
        "round_trip_bps": 22.0,
        "sizing": SizingConfig(max_trade_risk_pct=100.0),
    }
    return SageStrategyConfig(**{**fields, **changes})


def play(
    folder: Path,
    answer: Callable[[CompositeSignal], Any] = decision,
    *,
    closes: list[float] = FLAT,
    scores: dict[int, float] | None = None,
    manage: Callable[[MarketState], Any] | None = None,
    limits: LimitConfig | None = None,
    fill_model: FillModel | None = None,
    prepare: Callable[[Any, Any], None] = lambda made, plugin: None,
    **changes: Any,
) -> tuple[Outcome, Any]:
    made = engine(folder, limits=limits, fill_model=fill_model)
    made.add_data(bars(closes))
    made.add_actor(SignalFeed(scores or {2: 0.8}))
    settings = config(**changes)
    plugin = Plugin(settings, answer) if manage is None else Manager(settings, answer, manage)
    made.add_strategy(plugin)
    prepare(made, plugin)
    made.run()
    return Outcome(made, folder), plugin
