"""What people do with a recommended experiment, and what nobody can do for them."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import ExperimentsConfig
from sagetrade_nautilus.errors import ExperimentError, GovernanceError
from sagetrade_nautilus.experiments import people, rollback
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.github import GitHub
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.lifecycle import By
from sagetrade_nautilus.experiments.rollback import demote
from sagetrade_nautilus.experiments.store import ARTIFACTS, ExperimentStore, put
from sagetrade_nautilus.governance import store as approvals
from sagetrade_nautilus.governance.approvals import Gate
from sagetrade_nautilus.secrets import Secret
from tests.support.experiments import SMALL, git
from tests.support.http_server import Reply, Request, serving
from tests.support.proposal import AT, CONFIG, proposed, small_repository
from tests.support.signers import allow, approval

EDIT = {CONFIG: SMALL.replace("min_score = 0.5", "min_score = 0.7")}
needs_ssh = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_repository(tmp_path / "repo")


def _approved(store: ExperimentStore, experiment: Experiment, root: Path, proposal: str = "") -> Experiment:
    key = allow("anna@desk", root)
    wanted = people.subject(store, experiment.id, "p")
    if proposal:
        wanted = msgspec.structs.replace(wanted, proposal=proposal)
    approvals.write(approval(Gate.C, "anna@desk", wanted, key), root / approvals.FOLDER)
    return people.approve(store, experiment.id, approvals.read(root / approvals.FOLDER), "p", AT)


@needs_ssh
def test_a_signature_for_exactly_this_commit_approves_and_the_report_says_so(root: Path) -> None:
    store, experiment = proposed(root, EDIT)
    with pytest.raises(GovernanceError, match="gate C"):
        people.approve(store, experiment.id, [], "p", AT)
    with pytest.raises(GovernanceError, match="gate C"):
        _approved(store, experiment, root, proposal=experiment.change)
    assert store.load(experiment.id).state is ExperimentState.RECOMMENDED
    shutil.rmtree(root / approvals.FOLDER)
    assert _approved(store, experiment, root).state is ExperimentState.APPROVED
    assert json.loads((store.folder(experiment.id) / ARTIFACTS / reports.REPORT).read_bytes())["approved"] is True
    assert store.history(experiment.id)[-1].who == "anna@desk"


@needs_ssh
def test_what_is_not_recommended_or_was_altered_is_not_approved(root: Path) -> None:
    store, experiment = proposed(root, EDIT, recommended=False)
    with pytest.raises(ExperimentError, match="is rejected"):
        _approved(store, experiment, root)
    shutil.rmtree(root / approvals.FOLDER)
    store, experiment = proposed(root, {CONFIG: SMALL + "# x\n"})
    (store.folder(experiment.id) / ARTIFACTS / reports.TRADES).write_text("other trades")
    with pytest.raises(ExperimentError, match="not the one that the report was made with"):
        _approved(store, experiment, root)
    assert store.load(experiment.id).state is ExperimentState.RECOMMENDED


def test_what_is_not_recommended_is_told_so_before_a_signature_is_missed_and_is_not_merged_either(root: Path) -> None:
    store, experiment = proposed(root, EDIT, recommended=False)
    with pytest.raises(ExperimentError, match="is rejected; only what is recommended can be approved"):
        people.approve(store, experiment.id, [], "policy", AT)
    with pytest.raises(ExperimentError, match="is rejected; only what is approved can be merged"):
        people.merged(store, root, experiment.id, "main", AT)


def test_without_a_token_the_branch_is_pushed_and_the_text_becomes_a_file(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    store, experiment = proposed(root, EDIT)
    place = people.submit(store, root, experiment.id, ExperimentsConfig(), None)
    text = Path(place).read_text()
    assert text.startswith("Title: [AI-PROPOSED] Buy deep dips only\nLabels: ai-proposed\n")
    assert git(tmp_path / "remote.git", "rev-parse", experiment.branch) == experiment.proposal
    assert git(root, "rev-parse", "main") == experiment.base  # nothing was merged


def test_a_pull_request_is_opened_once_and_labelled_and_nothing_else_is_asked(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    store, experiment = proposed(root, EDIT, needs_person=("limits.max_exposure_pct: from 100.0 to 200.0",))
    opened: list[dict[str, object]] = []

    def route(request: Request) -> Reply:
        answer = json.dumps({"number": 7, "html_url": "https://github.example/pull/7"}).encode()
        if request.method == "GET":
            return Reply(body=b"[" + (answer if opened else b"") + b"]")
        if request.path.endswith("/pulls"):
            opened.append(json.loads(request.body))
            return Reply(201, body=answer)
        return Reply(body=b"[]")

    with serving(route=route) as server:
        github = GitHub("desk/trading", Secret("ghp-canary"), server.url, backoff_seconds=0.01)
        for _ in range(2):
            assert people.submit(store, root, experiment.id, ExperimentsConfig(), github).endswith("/pull/7")
        asked = [(request.method, request.path.split("?")[0]) for request in server.requests]
    pulls, labels = ("/repos/desk/trading/pulls", "/repos/desk/trading/issues/7/labels")
    assert asked == [("GET", pulls), ("POST", pulls), ("POST", labels), ("GET", pulls), ("POST", labels)]
    assert opened[0]["draft"] is True
    assert "Needs manual approval" in str(opened[0]["body"])
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer ghp-canary"}


@pytest.mark.parametrize(
    ("status", "says"), [(401, "answered 401"), (422, "answered 422"), (503, "cannot be asked now")]
)
def test_a_refusal_of_githubs_is_an_error_without_the_token(root: Path, tmp_path: Path, status: int, says: str) -> None:
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    store, experiment = proposed(root, EDIT)
    with serving(Reply(status)) as server:
        github = GitHub("desk/trading", Secret("ghp-canary"), server.url, backoff_seconds=0.01)
        with pytest.raises(ExperimentError, match=says) as caught:
            people.submit(store, root, experiment.id, ExperimentsConfig(), github)
    assert "ghp-canary" not in str(caught.value)


def test_a_branch_that_somebody_changed_is_not_put_before_people(root: Path) -> None:
    store, experiment = proposed(root, EDIT)
    place = store.folder(experiment.id) / "candidate"
    (place / CONFIG).write_text(SMALL + "# later\n")
    git(place, "commit", "-qam", "later")
    with pytest.raises(ExperimentError, match="somebody changed it"):
        people.request(store, root, experiment.id, ExperimentsConfig())


@needs_ssh
def test_it_is_merged_when_the_target_holds_it_and_rolled_back_by_its_canary(root: Path) -> None:
    store, experiment = proposed(root, {**EDIT, "configs/new.toml": SMALL})
    _approved(store, experiment, root)
    with pytest.raises(ExperimentError, match="does not hold it"):
        people.merged(store, root, experiment.id, "main", AT)
    git(root, "merge", "-q", "--squash", experiment.branch)
    git(root, "commit", "-qm", "squashed by a person")
    assert people.merged(store, root, experiment.id, "main", AT).state is ExperimentState.MERGED
    told: list[str] = []
    done = demote(
        store, root, experiment.id, By.CANARY, ("it lost 4.00% within 24 hours",), AT, told.append, target="main"
    )
    assert done.experiment.state is ExperimentState.ROLLED_BACK
    assert "lost 4.00%" in told[0]
    assert git(root, "show", f"{done.branch}:{CONFIG}") == SMALL.strip()
    assert "configs/new.toml" not in git(root, "ls-tree", "-r", "--name-only", done.branch)
    assert git(root, "show", f"main:{CONFIG}") != SMALL.strip()  # people put the undoing in place
    with pytest.raises(ExperimentError, match="cannot become"):
        demote(store, root, experiment.id, By.PERSON, ("again",), AT, told.append)


@needs_ssh
def test_what_was_approved_and_never_merged_is_rolled_back_without_a_commit(root: Path) -> None:
    store, experiment = proposed(root, EDIT)
    _approved(store, experiment, root)
    with pytest.raises(ExperimentError, match="why"):
        demote(store, root, experiment.id, By.PERSON, (), AT, print)
    done = demote(store, root, experiment.id, By.PERSON, ("second thoughts",), AT, lambda line: None, who="omar@desk")
    assert (done.branch, done.experiment.reasons) == ("", ("second thoughts",))


@needs_ssh
def test_an_approval_that_was_ended_before_the_report_said_so_goes_on(root: Path) -> None:
    store, experiment = proposed(root, EDIT)
    _approved(store, experiment, root)
    folder = store.folder(experiment.id) / ARTIFACTS
    put(folder / reports.REPORT, reports.encode(msgspec.structs.replace(reports.read(folder), approved=False)))
    judged = approvals.read(root / approvals.FOLDER)
    assert people.approve(store, experiment.id, judged, "p", AT).state is ExperimentState.APPROVED
    assert reports.read(folder).approved
    assert [event.state for event in store.history(experiment.id)] == [ExperimentState.APPROVED]
    with pytest.raises(ExperimentError, match="cannot become"):
        people.approve(store, experiment.id, judged, "p", AT)


def _merged(store: ExperimentStore, experiment: Experiment, root: Path) -> Experiment:
    git(root, "merge", "-q", "--ff-only", experiment.branch)
    return store.save(msgspec.structs.replace(experiment, state=ExperimentState.MERGED))


def test_a_rollback_that_was_ended_before_its_commit_goes_on_and_is_done_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, experiment = proposed(root, EDIT)
    _merged(store, experiment, root)
    with monkeypatch.context() as ended:
        ended.setattr(rollback.Git, "restore", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            demote(store, root, experiment.id, By.PERSON, ("it loses",), AT, print)
    assert store.load(experiment.id).state is ExperimentState.ROLLED_BACK
    done = demote(store, root, experiment.id, By.PERSON, ("it loses",), AT, print)
    assert git(root, "show", f"{done.branch}:{CONFIG}") == SMALL.strip()
    assert [event.state for event in store.history(experiment.id)] == [ExperimentState.ROLLED_BACK]
    with pytest.raises(ExperimentError, match="cannot become"):
        demote(store, root, experiment.id, By.PERSON, ("again",), AT, print)


def _interrupted(*given: object) -> None:
    raise KeyboardInterrupt


def test_a_rollback_brings_back_whole_folders_and_writes_through_no_link(root: Path, tmp_path: Path) -> None:
    (root / "docs").mkdir()
    (root / "docs" / "a.md").write_text("a\n")
    (root / "b.md").write_text("b\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "two")
    (tmp_path / "mine").write_text("mine")
    store, experiment = proposed(root, EDIT)
    place = store.folder(experiment.id) / "candidate"
    git(place, "rm", "-q", "docs/a.md")
    (place / "b.md").unlink()
    (place / "b.md").symlink_to(tmp_path / "mine")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "a person's")
    _merged(store, msgspec.structs.replace(experiment, proposal=git(place, "rev-parse", "HEAD")), root)
    done = demote(store, root, experiment.id, By.PERSON, ("it loses",), AT, print)
    assert (tmp_path / "mine").read_text() == "mine"
    assert git(root, "show", f"{done.branch}:docs/a.md") == "a"
    assert git(root, "ls-tree", done.branch, "b.md").startswith("100644")


def test_the_book_tells_of_all_and_hides_none_that_is_damaged(root: Path) -> None:
    assert ExperimentBook(root / "nowhere").list() == ()
    store, experiment = proposed(root, EDIT)
    _, other = proposed(root, {CONFIG: SMALL + "# x\n"}, recommended=False)
    book = ExperimentBook(store.directory)
    assert [(one.id, one.state, one.sharpe) for one in book.list()] == [
        (other.id, "rejected", 1.05),
        (experiment.id, "recommended", 1.05),
    ]
    assert (book.active(), book.trials()) == (1, 0)
    assert book.show(experiment.id)["report"]["experiment_metrics"]["return"] == 0.18
    (store.folder(experiment.id) / "experiment.json").write_text("{")
    assert [one.state for one in book.list()] == ["rejected", "damaged"]


def test_a_person_may_reject_whatever_the_gate_said(root: Path) -> None:
    store, experiment = proposed(root, EDIT)
    assert (
        people.reject(store, experiment.id, "anna@desk", "we do not believe it", AT).state is ExperimentState.REJECTED
    )
    with pytest.raises(ExperimentError, match="only what is recommended"):
        people.request(store, root, experiment.id, ExperimentsConfig())
