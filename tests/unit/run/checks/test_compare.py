"""Two runs are the same to the byte, or the first step at which they part is named."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.run.checks.compare import compare
from sagetrade_nautilus.run.files import JOURNAL, SIGNALS

SIGNAL = {"type": "QuantSignal", "instrument_id": "BTCUSDT.BINANCE", "ts_event": 1, "ts_init": 1, "score": 0.25}
DECISION = {"type": "decision", "ts": 5, "strategy": "s", "instrument_id": "BTCUSDT.BINANCE", "verdict": "taken"}
ORDER = {"type": "order", "ts": 6, "event": "filled", "client_order_id": "O-1", "last_px": 100.0}


def _run(folder: Path, signals: list[dict[str, Any]], journal: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    (folder / SIGNALS).write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in signals))
    chained = [{"type": "run", "ts": 0, "name": folder.name}, *journal]
    (folder / JOURNAL).write_bytes(
        b"".join(
            msgspec.json.encode({**row, "seq": number, "prev": folder.name, "hash": folder.name}) + b"\n"
            for number, row in enumerate(chained)
        )
    )
    return folder


def _at(row: dict[str, Any], ts: int, **changes: Any) -> dict[str, Any]:
    return {**row, **{name: ts for name in ("ts", "ts_init") if name in row}, **changes}


def test_runs_that_differ_only_in_their_name_and_chain_are_the_same(tmp_path: Path) -> None:
    runs = [_run(tmp_path / name, [SIGNAL], [DECISION, ORDER]) for name in ("a", "b")]
    found = compare(*runs)
    assert found.first_difference is None
    assert found.same == {"signal": 1, "decision": 1, "order": 1, "denial": 0, "state": 0}


@pytest.mark.parametrize(
    ("signal", "journal", "kind", "field", "values"),
    [
        ({"score": 0.25000000000000006}, [DECISION, ORDER], "signal", "score", (0.25, 0.25000000000000006)),
        ({}, [{**DECISION, "verdict": "refused_edge"}, ORDER], "decision", "verdict", ("taken", "refused_edge")),
        ({}, [DECISION, {**ORDER, "last_px": 101.0}], "order", "last_px", (100.0, 101.0)),
        ({}, [DECISION, {**ORDER, "reason": "r"}], "order", "reason", ("nothing", "r")),
        ({}, [DECISION], "order", "step", ("order filled O-1", "nothing")),
        ({}, [DECISION, _at(ORDER, 7)], "order", "step", ("order filled O-1", "nothing")),
    ],
)
def test_the_first_field_that_differs_is_named_with_both_values(
    tmp_path: Path,
    signal: dict[str, Any],
    journal: list[dict[str, Any]],
    kind: str,
    field: str,
    values: tuple[Any, Any],
) -> None:
    first = _run(tmp_path / "a", [SIGNAL], [DECISION, ORDER])
    second = _run(tmp_path / "b", [{**SIGNAL, **signal}], journal)
    found = compare(first, second).first_difference
    assert found is not None
    assert (found.kind, found.field, (found.first, found.second)) == (kind, field, values)


def test_the_earliest_difference_of_all_kinds_comes_first(tmp_path: Path) -> None:
    first = _run(tmp_path / "a", [SIGNAL, _at(SIGNAL, 9)], [DECISION, ORDER])
    second = _run(tmp_path / "b", [SIGNAL, _at(SIGNAL, 9, score=0.0)], [DECISION, {**ORDER, "last_px": 1.0}])
    found = compare(first, second)
    assert [one.kind for one in found.differences] == ["signal", "order"]
    assert found.first_difference == found.differences[1]
    assert found.same["signal"] == 1


def test_what_comes_after_the_end_of_the_comparison_does_not_matter(tmp_path: Path) -> None:
    first = _run(tmp_path / "a", [SIGNAL, _at(SIGNAL, 4)], [DECISION, ORDER])
    second = _run(tmp_path / "b", [SIGNAL, _at(SIGNAL, 4)], [DECISION, {**ORDER, "last_px": 1.0}])
    assert compare(first, second, until_ns=5).first_difference is None
    assert compare(first, second, until_ns=6).first_difference is not None
