"""The continuous integration lets no proposal pass whose report, hashes, paths, effects or reviews are not in order."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.report import Figures, PaperSimulation, Report
from sagetrade_nautilus.experiments.delivery.verify import faults
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.store import ExperimentStore
from sagetrade_nautilus.governance import store as approvals
from sagetrade_nautilus.governance.approvals import Gate, Subject
from sagetrade_nautilus.run.startup.approval import policy_digest
from tests.support.experiments import git
from tests.support.proposal import CONFIG, proposed, small_repository
from tests.support.signers import allow, approval, key_of
from tests.support.sound import LONG

Files = dict[str, bytes]
Forge = Callable[[Report, Files], tuple[Report, Files]]

EDIT = {CONFIG: LONG.replace("min_score = 0.5", "min_score = 0.7")}
needs_ssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_repository(tmp_path / "repo", LONG)


def _faults(root: Path, experiment: Experiment, head: str = "", *, draft: bool = False) -> str:
    found = faults(Git(root), "main", head or experiment.branch, experiment.branch, is_draft=draft)
    return "; ".join(found)


def _sign(root: Path, experiment: Experiment, person: str = "anna@desk", *, allowed: bool = True) -> None:
    """Have `person` sign what the experiment's branch holds now, and commit that into the target."""
    key = allow(person, root) if allowed else key_of(person, root)
    raw = Git(root).show(experiment.branch, f"proposals/{experiment.id}/{reports.REPORT}")
    wanted = Subject(
        policy=policy_digest(root / "AI_POLICY.md"),
        proposal=git(root, "rev-parse", experiment.branch),
        report=sha256(raw or b"").hexdigest(),
    )
    approvals.write(approval(Gate.C, person, wanted, key), root / approvals.FOLDER)
    git(root, "add", "approvals")
    git(root, "commit", "-qm", "approved")


def _forged(root: Path, store: ExperimentStore, experiment: Experiment, change: Forge) -> None:
    """Have the branch bring another report and artifacts, with all hashes as they must be."""
    place = store.folder(experiment.id) / "candidate"
    beside = place / "proposals" / experiment.id
    report = reports.read(beside)
    report, files = change(report, {name: (beside / name).read_bytes() for name in report.artifacts})
    hashes = {name: sha256(raw).hexdigest() for name, raw in files.items()}
    report = msgspec.structs.replace(report, evidence=msgspec.structs.replace(report.evidence, artifact_sha256=hashes))
    for name, raw in {**files, reports.REPORT: reports.encode(report)}.items():
        (beside / name).write_bytes(raw)
    git(place, "commit", "-qam", "made up")


@needs_ssh
def test_a_signed_proposal_in_good_order_may_be_merged_also_when_the_target_has_moved_on(root: Path) -> None:
    _, experiment = proposed(root, EDIT, is_sound=True)
    assert "nobody whom" in _faults(root, experiment)
    assert _faults(root, experiment, draft=True) == ""
    _sign(root, experiment)
    assert _faults(root, experiment) == ""
    (root / "README.md").write_text("more\n")
    git(root, "add", "README.md")
    git(root, "commit", "-qm", "meanwhile")
    assert _faults(root, experiment) == ""


def test_a_report_without_the_evidence_that_it_was_judged_by_is_refused(root: Path) -> None:
    _, experiment = proposed(root, EDIT)
    assert "it brings no evidence.json" in _faults(root, experiment)


def _said(**changes: Any) -> Forge:
    return lambda report, files: (
        msgspec.structs.replace(report, evidence=msgspec.structs.replace(report.evidence, **changes)),
        files,
    )


def _better(report: Report, files: Files) -> tuple[Report, Files]:
    """Claim a higher return and Sharpe ratio everywhere where figures are said."""
    made = msgspec.structs.replace(report.evidence.experiment, total_return=9.0, sharpe=9.0)
    pairs = reports.read_csv(files[reports.BACKTEST])
    pairs[reports.RESEARCH] = (report.evidence.baseline, made)
    told = msgspec.structs.replace(report, experiment_metrics=Figures.of(made))
    return _said(experiment=made)(told, {**files, reports.BACKTEST: reports.backtest_csv(pairs)})


