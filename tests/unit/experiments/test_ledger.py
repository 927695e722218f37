"""The ledger counts every evaluation once, and says when somebody has taken one out."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.ledger import FILE, MEASURED, Trial, TrialLedger


def _trial(key: str, kind: str = "search") -> Trial:
    return Trial(key=key, experiment="exp-20261126-001", kind=kind, config_digest="c", code="t", data="d", at="now")


def test_what_is_evaluated_again_is_the_same_trial(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)
    assert ledger.count() == 0
    assert ledger.record(_trial("a"), _trial("b"), _trial("a", "candidate")) == 2
    assert TrialLedger(tmp_path).record(_trial("a"), _trial("c")) == 3
    assert [trial.key for trial in ledger.trials()] == ["a", "b", "c"]


def test_many_at_once_lose_none(tmp_path: Path) -> None:
    def record(number: int) -> None:
        TrialLedger(tmp_path).record(_trial(f"k{number}"), _trial(f"k{number + 1}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record, range(20)))
    assert TrialLedger(tmp_path).count() == 21


@pytest.mark.parametrize("change", ["edit", "cut", "gone"])
def test_a_ledger_that_was_altered_stops_every_evaluation(tmp_path: Path, change: str) -> None:
    ledger = TrialLedger(tmp_path)
    ledger.record(_trial("a"), _trial("b"))
    path = tmp_path / FILE
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "edit":
        path.write_bytes(lines[0].replace(b"search", b"stress") + lines[1])
    elif change == "cut":
        path.write_bytes(lines[0])
    else:
        path.unlink()
    with pytest.raises(ExperimentError, match=r"ledger\.jsonl"):
        ledger.record(_trial("c"))


def test_a_line_that_a_crash_cut_short_is_dropped(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)
    ledger.record(_trial("a"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"key":"hal')
    assert ledger.record(_trial("b")) == 2
    assert [trial.key for trial in ledger.trials()] == ["a", "b"]


def test_a_ledger_that_was_taken_away_whole_is_missed_by_what_was_measured(tmp_path: Path) -> None:
    ledger = TrialLedger(tmp_path)
    ledger.record(_trial("a"), _trial("b"))
    measured = tmp_path / "exp-20261126-001" / MEASURED
    measured.mkdir(parents=True)
    (measured / "a.json").write_text("{}")
    assert ledger.count() == 2  # a run that was broken off is counted and has left nothing
    for path in tmp_path.glob("ledger.*"):
        path.unlink()
    for ask in (ledger.count, lambda: ledger.record(_trial("c"))):
        with pytest.raises(ExperimentError, match=r"ledger.jsonl: it lacks a, which exp-20261126-001 has measured"):
            ask()
