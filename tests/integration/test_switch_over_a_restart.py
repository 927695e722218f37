"""Who switched a strategy off by hand finds it off after a restart, until the configuration changes."""

from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import ActorConfig

from sagetrade_nautilus.execution.memory import OrderMemory, OrderMemoryConfig
from sagetrade_nautilus.execution.switches import memo_name
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import StateRecord
from sagetrade_nautilus.messages import CONTROL_TOPIC, MEMORY_TOPIC, Memo, StrategySwitch
from tests.support.engine import bars, engine
from tests.support.plugin import Plugin, config, decision


class Person(Actor):
    """Says something at the first bar."""

    def __init__(self, command: object, topic: str) -> None:
        super().__init__(ActorConfig(component_id="person"))
        self._command = command
        self._topic = topic

    def on_start(self) -> None:
        self.msgbus.subscribe("data.bars.*", self._hear)

    def _hear(self, bar: Any) -> None:
        if self._command is not None:
            self.msgbus.publish(self._topic, self._command)
        self._command = None


def live(
    folder: Path, command: object = None, topic: str = CONTROL_TOPIC, *, enabled: bool = True
) -> tuple[bool, list[StateRecord]]:
    """Live once in `folder`; return whether the strategy was enabled at first, and what was journaled of it."""
    made = engine(folder)
    made.add_actor(OrderMemory(OrderMemoryConfig(path=str(folder / "orders.sqlite"))))
    seen: list[bool] = []

    class Watched(Plugin):
        pass

    def on_start(self: Watched) -> None:
        Plugin.on_start(self)
        seen.append(self.is_enabled)

    Watched.on_start = on_start  # type: ignore[method-assign]  # which a plugin's own class may not define
    made.add_strategy(Watched(config(enabled=enabled), decision))
    made.add_actor(Person(command, topic))
    made.add_data(bars([40_000.0] * 5))
    before = len(list(read(folder / "decisions.jsonl")))
    made.run()
    made.dispose()
    lines = list(read(folder / "decisions.jsonl"))[before:]
    return seen[0], [line for line in lines if isinstance(line, StateRecord) and line.subject == "strategy:p"]


def test_off_stays_off_and_is_journaled_with_the_person(tmp_path: Path) -> None:
    first = live(tmp_path, StrategySwitch("p", False, "telegram:7"))
    assert first[0] is True
    assert [(line.state, line.by) for line in first[1]] == [("disabled", "telegram:7")]
    enabled, journaled = live(tmp_path)
    assert enabled is False
    assert [(line.state, line.by) for line in journaled] == [("still disabled", "telegram:7")]


def test_on_stays_on(tmp_path: Path) -> None:
    live(tmp_path, StrategySwitch("p", True, "telegram:7"), enabled=False)
    assert live(tmp_path, enabled=False)[0] is True


def test_the_last_word_counts(tmp_path: Path) -> None:
    live(tmp_path, StrategySwitch("p", False, "telegram:7"))
    live(tmp_path, StrategySwitch("p", True, "telegram:7"))
    assert live(tmp_path) == (True, [])


@pytest.mark.parametrize("configured", [True, False])
def test_a_configuration_that_changed_meanwhile_has_the_last_word(tmp_path: Path, configured: bool) -> None:
    live(tmp_path, StrategySwitch("p", configured, "telegram:7"), enabled=not configured)
    assert live(tmp_path, enabled=configured)[0] is configured


def test_another_strategys_switch_is_nothing_to_it(tmp_path: Path) -> None:
    live(tmp_path, StrategySwitch("q", False, "telegram:7"))
    assert live(tmp_path)[0] is True


def test_a_memory_that_cannot_be_read_any_more_switches_it_off(tmp_path: Path) -> None:
    plugin = Plugin(config(), decision)
    live(tmp_path, Memo(memo_name(plugin), b"nonsense"), MEMORY_TOPIC)
    assert live(tmp_path)[0] is False
