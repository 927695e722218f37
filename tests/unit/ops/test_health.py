"""Live, started, ready: each says no for its own reasons, and says which."""

from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.ops import health
from sagetrade_nautilus.overview import ClientStatus, LastPrice, Overview
from tests.support.node_views import WELL

replace = msgspec.structs.replace


def failed(seen: Overview, lag_s: float = 0.0) -> list[str]:
    return [check.name for check in health.ready(seen, lag_s, 1.0) if not check.ok]


def guard(**changes: Any) -> Overview:
    return replace(WELL, guard=replace(WELL.guard, **changes))


@pytest.mark.parametrize(
    ("seen", "lag_s", "expected"),
    [
        (WELL, 0.0, []),
        (WELL, 1.5, ["event_loop"]),
        (replace(WELL, node=replace(WELL.node, stopping=True)), 0.0, ["staying"]),
        (replace(WELL, node=replace(WELL.node, clients=(ClientStatus("data BINANCE", False),))), 0.0, ["connected"]),
        (guard(reduce_only=("ETHUSDT.BINANCE",)), 0.0, ["reconciled"]),
        (guard(equity=None), 0.0, ["equity"]),
        (guard(state="no_entries", reason="kill_switch: a test"), 0.0, ["switches"]),
        (replace(WELL, prices=(LastPrice(instrument_id="X", price=1.0, age_s=900.5),)), 0.0, ["feed"]),
        (replace(WELL, prices=(LastPrice(instrument_id="X", price=None, age_s=None),)), 0.0, ["feed"]),
        (replace(WELL, prices=()), 0.0, ["feed"]),
    ],
)
def test_a_node_is_ready_only_if_an_entry_could_leave(seen: Overview, lag_s: float, expected: list[str]) -> None:
    assert failed(seen, lag_s) == expected


def test_the_reason_is_said() -> None:
    checks = {
        check.name: check.says for check in health.ready(guard(state="halted", reason="kill_switch: x"), 0.0, 1.0)
    }
    assert checks["switches"] == "kill_switch: x"


def test_a_halted_node_lives_and_has_started() -> None:
    halted = guard(state="halted")
    assert health.all_ok(health.live(0.1, 1.0))
    assert health.all_ok(health.startup(halted))
    assert not health.all_ok(health.live(1.1, 1.0))