def _stress_failed(report: Report, files: Files) -> tuple[Report, Files]:
    pairs = reports.read_csv(files[reports.BACKTEST])
    pairs["costs x 2"] = (report.evidence.experiment, report.evidence.baseline)
    return report, {**files, reports.BACKTEST: reports.backtest_csv(pairs)}


def _short(report: Report, files: Files) -> tuple[Report, Files]:
    return msgspec.structs.replace(
        report, paper_simulation=PaperSimulation(allocated_capital_pct=1.0, duration_hours=24)
    ), files


def _left_out(report: Report, files: Files) -> tuple[Report, Files]:
    criteria = tuple(one for one in report.evidence.criteria if one.name != "look-ahead")
    return _said(criteria=criteria)(report, files)


def _unread(report: Report, files: Files) -> tuple[Report, Files]:
    evidence = msgspec.json.decode(files[reports.EVIDENCE], type=GateEvidence)
    raw = msgspec.json.encode(msgspec.structs.replace(evidence, holdout=None))
    return report, {**files, reports.EVIDENCE: raw}


def _lucky(report: Report, files: Files) -> tuple[Report, Files]:
    """Leave out what the search tried, so that luck need not be taken back."""
    evidence = msgspec.json.decode(files[reports.EVIDENCE], type=GateEvidence)
    raw = msgspec.json.encode(msgspec.structs.replace(evidence, trial_returns=()))
    return report, {**files, reports.EVIDENCE: raw}


def _lone(report: Report, files: Files) -> tuple[Report, Files]:
    """Say that the one setting was chosen from none, so that overfitting is not asked."""
    evidence = msgspec.json.decode(files[reports.EVIDENCE], type=GateEvidence)
    return report, {**files, reports.EVIDENCE: msgspec.json.encode(msgspec.structs.replace(evidence, searched=1))}


@needs_ssh
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_better, "the experiment's figures are not those of its daily returns"),
        (lambda report, files: (report, {**files, reports.TRADES: b""}), "trades.log holds 0 trades"),
        (lambda report, files: (report, {**files, reports.TRADES: b"{}\n"}), "an artifact is not what its name says"),
        (lambda report, files: (report, {**files, reports.BACKTEST: b"run\n"}), "it is not as it is written"),
        (_stress_failed, "stress: costs x 2: by its artifacts"),
        (_left_out, "it does not name what had to hold"),
        (_unread, "by the base's policy its evidence is not enough: holdout_days"),
        (_lucky, "the same days of every setting"),
        (_lone, "holds more settings than it says that were searched"),
        (_said(config_sha256_experiment="0" * 64), "not those of the base and of the change"),
        (_said(canary_range="2020-01-01..2020-01-03"), "its days are not the base's"),
        (_short, "its paper simulation is not the base's: 1%, 72 hours"),
        (_said(canary=None), "backtest_report.csv says something else of paper canary"),
        (_said(trials=40), "the verdict is not what the gate says"),
    ],
)
def test_a_forged_report_is_refused_with_its_reason_even_with_good_hashes_and_a_signature(
    root: Path, change: Forge, says: str
) -> None:
    store, experiment = proposed(root, EDIT, is_sound=True)
    _forged(root, store, experiment, change)
    _sign(root, experiment)
    found = _faults(root, experiment)
    assert says in found
    assert "nobody whom" not in found


@needs_ssh
def test_only_a_signature_of_this_report_by_a_person_of_the_targets_own_list_counts(root: Path) -> None:
    store, experiment = proposed(root, EDIT, is_sound=True)
    _sign(root, experiment, "eve@elsewhere", allowed=False)
    assert "nobody whom" in _faults(root, experiment)
    place = store.folder(experiment.id) / "candidate"
    allow("eve@elsewhere", place)  # she writes herself into the branch's list
    git(place, "add", "approvals")
    git(place, "commit", "-qm", "and I")
    said = _faults(root, experiment)
    assert "nobody whom" in said
    assert "changed since it was measured: approvals/allowed_signers" in said
    git(place, "reset", "-q", "--hard", "HEAD~1")
    _sign(root, experiment)
    assert _faults(root, experiment) == ""
    _forged(root, store, experiment, _said(rationale="other words"))
    assert "nobody whom" in _faults(root, experiment)


