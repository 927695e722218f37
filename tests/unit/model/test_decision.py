"""A decision is sound or says what is wrong with it."""

from math import inf, nan
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.model.decision import Decision

GOOD = Decision(
    side="buy",
    size_pct=10.0,
    tp=105.0,
    sl=95.0,
    target_duration=600.0,
    expected_edge_bps=30.0,
    reason="because",
    signal_ids=("s1",),
)


def _with(**changes: Any) -> Decision:
    return msgspec.structs.replace(GOOD, **changes)


def test_a_sound_decision_has_no_fault() -> None:
    assert GOOD.fault(100.0) is None
    assert _with(side="sell", tp=95.0, sl=105.0, order_type="limit").fault(100.0) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"side": "hold"},
        {"order_type": "stop"},
        {"size_pct": 0.0},
        {"size_pct": 101.0},
        {"size_pct": nan},
        {"size_pct": "10"},
        {"size_pct": True},
        {"tp": inf},
        {"tp": 99.0},
        {"sl": 101.0},
        {"sl": -1.0},
        {"side": "sell"},
        {"target_duration": 0.0},
        {"expected_edge_bps": nan},
        {"reason": "  "},
        {"reason": "x" * 401},
        {"signal_ids": ()},
        {"signal_ids": ["s1"]},
    ],
)
def test_every_kind_of_nonsense_is_named(changes: dict[str, Any]) -> None:
    fault = _with(**changes).fault(100.0)
    assert fault is not None
    field = next(iter(changes))
    assert field in fault or changes == {"side": "sell"}
