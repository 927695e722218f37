"""What an experiment leaves for people and machines: ``experiment_report.json``, with the hashes of all beside it."""

import csv
import io
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ExperimentError, cause
from sagetrade_nautilus.experiments.evaluation.figures import Criterion, DailyFigures, RunFigures
from sagetrade_nautilus.experiments.evaluation.plan import Evaluated
from sagetrade_nautilus.experiments.promotion.gate import GateVerdict

REPORT: Final = "experiment_report.json"
BACKTEST, TRADES, EVIDENCE = "backtest_report.csv", "trades.log", "evidence.json"
COMPARISON, EXCHANGES = "comparison.html", "llm_exchanges.jsonl"
RESEARCH, WALKED, CANARY = "research", "walk-forward", "paper canary"

Pairs = Mapping[str, tuple[DailyFigures | None, DailyFigures | None]]
"""The figures of every run, baseline and experiment, by the run's name; of the walk-forward only what days give."""


class Figures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sharpe ratio, return and drawdown, as fractions."""

    sharpe: float | None
    total_return: float = msgspec.field(name="return")
    drawdown: float

    @classmethod
    def of(cls, metrics: RunFigures) -> "Figures":
        return cls(sharpe=metrics.sharpe, total_return=metrics.total_return, drawdown=metrics.drawdown)


class PaperSimulation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The canary that was simulated: with which share of capital, and for how many hours; 0 if its run failed."""

    allocated_capital_pct: float
    duration_hours: int


class ReportEvidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the figures rest on.

    Parameters
    ----------
    base, change, tree : str
        The commits of baseline and change, and the git tree that was measured.
    config, config_sha256_baseline, config_sha256_experiment : str
        The run's file, and the digests of both configurations on the research days.
    trials : int
        How many evaluations anybody had run when the gate was asked.
    criteria : tuple[Criterion, ...]
        What had to hold.
    verdict : GateVerdict
        What the gate said.
    needs_person : tuple[str, ...]
        What it touches that only people change.
    artifact_sha256 : dict[str, str]
        Of every artifact.
    """

    name: str
    title: str
    rationale: str
    proposer: str
    base: str
    change: str
    tree: str
    config: str
    config_sha256_baseline: str
    config_sha256_experiment: str
    data_fingerprint: str
    seed: int
    trials: int
    baseline: RunFigures
    experiment: RunFigures
    walk_forward_baseline: DailyFigures | None
    walk_forward_experiment: DailyFigures | None
    canary: RunFigures | None
    canary_range: str
    criteria: tuple[Criterion, ...]
    verdict: GateVerdict
    needs_person: tuple[str, ...]
    rollback: tuple[str, ...]
    artifact_sha256: dict[str, str]


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``experiment_report.json``: the fields of the specification, and `evidence`."""

    experiment_id: str
    branch: str
    hypothesis: str
    baseline_metrics: Figures
    experiment_metrics: Figures
    backtest_range: str
    paper_simulation: PaperSimulation
    artifacts: tuple[str, ...]
    approved: bool
    evidence: ReportEvidence


def encode(report: Report) -> bytes:
    """Return the file's bytes: indented, the same for the same report."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def digest(report: Report) -> str:
    """Return the SHA-256 of the file as the proposal brings it: before anybody has approved it."""
    return sha256(encode(msgspec.structs.replace(report, approved=False))).hexdigest()


def read(folder: Path) -> Report:
    """Return the report in `folder`, all of whose artifacts are as it says.

    Raises
    ------
    ExperimentError
        It is missing, is no report, or an artifact is missing or was changed.
    """
    try:
        report = msgspec.json.decode((folder / REPORT).read_bytes(), type=Report)
        found = {name: sha256((folder / name).read_bytes()).hexdigest() for name in report.artifacts}
    except OSError as error:
        raise ExperimentError(
            f"{error.filename}: a file of the report is missing: {cause(error)}; has it been run?"
        ) from None
    except UNDECODABLE as error:
        raise ExperimentError(f"{folder / REPORT}: it is no report: {error}; run it again") from None
    if found != report.evidence.artifact_sha256:
        raise ExperimentError(f"{folder}: an artifact is not the one that the report was made with; run it again")
    return report


def pairs(evaluated: Evaluated) -> Pairs:
    """Return the figures of every run."""
    return {
        RESEARCH: (evaluated.baseline.metrics, evaluated.candidate.metrics),
        **evaluated.variants,
        WALKED: evaluated.walk_forward or (None, None),
        CANARY: (None, evaluated.canary.metrics),
    }


def backtest_csv(pairs: Pairs) -> bytes:
    """Return ``backtest_report.csv``: one figure of one run a line, baseline beside experiment."""
    rows = [("run", "figure", "baseline", "experiment")]
    for run, (one, other) in pairs.items():
        for name in _kind(run).__struct_fields__:
            rows.append((run, name, _shown(one, name), _shown(other, name)))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def read_csv(raw: bytes) -> Pairs:
    """Return the figures that ``backtest_report.csv`` holds; what `backtest_csv` would not write so is refused.

    Raises
    ------
    ExperimentError
        It holds something else.
    """
    found: dict[str, list[dict[str, str]]] = {}
    try:
        for row in csv.DictReader(io.StringIO(raw.decode())):
            for side, into in zip(("baseline", "experiment"), found.setdefault(row["run"], [{}, {}]), strict=True):
                if row[side]:
                    into[row["figure"]] = row[side]
        held = {run: (_read(one, run), _read(other, run)) for run, (one, other) in found.items()}
    except (KeyError, TypeError, csv.Error, *UNDECODABLE) as error:
        raise ExperimentError(f"{BACKTEST}: it holds no figures: {error}") from None
    if backtest_csv(held) != raw:
        raise ExperimentError(f"{BACKTEST}: it is not as it is written")
    return held


def _kind(run: str) -> type[DailyFigures]:
    """Return what is known of a run: nobody counts trades and fees of windows that were put together."""
    return DailyFigures if run == WALKED else RunFigures


def _read(figures: dict[str, str], run: str) -> DailyFigures | None:
    if not figures:
        return None
    return msgspec.convert({"sharpe": None, **figures}, _kind(run), strict=False)


def _shown(figures: DailyFigures | None, name: str) -> str:
    value = None if figures is None else getattr(figures, name)
    return "" if value is None else repr(value)
