"""What a plugin is told, what it may do, and what it may not touch, in a real engine."""

from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.enums import OrderStatus

from sagetrade_nautilus.config import SizingConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.errors import PluginError
from sagetrade_nautilus.messages import TRADING_STATE_TOPIC, TradingState
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig
from tests.support.engine import BTC, MINUTE, START, bars, engine
from tests.support.signals import SignalFeed

ETH = "ETHUSDT.BINANCE"
BAR = 5 * MINUTE


def buy(signal: CompositeSignal) -> Decision:
    return Decision(
        side="buy",
        size_pct=10.0,
        tp=signal.price * 1.05,
        sl=signal.price * 0.95,
        target_duration=36_000.0,
        expected_edge_bps=50.0,
        reason="a test",
        signal_ids=(signal.signal_id,),
    )


class Pair(SageStrategy[SageStrategyConfig]):
    """Buys at each signal, remembers what it hears, and manages as the test says."""

    manage: Callable[[MarketState], list[PositionAction]] = staticmethod(lambda state: [])

    def initialize(self, config: SageStrategyConfig) -> None:
        self.heard: list[tuple[str, int, str]] = []
        self.seen: list[MarketState] = []

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        self.heard.append(("signal", (signal.ts_init - START) // BAR, signal.instrument_id.value))
        return buy(signal)

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
) -> list[tuple[str, str]]:
    """Run ten bars of both markets; return the instruments and roles of the orders that were filled."""
    made = engine(folder, instruments=[BTC, ETH])
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


def closing(state: MarketState) -> list[PositionAction]:
    """Close everything, here and elsewhere, once both legs are held."""
    held = (*state.positions, *state.elsewhere)
    if len(held) < 2:
        return []
    return [PositionAction(trade_id=leg.trade_id, kind=ActionKind.CLOSE, reason="together") for leg in held]


def test_on_market_hears_every_bar_of_every_instrument_whatever_is_held(tmp_path: Path) -> None:
    plugin = Pair(config())
    play(tmp_path, plugin)
    for name in (BTC, ETH):
        assert [bar for kind, bar, about in plugin.heard if (kind, about) == ("market", name)] == [*range(1, 11)]


def test_a_bar_is_heard_after_its_own_signal(tmp_path: Path) -> None:
    plugin = Pair(config())
    play(tmp_path, plugin)
    of_btc = [(kind, bar) for kind, bar, about in plugin.heard if about == BTC]
    assert of_btc.index(("signal", 2)) + 1 == of_btc.index(("market", 2))


class Halt(Actor):
    """Says at the third bar that trading is halted."""

    def on_start(self) -> None:
        self.clock.set_time_alert_ns("halt", START + 3 * BAR - MINUTE, lambda event: self._say())

    def _say(self) -> None:
        self.msgbus.publish(TRADING_STATE_TOPIC, TradingState(state="halted", locked=True, reason="a test"))


def test_what_is_disabled_goes_on_learning(tmp_path: Path) -> None:
    plugin = Pair(config(enabled=False))
    play(tmp_path, plugin)
    assert [kind for kind, _, _ in plugin.heard] == ["market"] * 20


def test_what_is_halted_goes_on_learning_and_manages_nothing(tmp_path: Path) -> None:
    managed: list[int] = []
    plugin = Pair(config())
    plugin.manage = lambda state: managed.append((state.ts - START) // BAR) or []  # type: ignore
    play(tmp_path, plugin, prepare=lambda made: made.add_actor(Halt(ActorConfig(component_id="halt"))))
    assert managed == []
    assert sum(kind == "market" for kind, _, _ in plugin.heard) == 20


def test_the_other_leg_is_seen_with_its_own_price_and_move(tmp_path: Path) -> None:
    plugin = Pair(config())
    play(tmp_path, plugin, signals={BTC: {2: 0.8}, ETH: {2: 0.8}})
    last = plugin.seen[-1]
    assert [held.instrument_id for held in last.positions] == [last.instrument_id]
    (other,) = last.elsewhere
    assert {last.instrument_id, other.instrument_id} == {BTC, ETH}
    assert other.price == {BTC: 40_000.0, ETH: 3_000.0}[other.instrument_id]
    assert abs(other.unrealized_bps) < 5.0
    assert not isnan(last.positions[0].price)


def test_both_legs_can_be_closed_together_from_one_bar(tmp_path: Path) -> None:
    plugin = Pair(config())
    plugin.manage = closing  # type: ignore[method-assign]
    found = play(tmp_path, plugin, signals={BTC: {2: 0.8}, ETH: {2: 0.8}})
    assert sorted(found) == [(BTC, "entry"), (BTC, "plugin"), (ETH, "entry"), (ETH, "plugin")]


def test_an_action_on_what_an_action_before_it_has_closed_is_no_fault(tmp_path: Path) -> None:
    plugin = Pair(config())
    plugin.manage = lambda state: 2 * closing(state)  # type: ignore[method-assign]
    assert len(play(tmp_path, plugin, signals={BTC: {2: 0.8}, ETH: {2: 0.8}})) == 4


@pytest.mark.parametrize("name", ["on_bar", "_checked", "_enter", "on_start", "on_order_denied"])
def test_a_plugin_that_defines_what_is_the_shells_is_refused_and_told_what_it_may(name: str) -> None:
    with pytest.raises(PluginError, match=f"Bold defines {name}, .*overrides initialize, on_market"):
        type("Bold", (SageStrategy,), {name: lambda self, *given: None})


@pytest.mark.parametrize("name", ["_trades", "_exits", "_orders", "_entries", "_guarded", "submit_order", "on_bar"])
def test_a_plugin_whose_state_takes_the_place_of_the_shells_does_not_start(tmp_path: Path, name: str) -> None:
    class Careless(Pair):
        def initialize(self, config: SageStrategyConfig) -> None:
            setattr(self, name, {})

    with pytest.raises(PluginError, match=f"initialize is not valid: it sets {name}, the framework's own"):
        play(tmp_path, Careless(config()))


def test_a_plugin_may_call_its_state_what_it_likes_otherwise(tmp_path: Path) -> None:
    class Careful(Pair):
        def initialize(self, config: SageStrategyConfig) -> None:
            super().initialize(config)
            self._range, self.settings, self._seen_texts = [1.0], config, set[str]()

    assert play(tmp_path, Careful(config()))
