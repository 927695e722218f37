"""A small repository with one measured experiment in it, its figures made up: for what comes after measuring."""

import datetime as dt
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from sagetrade_nautilus.config import load
from sagetrade_nautilus.experiments.changes import as_canary
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.pull_request import PROPOSALS
from sagetrade_nautilus.experiments.delivery.report import Figures, PaperSimulation, Report, ReportEvidence
from sagetrade_nautilus.experiments.delivery.touched import touched
from sagetrade_nautilus.experiments.evaluation.figures import Criterion, RunFigures
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.promotion.gate import GateVerdict
from sagetrade_nautilus.experiments.store import ARTIFACTS, ExperimentStore, put
from sagetrade_nautilus.experiments.workshop import write
from tests.support.experiments import SMALL, git
from tests.support.sound import sound

AT = "2026-11-26T09:00:00Z"
CONFIG = "configs/small.toml"
BEFORE = RunFigures(sharpe=0.8, total_return=0.12, drawdown=0.07, trades=120, fees=10.0, avg_slippage_bps=1.0)
AFTER = RunFigures(sharpe=1.05, total_return=0.18, drawdown=0.09, trades=130, fees=11.0, avg_slippage_bps=1.1)

CHECKS = (
    Criterion(name="lint", passed=True, detail="no code was changed"),
    Criterion(name="tests", passed=True, detail="33 passed"),
    Criterion(name="look-ahead", passed=True, detail="the same"),
)


def small_repository(folder: Path, config: str = SMALL) -> Path:
    """Make a repository with a run and a policy, and nothing else."""
    (folder / "configs").mkdir(parents=True)
    (folder / CONFIG).write_text(config)
    (folder / "AI_POLICY.md").write_text("1. Generate only.\n")
    (folder / ".gitignore").write_text("/experiments/\n")
    for words in (("init", "-q", "-b", "main"), ("config", "user.name", "A"), ("config", "user.email", "a@b.invalid")):
        git(folder, *words)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    return folder


def proposed(
    root: Path,
    files: dict[str, str],
    *,
    needs_person: tuple[str, ...] | None = None,
    recommended: bool = True,
    is_sound: bool = False,
    **said: Any,
) -> tuple[ExperimentStore, Experiment]:
    """Put a measured experiment that changes `files` into the repository at `root`; return it and its store.

    Its figures are made up; what it touches is not, unless `needs_person` says otherwise. Where it `is_sound`, they fit
    together as a run's would: see `tests.support.sound`.
    """
    store = ExperimentStore(root / "experiments")
    base = git(root, "rev-parse", "HEAD")
    experiment = Experiment(
        id=store.begin(dt.date(2026, 11, 26)),
        name="deep dips",
        hypothesis="increase sharpe by +0.2",
        proposer="optuna",
        config=CONFIG,
        base=base,
        seed=7,
        created_at=AT,
        state=ExperimentState.RECOMMENDED if recommended else ExperimentState.REJECTED,
    )
    place = store.folder(experiment.id) / "candidate"
    Git(root).add_worktree(place, base, experiment.branch)
    change = write(Git(place), files, "the change", AT)
    artifacts = {reports.BACKTEST: b"run,figure\n", reports.TRADES: b"{}\n", reports.COMPARISON: b"<html></html>"}
    needs_person = touched(Git(root), base, change) if needs_person is None else needs_person
    made = report(experiment, change, Git(place).tree_of(change), artifacts, needs_person, recommended, **said)
    if is_sound:
        made, artifacts = sound(made, load(root / CONFIG), load(place / CONFIG))
    artifacts[reports.REPORT] = reports.encode(made)
    for name, raw in artifacts.items():
        put(store.folder(experiment.id) / ARTIFACTS / name, raw)
        put(place / PROPOSALS / experiment.id / name, raw)
    (place / CONFIG).write_text(as_canary((place / CONFIG).read_text(), experiment.id))
    proposal = Git(place).commit("evidence", [CONFIG, f"{PROPOSALS}/{experiment.id}"], AT)
    return store, store.save(msgspec.structs.replace(experiment, change=change, proposal=proposal))


def report(
    experiment: Experiment,
    change: str,
    tree: str,
    artifacts: dict[str, bytes],
    needs_person: tuple[str, ...],
    recommended: bool,
    title: str = "Buy deep dips only",
    rationale: str = "Deep dips revert.",
) -> Report:
    """Return the report of such an experiment."""
    return Report(
        experiment_id=experiment.id,
        branch=experiment.branch,
        hypothesis=experiment.hypothesis,
        baseline_metrics=Figures.of(BEFORE),
        experiment_metrics=Figures.of(AFTER),
        backtest_range="2025-01-01..2025-10-31",
        paper_simulation=PaperSimulation(allocated_capital_pct=1.0, duration_hours=72),
        artifacts=tuple(artifacts),
        approved=False,
        evidence=ReportEvidence(
            name=experiment.name,
            title=title,
            rationale=rationale,
            proposer="optuna",
            base=experiment.base,
            change=change,
            tree=tree,
            config=CONFIG,
            config_sha256_baseline="a",
            config_sha256_experiment="b",
            data_fingerprint="c",
            seed=7,
            trials=41,
            baseline=BEFORE,
            experiment=AFTER,
            walk_forward_baseline=None,
            walk_forward_experiment=None,
            canary=AFTER,
            canary_range="2025-11-01..2025-11-03",
            criteria=CHECKS,
            verdict=GateVerdict(recommended=recommended, holdout_read=True, trials=41, reasons=("sharpe_gain: holds",)),
            needs_person=needs_person,
            rollback=("negative return > 3% in 24h", "drawdown > 5%"),
            artifact_sha256={name: sha256(raw).hexdigest() for name, raw in artifacts.items()},
        ),
    )
