"""What people do with an experiment: approve, reject, open its pull request, say that it was merged, roll it back."""

from pathlib import Path

import msgspec

from sagetrade_nautilus.config import ExperimentsConfig
from sagetrade_nautilus.errors import ExperimentError, GovernanceError
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.github import GitHub
from sagetrade_nautilus.experiments.delivery.pull_request import PROPOSALS, PullRequest, compose
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.lifecycle import By
from sagetrade_nautilus.experiments.rollback import brought
from sagetrade_nautilus.experiments.store import ARTIFACTS, ExperimentStore, put
from sagetrade_nautilus.governance.approvals import Gate, Judged, Subject, approvers, missing

BODY = "pull_request.md"


def subject(store: ExperimentStore, experiment_id: str, policy: str) -> Subject:
    """Return what an approval of the experiment binds: the policy, the commit that is to be merged, and its report.

    Raises
    ------
    ExperimentError
        It proposes nothing, or its report is not what it was.
    """
    experiment = store.load(experiment_id)
    if not experiment.proposal:
        raise ExperimentError(f"{experiment_id} proposes nothing yet; `sagetool experiment run {experiment_id}`")
    report = reports.read(store.folder(experiment_id) / ARTIFACTS)
    return Subject(policy=policy, proposal=experiment.proposal, report=reports.digest(report))


def approve(store: ExperimentStore, experiment_id: str, judged: list[Judged], policy: str, at: str) -> Experiment:
    """Note that people have approved gate C for exactly what the experiment proposes, and its report.

    Where that was ended before the report said so, it goes on from there.

    Raises
    ------
    GovernanceError
        Nobody has, as far as good signatures say.
    ExperimentError
        It is not recommended, or its report is not what it was.
    """
    with store.running(experiment_id):
        experiment = store.load(experiment_id)
        if experiment.state not in (ExperimentState.RECOMMENDED, ExperimentState.APPROVED):
            raise ExperimentError(f"{experiment_id} is {experiment.state}; only what is recommended can be approved")
        wanted = subject(store, experiment_id, policy)
        lacking = missing(Gate.C, judged, wanted)
        if lacking:
            raise GovernanceError(lacking)
        folder = store.folder(experiment_id) / ARTIFACTS
        report = reports.read(folder)
        who = ", ".join(approvers(Gate.C, judged, wanted))
        goes_on = experiment.state is ExperimentState.APPROVED and not report.approved
        approved = experiment if goes_on else store.move(experiment, ExperimentState.APPROVED, By.PERSON, at, who=who)
        put(folder / reports.REPORT, reports.encode(msgspec.structs.replace(report, approved=True)))
        return approved


def reject(store: ExperimentStore, experiment_id: str, who: str, reason: str, at: str) -> Experiment:
    """Have a person reject the experiment, whatever the gate said."""
    with store.running(experiment_id):
        return store.move(
            store.load(experiment_id), ExperimentState.REJECTED, By.PERSON, at, who=who, reasons=(reason,)
        )


def merged(store: ExperimentStore, root: Path, experiment_id: str, target: str, at: str) -> Experiment:
    """Note that people have merged an approved experiment: the target holds every file of it as it was proposed.

    Raises
    ------
    ExperimentError
        It is not approved, or the target does not hold it.
    """
    with store.running(experiment_id):
        experiment, git = store.load(experiment_id), Git(root)
        if experiment.state is not ExperimentState.APPROVED:
            raise ExperimentError(f"{experiment_id} is {experiment.state}; only what is approved can be merged")
        lacking = [
            path for path in brought(git, experiment) if git.show(target, path) != git.show(experiment.proposal, path)
        ]
        if lacking:
            raise ExperimentError(
                f"{experiment_id}: {target} does not hold it: {', '.join(lacking)} differ; "
                "merge it first, as it was approved"
            )
        return store.move(experiment, ExperimentState.MERGED, By.PERSON, at, who=target)


def request(store: ExperimentStore, root: Path, experiment_id: str, settings: ExperimentsConfig) -> PullRequest:
    """Return the pull request of a recommended experiment, once its branch holds the very report that was made.

    Raises
    ------
    ExperimentError
        It is not recommended, or branch and report are not what they were.
    """
    experiment = store.load(experiment_id)
    if experiment.state not in (ExperimentState.RECOMMENDED, ExperimentState.APPROVED):
        raise ExperimentError(f"{experiment_id} is {experiment.state}; only what is recommended is put before people")
    git, folder = Git(root), store.folder(experiment_id) / ARTIFACTS
    report = reports.read(folder)
    if git.commit_of(experiment.branch) != experiment.proposal:
        raise ExperimentError(
            f"{experiment.branch} is not {experiment.proposal[:12]} any more: somebody changed it; "
            "create another experiment"
        )
    there = git.show(experiment.proposal, f"{PROPOSALS}/{experiment_id}/{reports.REPORT}")
    if there != reports.encode(msgspec.structs.replace(report, approved=False)):
        raise ExperimentError(
            f"{experiment_id}: the branch holds another report than the experiment's folder; create another experiment"
        )
    return compose(experiment, report, settings.target, settings.approver)


def submit(
    store: ExperimentStore, root: Path, experiment_id: str, settings: ExperimentsConfig, github: GitHub | None
) -> str:
    """Push the branch where there is a remote, and open the pull request, or write its text; return where it is.

    Raises
    ------
    ExperimentError
        As `request` does; or git or GitHub refuses.
    """
    asked, git = request(store, root, experiment_id, settings), Git(root)
    has_remote = settings.remote in git.remotes()
    if has_remote:
        git.push(settings.remote, asked.head)
    if github is not None:
        if not has_remote:
            raise ExperimentError(f"there is no remote {settings.remote!r} to push {asked.head} to; add it with git")
        return github.open(asked)
    path = store.folder(experiment_id) / ARTIFACTS / BODY
    put(path, text(asked).encode())
    return str(path)


def text(asked: PullRequest) -> str:
    """Return the pull request as a file, for whoever opens it by hand."""
    kind = "draft: it needs manual approval" if asked.draft else "ready for review"
    return (
        f"Title: {asked.title}\nLabels: {', '.join(asked.labels)}\nFrom: {asked.head}\nInto: {asked.base}\n"
        f"As: {kind}\n\n{asked.body}"
    )