@needs_ssh
def test_a_policy_that_people_have_tightened_meanwhile_is_not_passed_over(root: Path) -> None:
    _, experiment = proposed(root, EDIT, is_sound=True)
    _sign(root, experiment)
    (root / CONFIG).write_text(LONG.replace("min_days = 10", "min_days = 300"))
    git(root, "commit", "-qam", "more days")
    assert "policy `promotion` has changed" in _faults(root, experiment)


@needs_ssh
@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({CONFIG: LONG + "[limits]\nmax_exposure_pct = 200.0\n"}, "limits.max_exposure_pct"),
        ({CONFIG: LONG.replace("min_score = 0.5", "size_pct = 90.0")}, "size_pct"),
        ({"sagetrade_nautilus/guard/gate/gate.py": "pass\n"}, "the guard"),
        ({".github/workflows/x.yml": "on: push\n"}, "checks that enforce"),
        ({"configs/other.toml": LONG}, "new, gone, or cannot be read"),
    ],
)
def test_money_limits_guard_and_checks_need_a_draft_or_a_persons_signature(root: Path, files: dict, says: str) -> None:
    _, experiment = proposed(root, files, is_sound=True)
    assert says in _faults(root, experiment)
    assert _faults(root, experiment, draft=True) == ""
    _sign(root, experiment)
    assert _faults(root, experiment) == ""


def test_a_report_that_hides_what_it_touches_is_refused(root: Path) -> None:
    _, experiment = proposed(root, {CONFIG: LONG.replace("min_score = 0.5", "size_pct = 90.0")}, needs_person=())
    assert "what it touches that only people change" in _faults(root, experiment, draft=True)


def test_a_rejected_one_may_not_be_merged(root: Path) -> None:
    _, experiment = proposed(root, EDIT, recommended=False)
    assert "does not recommend" in _faults(root, experiment)


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (CONFIG, LONG.replace("0.5, hold", "0.9, hold"), "not the one that was measured with canary_of"),
        (CONFIG, EDIT[CONFIG], "not the one that was measured with canary_of"),
        ("strategies/other.py", "x = 1\n", "changed since it was measured: strategies/other.py"),
        ("proposals/ID/trades.log", "better trades\n", "not the one that the report was made with"),
        ("proposals/ID/comparison.html", None, "missing"),
        ("proposals/ID/extra.py", "import os\n", "other files than it names"),
        ("proposals/exp-20200101-001/x", "x", "it must bring one"),
    ],
)
def test_what_was_changed_after_measuring_is_found(root: Path, path: str, text: str | None, says: str) -> None:
    store, experiment = proposed(root, EDIT)
    place = store.folder(experiment.id) / "candidate"
    file = place / path.replace("ID", experiment.id)
    file.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    git(place, "add", "-A")
    git(place, "commit", "-qm", "later")
    assert says in _faults(root, experiment)


def test_a_report_that_was_made_up_for_other_code_is_found(root: Path) -> None:
    store, experiment = proposed(root, EDIT)
    place = store.folder(experiment.id) / "candidate"
    path = place / "proposals" / experiment.id / reports.REPORT
    report = json.loads(path.read_text())
    report["evidence"]["tree"] = "0" * 40
    report["evidence"]["base"] = "1" * 40
    report["branch"] = "ai-experiment/exp-20260101-001"
    path.write_text(json.dumps(report))
    git(place, "commit", "-qam", "made up")
    said = _faults(root, experiment)
    assert "not that of the commit" in said
    assert "was measured against" in said
    assert "the report's is" in said


def test_without_any_report_nothing_is_merged(root: Path) -> None:
    git(root, "checkout", "-qb", "ai-experiment/exp-20261126-001")
    (root / CONFIG).write_text(LONG + "# x\n")
    git(root, "commit", "-qam", "no evidence")
    found = faults(Git(root), "main", "HEAD", "ai-experiment/exp-20261126-001", is_draft=False)
    assert "it must bring one" in found[0]
