"""The continuous integration lets no proposal pass whose report, hashes, paths, effects or reviews are not in order."""

import json
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.experiments import report as reports
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.verify import Review, User, faults, read_reviews, review_faults
from tests.support.experiments import SMALL, git
from tests.support.proposal import CONFIG, proposed, small_repository

EDIT = {CONFIG: SMALL.replace("min_score = 0.5", "min_score = 0.7")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_repository(tmp_path / "repo")


def _faults(root: Path, experiment: Experiment, head: str = "", *, draft: bool = False, approved: bool = False) -> str:
    found = faults(
        Git(root), "main", head or experiment.branch, experiment.branch, is_draft=draft, is_approved=approved
    )
    return "; ".join(found)


def test_a_proposal_in_good_order_may_be_merged_also_when_the_target_has_moved_on(root: Path) -> None:
    _, experiment = proposed(root, EDIT)
    assert _faults(root, experiment) == ""
    (root / "README.md").write_text("more\n")
    git(root, "add", "README.md")
    git(root, "commit", "-qm", "meanwhile")
    assert _faults(root, experiment) == ""


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({CONFIG: SMALL + "[limits]\nmax_exposure_pct = 200.0\n"}, "limits.max_exposure_pct"),
        ({CONFIG: SMALL.replace("min_score = 0.5", "size_pct = 90.0")}, "size_pct"),
        ({"sagetrade_nautilus/guard/gate.py": "pass\n"}, "the guard"),
        ({".github/workflows/x.yml": "on: push\n"}, "checks that enforce"),
        ({"configs/other.toml": SMALL}, "new, gone, or cannot be read"),
    ],
)
def test_money_limits_guard_and_checks_need_a_draft_or_a_persons_signature(root: Path, files: dict, says: str) -> None:
    _, experiment = proposed(root, files)
    assert says in _faults(root, experiment)
    assert _faults(root, experiment, draft=True) == ""
    assert _faults(root, experiment, approved=True) == ""


def test_a_rejected_one_may_not_be_merged(root: Path) -> None:
    _, experiment = proposed(root, EDIT, recommended=False)
    assert "does not recommend" in _faults(root, experiment)


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        (CONFIG, SMALL.replace("0.5, hold", "0.9, hold"), "changed since it was measured"),
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
    (root / CONFIG).write_text(SMALL + "# x\n")
    git(root, "commit", "-qam", "no evidence")
    found = faults(Git(root), "main", "HEAD", "ai-experiment/exp-20261126-001", is_draft=False, is_approved=True)
    assert "it must bring one" in found[0]


def _review(login: str, state: str, commit: str = "head", kind: str = "User") -> Review:
    return Review(user=User(login=login, type=kind), state=state, commit_id=commit)


@pytest.mark.parametrize(
    ("reviews", "is_open"),
    [
        ([], False),
        ([_review("anna", "APPROVED")], True),
        ([_review("ai-author", "APPROVED")], False),
        ([_review("helper[bot]", "APPROVED", kind="Bot")], False),
        ([_review("anna", "APPROVED", "older")], False),
        ([_review("anna", "COMMENTED")], False),
        ([_review("anna", "APPROVED"), _review("anna", "COMMENTED")], True),
        ([_review("anna", "APPROVED"), _review("anna", "DISMISSED")], False),
        ([_review("anna", "APPROVED"), _review("omar", "CHANGES_REQUESTED")], False),
        ([_review("omar", "CHANGES_REQUESTED"), _review("omar", "APPROVED")], True),
    ],
)
def test_one_person_who_is_not_the_author_must_approve_this_very_commit(reviews: list[Review], is_open: bool) -> None:
    assert (review_faults(reviews, "ai-author", "head") == []) is is_open


def test_githubs_own_answer_can_be_read() -> None:
    raw = b'[{"id": 1, "user": {"login": "anna", "id": 2, "type": "User"}, "state": "APPROVED", "commit_id": "head"}]'
    assert review_faults(msgspec.json.decode(raw, type=list[Review]), "ai", "head") == []


@pytest.mark.parametrize("raw", [b"{}", b"[{}]", b"\xff", b"[" * 99_999])
def test_an_answer_about_reviews_that_is_none_is_named(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "reviews.json"
    path.write_bytes(raw)
    with pytest.raises(GovernanceError, match=r"reviews\.json"):
        read_reviews(path)
