"""Experiments as their files tell: with evidence, without, and files that are not what they should be."""

import json
from pathlib import Path

import pytest

from sagetrade_nautilus.dashboard.experiments import FILE_BYTES_MAX, Experiment, ExperimentFiles, count_active, view
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.experiments.counts import by_state

REPORT = {
    "experiment_id": "exp-1",
    "hypothesis": "more",
    "baseline_metrics": {"sharpe": 0.8, "return": 0.12},
    "experiment_metrics": {"sharpe": 1.05, "drawdown": 0.09, "note": "text", "ok": True},
    "paper_simulation": {"allocated_capital_pct": 1, "duration_hours": 72},
    "something_new": 1,
}


def write(root: Path, name: str, report: bytes | None = None, state: object = None) -> None:
    (root / name / "artifacts").mkdir(parents=True)
    if report is not None:
        (root / name / "artifacts" / "experiment_report.json").write_bytes(report)
    if state is not None:
        (root / name / "experiment.json").write_text(json.dumps(state))


def found(root: Path) -> dict[str, Experiment]:
    return {experiment.id: experiment for experiment in ExperimentFiles(root).experiments()}


def test_an_experiment_is_shown_with_its_evidence(tmp_path: Path) -> None:
    write(tmp_path, "exp-1", json.dumps(REPORT).encode())
    shown = view(found(tmp_path)["exp-1"])
    assert (shown.status, shown.hypothesis) == ("evaluated", "more")
    assert [(row.name, row.baseline, row.experiment) for row in shown.metrics] == [
        ("sharpe", 0.8, 1.05),
        ("return", 0.12, None),
        ("drawdown", None, 0.09),
    ]


def test_its_own_file_says_how_far_it_has_come(tmp_path: Path) -> None:
    evidence = {"criteria": [{"name": "sharpe", "passed": False, "detail": "too low: -4.30%"}], "trials": 7, "more": 1}
    state = {"id": "exp-1", "state": "rejected", "hypothesis": "more", "reasons": ["too few trades"], "seed": 1}
    write(tmp_path, "exp-1", json.dumps({**REPORT, "evidence": evidence}).encode(), state)
    shown = view(found(tmp_path)["exp-1"])
    assert (shown.status, shown.reasons, shown.trials) == ("rejected", ["too few trades"], 7)
    assert [(one.name, one.passed, one.detail) for one in shown.criteria] == [("sharpe", False, "too low: −4.30%")]


def test_those_that_wait_for_something_are_counted(tmp_path: Path) -> None:
    write(tmp_path, "exp-1", state={"state": "evaluating", "hypothesis": "faster"})
    write(tmp_path, "exp-2", json.dumps(REPORT).encode())
    write(tmp_path, "exp-3", json.dumps({**REPORT, "approved": True}).encode())
    write(tmp_path, "exp-4", b"{")
    write(tmp_path, "exp-5", state={"state": "rolled_back"})
    write(tmp_path, "exp-6", state={"state": "nonsense"})
    write(tmp_path, "quality")
    all_ = found(tmp_path)
    assert {name: experiment.status for name, experiment in all_.items()} == {
        "exp-1": "evaluating",
        "exp-2": "evaluated",
        "exp-3": "approved",
        "exp-4": "unreadable",
        "exp-5": "rolled_back",
        "exp-6": "unreadable",
    }
    assert count_active(list(all_.values())) == 5
    assert view(all_["exp-1"]).hypothesis == "faster"


def test_as_many_are_active_as_the_metrics_and_the_book_say(tmp_path: Path) -> None:
    """What is damaged waits for somebody to look, wherever it is counted."""
    for number, state in enumerate([{"state": "nonsense"}, {}], start=1):
        write(tmp_path, f"exp-20261101-00{number}", state=state)
    shown = count_active(list(found(tmp_path).values()))
    assert shown == 2 == by_state(str(tmp_path), str(tmp_path))["active"] == ExperimentBook(tmp_path).active()


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"\xff", b'{"experiment_id": 1}', b"x" * (FILE_BYTES_MAX + 1), b"[" * 100_000]
)
def test_a_report_that_is_none_says_so_and_stops_nothing(tmp_path: Path, raw: bytes) -> None:
    write(tmp_path, "exp-1", raw)
    shown = view(found(tmp_path)["exp-1"])
    assert shown.status == "unreadable"
    assert shown.fault.startswith("experiment_report.json: ")


def test_no_folder_is_no_experiment(tmp_path: Path) -> None:
    assert ExperimentFiles(tmp_path / "none").experiments() == []
