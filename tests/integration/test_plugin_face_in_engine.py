"""What a plugin is told, what it may do, and what it may not touch, in a real engine."""

from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig

from sagetrade_nautilus.data import TextSignal, text_signal_type
from sagetrade_nautilus.errors import PluginError
from sagetrade_nautilus.messages import TRADING_STATE_TOPIC, TradingState
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig
from tests.support.engine import BTC, MINUTE, START
from tests.support.pair_plugin import BAR, ETH, Pair, config, play


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


def test_what_is_called_with_too_few_arguments_is_told_without_a_line_of_the_frameworks_own(tmp_path: Path) -> None:
    plugin = type("Short", (Pair,), {"on_new_signal": lambda self: None})(config())
    with pytest.raises(PluginError, match=r"strategy 'p' at 20\d\d-\S+ \d\d:\d\d UTC: .*were given\Z"):
        play(tmp_path, plugin)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_plugin_that_would_end_the_process_is_an_error_like_any_other(tmp_path: Path, hook: str) -> None:
    with pytest.raises(PluginError, match=r"raised SystemExit\(3\) .* a plugin does not end the run"):
        play(tmp_path, ending(hook, SystemExit(3)))


@pytest.mark.parametrize("asked", [KeyboardInterrupt, type("Stopped", (SystemExit,), {})])
def test_a_person_who_ends_the_run_while_a_plugin_works_is_heeded(tmp_path: Path, asked: type[BaseException]) -> None:
    with pytest.raises(asked):
        play(tmp_path, ending("on_new_signal", asked(130)))


@pytest.mark.parametrize("name", ["on_bar", "_manage", "_enter", "on_start", "on_order_denied"])
def test_a_plugin_that_defines_what_is_the_shells_is_refused_and_told_what_it_may(name: str) -> None:
    with pytest.raises(PluginError, match=f"Bold defines {name}, .*overrides initialize, on_market"):
        type("Bold", (SageStrategy,), {name: lambda self, *given: None})


@pytest.mark.parametrize("name", ["on_ticks", "on_new_singal", "on_close", "initialise", "intialize"])
def test_a_method_that_looks_like_one_that_is_called_and_never_would_be_is_refused(name: str) -> None:
    with pytest.raises(PluginError, match=f"Hopeful defines {name}, which nobody calls: a plugin overrides initialize"):
        type("Hopeful", (SageStrategy,), {name: lambda self, *given: None})


@pytest.mark.parametrize("name", ["_on_new_signals", "entry_signal", "initialized"])
def test_a_helper_of_another_name_is_the_plugins_own(name: str) -> None:
    assert type("Plain", (SageStrategy,), {name: property(lambda self: None)})


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
