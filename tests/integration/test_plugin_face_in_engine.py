"""What a plugin is told, what it may do, and what it may not touch, in a real engine."""

from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.enums import OrderStatus

from sagetrade_nautilus.config import LimitConfig, SizingConfig
from sagetrade_nautilus.data import CompositeSignal, TextSignal, text_signal_type
from sagetrade_nautilus.errors import PluginError
from sagetrade_nautilus.guard.journal import read
from sagetrade_nautilus.messages import TRADING_STATE_TOPIC, DecisionRecord, TradingState, Verdict
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
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


def pair(**of_btc: Any) -> Callable[[CompositeSignal], list[Decision]]:
    """Return an answer to a signal about ether that buys it and sells bitcoin; `of_btc` changes that leg."""
    fields = {"instrument_id": BTC, "side": "sell", "tp": 38_000.0, "sl": 42_000.0}
    return lambda signal: [buy(signal), buy(signal, **{**fields, **of_btc})]


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


class Wire(Actor):
    """Publishes a text about each of these entities, in the middle of the third bar."""

    entities = ("BTC", "ETH", "CRYPTO", "SOL")

    def on_start(self) -> None:
        self.clock.set_time_alert_ns("wire", START + 2 * BAR + MINUTE, lambda event: self._say())

    def _say(self) -> None:
        for entity in self.entities:
            said = {"sentiment": 0.5, "confidence": 0.9, "event": "hack", "impact_score": 0.7}
            where = {"entity": entity, "source": "Wire", "item_id": f"t-{entity}", "url": ""}
            signal = TextSignal(START, self.clock.timestamp_ns(), **said, **where)
            self.publish_data(text_signal_type(entity), signal)


