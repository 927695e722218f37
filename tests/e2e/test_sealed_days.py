"""A candidate before the real manager and the real gate, the sealed days included: nothing here is stubbed."""

import shutil
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import load
from sagetrade_nautilus.experiments import chained
from sagetrade_nautilus.experiments import tools as real
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState, ProposerName
from sagetrade_nautilus.experiments.ledger import TrialLedger
from sagetrade_nautilus.experiments.manager import VERDICT, Manager
from sagetrade_nautilus.experiments.promotion.gate import GateVerdict, Judgement
from sagetrade_nautilus.experiments.promotion.holdout import HoldoutReading
from sagetrade_nautilus.experiments.promotion.sealed import FILE, OPENED
from sagetrade_nautilus.experiments.store import ExperimentStore
from tests.support.experiment_cli import approve, tool
from tests.support.experiments import git, repository
from tests.support.planted import CONFIG, market

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git: apt-get install git"),
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"),
]


def _judged(root: Path, branch: str = "") -> tuple[Manager, Experiment]:
    """Search, or take a person's branch, measure and judge with everything that `sagetool experiment create` uses."""
    manager = Manager(root, ExperimentStore(root / "experiments"), real.tools(load(root / "configs/small.toml")), print)
    who: ProposerName = "human" if branch else "optuna"
    said = ("let it trade", "stretched prices come back")
    begun = manager.create(*said, who, "configs/small.toml", seed=7, source=branch)
    return manager, manager.run(begun.id)


def _verdict(manager: Manager, experiment: Experiment) -> GateVerdict:
    return msgspec.json.decode((manager.store.folder(experiment.id) / VERDICT).read_bytes(), type=Judgement).verdict


def _readings(manager: Manager) -> list[HoldoutReading]:
    return chained.read(manager.store.directory / FILE, HoldoutReading)


def test_an_edge_is_recommended_after_one_reading_and_a_second_is_refused_and_written_down(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", CONFIG)
    market(root / "catalog/data", edge_lasts=True)
    manager, experiment = _judged(root)
    assert experiment.state is ExperimentState.RECOMMENDED, experiment.reasons
    verdict = _verdict(manager, experiment)
    assert verdict.recommended
    assert verdict.holdout_read
    assert all("DOES NOT HOLD" not in reason for reason in verdict.reasons)
    assert [reading.deed for reading in _readings(manager)] == ["read"]
    assert sum(trial.kind == "holdout" for trial in TrialLedger(manager.store.directory).trials()) == 2
    _hand_over(root, experiment)

    folder = manager.store.folder(experiment.id)  # somebody takes the verdict away to have it judged once more
    (folder / VERDICT).unlink()
    (folder / OPENED).unlink()
    manager.store.save(msgspec.structs.replace(experiment, state=ExperimentState.EVALUATED))
    again = manager.run(experiment.id)
    assert again.state is ExperimentState.REJECTED
    assert "a candidate is judged once" in again.reasons[0]
    assert [reading.deed for reading in _readings(manager)] == ["read", "refused"]
    assert len({reading.candidate for reading in _readings(manager)}) == 1


def _hand_over(root: Path, experiment: Experiment) -> None:
    """Let the continuous integration hold it until a person has signed it, and one has reviewed it."""
    verify = ("experiment", "verify", "main", experiment.branch, "--branch", experiment.branch)
    assert "nobody whom the target's" in tool(root, *verify, code=11)
    assert "commit it into main" in approve(root, experiment.id)
    git(root, "add", "approvals")
    git(root, "commit", "-qm", "approved")
    assert "may be merged by a person" in tool(root, *verify)
    reviews = root / "experiments" / "reviews.json"
    reviews.write_text("[]")
    assert "one of them must" in tool(root, *verify, "--reviews", str(reviews), "--author", "ai", code=11)


def test_a_persons_one_change_is_recommended_and_the_verdict_says_that_it_was_chosen_from_none(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", CONFIG)
    market(root / "catalog/data", edge_lasts=True)
    git(root, "checkout", "-qb", "let-it-trade")
    (root / "configs/small.toml").write_text(CONFIG.replace("min_score = 0.98", "min_score = 0.4"))
    git(root, "commit", "-qam", "let it trade")
    git(root, "checkout", "-q", "main")
    manager, experiment = _judged(root, "let-it-trade")
    assert experiment.state is ExperimentState.RECOMMENDED, experiment.reasons
    verdict = _verdict(manager, experiment)
    assert verdict.trials == TrialLedger(manager.store.directory).count() - 2, "all but the two runs on the sealed days"
    assert any("overfitting: does not apply" in reason for reason in verdict.reasons)
    artifacts = manager.store.folder(experiment.id) / "artifacts"
    assert "does not apply" in (artifacts / "comparison.html").read_text()


def test_its_twin_whose_edge_is_gone_on_the_sealed_days_is_rejected_by_them_alone(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", CONFIG)
    market(root / "catalog/data", edge_lasts=False)
    manager, experiment = _judged(root)
    assert experiment.state is ExperimentState.REJECTED
    verdict = _verdict(manager, experiment)
    assert verdict.holdout_read
    assert not verdict.recommended
    failed = [reason.split(":")[0] for reason in verdict.reasons if "DOES NOT HOLD" in reason]
    assert failed
    assert all(name.startswith("holdout_") for name in failed), verdict.reasons
    assert [reading.deed for reading in _readings(manager)] == ["read"]
