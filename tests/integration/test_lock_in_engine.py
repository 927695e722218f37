"""A halt locks a SageStrategy: it decides nothing, cancels no stop, and takes up its work when it is released."""

from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.enums import OrderStatus

from sagetrade_nautilus.guard.switch.state import State
from tests.support.engine import MINUTE, START
from tests.support.plugin import FLAT, Outcome, decision, play

BAR = 5 * MINUTE
EVERY_BAR = dict.fromkeys(range(2, 50), 0.8)


def _halt(folder: Path, at_bar: int, until_bar: int | None, **options: Any) -> tuple[Outcome, Any]:
    """Play with a halt from half a bar after `at_bar` until half a bar after `until_bar`."""

    def prepare(made: Any, plugin: Any) -> None:
        response, clock = made.kernel._controller._response, made.kernel.clock

        def at(bar: int, state: State) -> None:
            clock.set_time_alert_ns(
                f"{state}", START + bar * BAR + BAR // 2, lambda event: response.apply(state, flatten=False, reason="x")
            )

        at(at_bar, State.HALTED)
        if until_bar is not None:
            at(until_bar, State.RUNNING)

    return play(folder, prepare=prepare, **options)


def test_a_locked_strategy_is_asked_for_nothing_until_it_is_released(tmp_path: Path) -> None:
    _, plugin = _halt(tmp_path, 5, 10, answer=lambda signal: None, scores=EVERY_BAR, closes=FLAT[:15])
    assert plugin.asked == (5 - 1) + (15 - 10)


def test_a_locked_strategy_manages_nothing(tmp_path: Path) -> None:
    _, plugin = _halt(tmp_path, 5, 8, manage=lambda state: [], closes=FLAT[:12])
    assert [(state.ts - START) // BAR for state in plugin.states] == [3, 4, 5, 9, 10, 11, 12]


def test_a_halt_leaves_the_stop_where_it_is_when_the_trades_time_is_over(tmp_path: Path) -> None:
    outcome, _ = _halt(tmp_path, 5, None)
    states = {row[0]: row[3] for row in outcome.orders}
    assert "time_exit" not in states
    assert (states["stop_loss"], states["take_profit"]) == (OrderStatus.ACCEPTED, OrderStatus.ACCEPTED)
    assert outcome.open == [pytest.approx(0.25)]


def test_what_came_due_meanwhile_is_closed_at_the_release(tmp_path: Path) -> None:
    outcome, _ = _halt(tmp_path, 5, 30)
    assert outcome.filled() == ["entry", "time_exit"]
    assert outcome.open == []
    closed_at = next(row[5] for row in outcome.orders if row[0] == "time_exit")
    assert START + 30 * BAR < closed_at <= START + 31 * BAR


def test_a_stop_that_is_reached_during_a_halt_ends_the_trade(tmp_path: Path) -> None:
    outcome, _ = _halt(tmp_path, 5, None, closes=FLAT[:8] + [39_000.0] * 6)
    assert outcome.filled() == ["entry", "stop_loss"]


def test_a_strategy_takes_up_again_after_a_flatten(tmp_path: Path) -> None:
    def prepare(made: Any, plugin: Any) -> None:
        response = made.kernel._controller._response
        for bar, state in ((5, State.HALTED), (8, State.RUNNING)):
            made.kernel.clock.set_time_alert_ns(
                f"{state}",
                START + bar * BAR + BAR // 2,
                lambda event, state=state: response.apply(state, flatten=state is State.HALTED, reason="x"),
            )

    outcome, _ = play(tmp_path, decision, scores=EVERY_BAR, closes=FLAT[:14], prepare=prepare)
    assert sorted(outcome.filled()) == ["entry", "entry", "flatten"]
    assert outcome.open == [pytest.approx(0.25, rel=0.01)]
