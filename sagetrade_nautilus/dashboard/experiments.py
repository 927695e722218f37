"""Experiments with their evidence, read from the files that the experiment manager leaves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.experiments.delivery.report import REPORT
from sagetrade_nautilus.experiments.lifecycle import ACTIVE
from sagetrade_nautilus.experiments.store import ARTIFACTS, FILE
from sagetrade_nautilus.report.text import typeset

FILE_BYTES_MAX: Final = 1_000_000

Status = Literal[
    "created",
    "evaluating",
    "evaluated",
    "recommended",
    "rejected",
    "approved",
    "merged",
    "rolled_back",
    "unreadable",
]


class PaperSimulation(msgspec.Struct, frozen=True):
    """The paper trading of an experiment: the share of capital that it was given, and for how long."""

    allocated_capital_pct: float | None = None
    duration_hours: float | None = None


class Criterion(msgspec.Struct, frozen=True):
    """One thing that had to hold, whether it did, and what was found."""

    name: str
    passed: bool
    detail: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What of the report's evidence the page shows."""

    criteria: list[Criterion] = []
    trials: int | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What ``experiment.json`` says: how far the experiment has come, and why."""

    state: Status
    hypothesis: str = ""
    reasons: list[str] = []


class ExperimentReport(msgspec.Struct, frozen=True, kw_only=True):
    """What ``experiment_report.json`` says; returns and drawdowns are fractions. Further fields are left alone."""

    experiment_id: str
    hypothesis: str
    branch: str = ""
    baseline_metrics: dict[str, Any] = {}
    experiment_metrics: dict[str, Any] = {}
    backtest_range: str = ""
    paper_simulation: PaperSimulation | None = None
    artifacts: list[str] = []
    approved: bool = False
    evidence: Evidence = Evidence()


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment, how far it has come, and its report where there is one."""

    id: str
    status: Status
    hypothesis: str = ""
    reasons: list[str] = []
    report: ExperimentReport | None = None
    fault: str = ""


class MetricRow(msgspec.Struct, frozen=True):
    """One figure of the evidence: with and without the change."""

    name: str
    baseline: float | None
    experiment: float | None


class ExperimentView(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment as the page shows it."""

    id: str
    status: Status
    fault: str
    hypothesis: str
    branch: str
    range: str
    paper: PaperSimulation | None
    artifacts: list[str]
    metrics: list[MetricRow]
    reasons: list[str]
    criteria: list[Criterion]
    trials: int | None


class ExperimentSource(Protocol):
    """Whatever knows of experiments."""

    def experiments(self) -> Sequence[Experiment]:
        """Return all experiments, the newest first; one that cannot be read is among them and says why."""
        ...


class ExperimentFiles:
    """The experiments below a folder, a folder each; a folder with neither file of an experiment is none.

    How far one has come says its ``experiment.json``; without that file, its report does.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def experiments(self) -> list[Experiment]:
        """As `ExperimentSource` says, by the folders' names."""
        begun = {path.parent for path in self._root.glob(f"*/{FILE}")}
        reported = {path.parents[1] for path in self._root.glob(f"*/{ARTIFACTS}/{REPORT}")}
        return [_read(folder) for folder in sorted(begun | reported, reverse=True)]


def count_active(experiments: Sequence[Experiment]) -> int:
    """Return how many still wait for something; one that cannot be read waits for somebody to look, as elsewhere."""
    return sum(experiment.status in ACTIVE or experiment.status == "unreadable" for experiment in experiments)


def view(experiment: Experiment) -> ExperimentView:
    """Return an experiment as the page shows it."""
    report = experiment.report
    if report is None:
        report = ExperimentReport(experiment_id=experiment.id, hypothesis=experiment.hypothesis)
    names = dict.fromkeys((*report.baseline_metrics, *report.experiment_metrics))
    rows = [
        MetricRow(name, _number(report.baseline_metrics.get(name)), _number(report.experiment_metrics.get(name)))
        for name in names
    ]
    return ExperimentView(
        id=experiment.id,
        status=experiment.status,
        fault=experiment.fault,
        hypothesis=report.hypothesis,
        branch=report.branch,
        range=report.backtest_range,
        paper=report.paper_simulation,
        artifacts=report.artifacts,
        metrics=[row for row in rows if row.baseline is not None or row.experiment is not None],
        reasons=[typeset(reason) for reason in experiment.reasons],
        criteria=[msgspec.structs.replace(one, detail=typeset(one.detail)) for one in report.evidence.criteria],
        trials=report.evidence.trials,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _read(folder: Path) -> Experiment:
    try:
        progress, report = _decoded(folder / FILE, Progress), _decoded(folder / ARTIFACTS / REPORT, ExperimentReport)
    except DataError as error:
        return Experiment(id=folder.name, status="unreadable", fault=str(error))
    if progress is not None:
        return Experiment(
            id=folder.name,
            status=progress.state,
            hypothesis=progress.hypothesis,
            reasons=progress.reasons,
            report=report,
        )
    is_approved = report is not None and report.approved
    return Experiment(id=folder.name, status="approved" if is_approved else "evaluated", report=report)


def _decoded[T](path: Path, kind: type[T]) -> T | None:
    """Return what a file holds, ``None`` if there is none; raises `DataError` if it is not what it should be."""
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"{path.name}: {error.strerror}") from None
    if len(raw) > FILE_BYTES_MAX:
        raise DataError(f"{path.name}: more than {FILE_BYTES_MAX:,} bytes")
    try:
        return msgspec.json.decode(raw, type=kind)
    except UNDECODABLE as error:
        raise DataError(f"{path.name}: {error}") from None