def test_a_text_is_heard_for_each_instrument_that_it_is_about_when_it_may_be_used(tmp_path: Path) -> None:
    class Reader(Pair):
        def on_text(self, text: TextSignal, instrument_id: str) -> None:
            self.heard.append((f"text {text.event} {text.entity}", (text.ts_init - START) // BAR, instrument_id))

    plugin = Reader(config(entities={BTC: ["BTC", "CRYPTO"], ETH: ["ETH", "CRYPTO"]}))
    play(tmp_path, plugin, prepare=lambda made: made.add_actor(Wire(ActorConfig(component_id="wire"))))
    assert sorted(entry for entry in plugin.heard if entry[0].startswith("text")) == [
        ("text hack BTC", 2, BTC),
        ("text hack CRYPTO", 2, BTC),
        ("text hack CRYPTO", 2, ETH),
        ("text hack ETH", 2, ETH),
    ]


def test_a_plugin_that_raises_at_a_text_stops_the_run_and_is_named(tmp_path: Path) -> None:
    class Broken(Pair):
        def on_text(self, text: TextSignal, instrument_id: str) -> None:
            raise KeyError(text.event)

    plugin = Broken(config(entities={BTC: ["BTC"]}))
    with pytest.raises(PluginError, match="on_text raised KeyError: 'hack'"):
        play(tmp_path, plugin, prepare=lambda made: made.add_actor(Wire(ActorConfig(component_id="wire"))))


HOOKS = ["initialize", "on_new_signal", "on_market", "on_tick"]


def ending(hook: str, error: BaseException) -> Pair:
    """Return a plugin that raises `error` in one of its methods."""

    def end(self: Pair, *given: Any) -> None:
        raise error

    return type("Ending", (Pair,), {hook: end})(config())


@pytest.mark.parametrize("hook", HOOKS)
def test_what_a_plugin_raises_is_told_with_the_line_where_it_did(tmp_path: Path, hook: str) -> None:
    line = ending.__code__.co_firstlineno + 4
    with pytest.raises(PluginError, match=rf"end raised ValueError: x \(integration/\S+py:{line}\)"):
        play(tmp_path, ending(hook, ValueError("x")))


@pytest.mark.parametrize("hook", HOOKS)
def test_a_plugin_that_would_end_the_process_is_an_error_like_any_other(tmp_path: Path, hook: str) -> None:
    with pytest.raises(PluginError, match=r"raised SystemExit\(3\) .* a plugin does not end the run"):
        play(tmp_path, ending(hook, SystemExit(3)))


@pytest.mark.parametrize("asked", [KeyboardInterrupt, type("Stopped", (SystemExit,), {})])
def test_a_person_who_ends_the_run_while_a_plugin_works_is_heeded(tmp_path: Path, asked: type[BaseException]) -> None:
    with pytest.raises(asked):
        play(tmp_path, ending("on_new_signal", asked(130)))


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


BOTH = {BTC: {1: 0.1}, ETH: {3: 0.8}}
"""Bitcoin's signal, which the plugin lets go by, makes its price known; then ether's comes."""


def paired(answer: Callable[[CompositeSignal], Any]) -> Pair:
    """Return a plugin that answers ether's signals alone."""
    plugin = Pair(config())
    plugin.answer = lambda signal: None if signal.instrument_id.value == BTC else answer(signal)  # type: ignore
    return plugin


def records(folder: Path) -> list[DecisionRecord]:
    return [line for line in read(folder / "decisions.jsonl") if isinstance(line, DecisionRecord)]


def test_two_decisions_open_two_legs_at_once_each_at_its_own_price(tmp_path: Path) -> None:
    plugin = paired(pair())
    assert sorted(play(tmp_path, plugin, signals=BOTH)) == [(BTC, "entry"), (ETH, "entry")]
    taken = records(tmp_path)
    assert [(record.instrument_id, record.side, record.verdict) for record in taken] == [
        (ETH, "buy", Verdict.TAKEN),
        (BTC, "sell", Verdict.TAKEN),
    ]
    assert [record.price for record in taken] == [3_000.0, 40_000.0]
    assert len({record.ts for record in taken}) == 1


def test_a_leg_that_is_refused_refuses_the_other_and_the_journal_says_which(tmp_path: Path) -> None:
    assert play(tmp_path, paired(pair(expected_edge_bps=1.0)), signals=BOTH) == []
    of_eth, of_btc = records(tmp_path)
    assert (of_eth.verdict, of_btc.verdict) == (Verdict.REFUSED_EDGE, Verdict.REFUSED_EDGE)
    assert of_eth.why == f"{BTC}, which goes with it: {of_btc.why}"
    assert (of_eth.trade_id, of_eth.notional) == (None, 0.0)


def test_a_leg_where_a_position_is_held_refuses_both(tmp_path: Path) -> None:
    plugin = Pair(config())
    plugin.answer = lambda signal: buy(signal) if signal.instrument_id.value == BTC else pair()(signal)  # type: ignore
    assert play(tmp_path, plugin, signals=BOTH) == [(BTC, "entry")]
    assert [record.verdict for record in records(tmp_path)] == [Verdict.TAKEN, *[Verdict.REFUSED_SELECTOR] * 2]


@pytest.mark.parametrize("denied", [BTC, ETH])
@pytest.mark.parametrize("latency_ns", [0, 50_000_000])
def test_where_the_guard_denies_one_leg_the_other_does_not_stay(tmp_path: Path, denied: str, latency_ns: int) -> None:
    """Whichever is sent first: what was not sent is not sent, and what was is cancelled or closed."""
    made = LimitConfig(max_order_notional=5_000.0)
    small = {"size_pct": 2.0}
    plugin = paired(
        lambda signal: [
            buy(signal, **({} if denied == ETH else small)),
            *pair(**({} if denied == BTC else small))(signal)[1:],
        ]
    )
    found = play(tmp_path, plugin, signals=BOTH, limits=made, latency_ns=latency_ns)
    other = ETH if denied == BTC else BTC
    assert [row for row in found if row[0] == denied] == []
    assert found in ([], [(other, "entry"), (other, "leg_failed")])
    assert [record.verdict for record in records(tmp_path)].count(Verdict.DENIED_BY_GUARD) >= 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda signal: [buy(signal), "sell"], "a list of them, or None"),
        (lambda signal: [buy(signal), buy(signal)], "two decisions about ETHUSDT"),
        (pair(instrument_id="SOLUSDT.BINANCE"), "'SOLUSDT.BINANCE' is none of the strategy's"),
        (pair(sl=39_000.0), "needs sl and tp around the price"),
    ],
)
def test_nonsense_about_legs_stops_the_run_and_is_named(tmp_path: Path, answer: Any, said: str) -> None:
    with pytest.raises(PluginError, match=said):
        play(tmp_path, paired(answer), signals=BOTH)


def test_nothing_can_be_decided_about_what_had_no_signal(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="has had no signal yet"):
        play(tmp_path, paired(pair()), signals={ETH: {3: 0.8}})


def test_no_decision_at_all_in_a_list_is_none(tmp_path: Path) -> None:
    assert play(tmp_path, paired(lambda signal: []), signals=BOTH) == []


@pytest.mark.parametrize("name", ["on_bar", "_manage", "_enter", "on_start", "on_order_denied"])
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
