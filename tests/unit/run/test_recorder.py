"""The recorder keeps scores apart by kind and counts what became of decisions."""

from math import isnan
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.messages import DecisionRecord, Verdict, decision_record
from sagetrade_nautilus.model.readings import Component
from sagetrade_nautilus.model.selection import FULL
from sagetrade_nautilus.run.recorder import Recorder
from tests.support.engine import BTC
from tests.support.signals import signal, wish

DECISION = wish()


def _record(verdict: Verdict, why: str, trade_id: str | None = None) -> DecisionRecord:
    return decision_record(
        "s", DECISION, signal(0.5, 100.0), ts=1, verdict=verdict, why=why, cost_bps=22.0, grant=FULL, trade_id=trade_id
    )


def _after(*records: DecisionRecord) -> list[tuple[str, str, int]]:
    recorder = Recorder([BTC])
    for record in records:
        recorder.hear(record)
    return [(count.verdict, count.reason, count.count) for count in recorder.decisions()]


def test_decisions_are_counted_by_fate_and_reason() -> None:
    edge = _record(Verdict.REFUSED_EDGE, "too small")
    assert _after(edge, edge, _record(Verdict.TAKEN, "fine", "s-1")) == [
        ("refused_edge", "too small", 2),
        ("taken", "fine", 1),
    ]


def test_a_taken_decision_that_the_guard_denies_counts_as_denied_alone() -> None:
    taken = _record(Verdict.TAKEN, "fine", "s-1")
    denied = msgspec.structs.replace(taken, verdict=Verdict.DENIED_BY_GUARD, why="max_open_trades: 5 against 4")
    assert _after(taken, denied) == [("denied_by_guard", "max_open_trades", 1)]


@pytest.mark.parametrize(
    ("components", "quant", "text"),
    [
        ((Component("a", "quant", 0.0, 0.5, 0.85),), 0.5, None),
        ((Component("a", "quant", 0.0, 0.5, 0.5), Component("t", "text", 0.0, -1.0, 0.1)), 0.5, -1.0),
        ((), 0.0, None),
    ],
)
def test_a_silent_text_is_no_score_and_a_silent_price_is_neutral(
    components: Any, quant: float, text: float | None
) -> None:
    recorder = Recorder([BTC])
    recorder.on_data(signal(0.1, 100.0, components=components))
    series = recorder.signals()[0]
    assert series.components["quant"][0] == pytest.approx(quant)
    if text is None:
        assert isnan(series.components["text"][0])
    else:
        assert series.components["text"][0] == pytest.approx(text)


def test_an_instrument_without_signals_has_empty_columns() -> None:
    series = Recorder([BTC]).signals()[0]
    assert series.ts.size == series.composite.size == series.components["text"].size == 0
