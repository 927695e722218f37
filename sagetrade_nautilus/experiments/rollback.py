"""Giving up an approved change: by its own criteria or on a person's word, written down and told at once.

It takes the approval back and prepares the commit that undoes the change, on a branch of its own. What runs is stopped
by the canary's limits in the guard and by the kill switch; putting the undoing commit in place is a person's.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.delivery.pull_request import PROPOSALS
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.lifecycle import By
from sagetrade_nautilus.experiments.store import ExperimentStore

BRANCH: Final = "rollback/"


class Demotion(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: the experiment, and the branch with the commit that undoes it ('' where it was never merged)."""

    experiment: Experiment
    branch: str


def demote(
    store: ExperimentStore,
    root: Path,
    experiment_id: str,
    by: By,
    reasons: tuple[str, ...],
    at: str,
    alert: Callable[[str], None],
    *,
    who: str = "",
    target: str = "HEAD",
) -> Demotion:
    """Roll an approved or merged experiment back; one that was ended in the midst of it goes on where it was.

    Parameters
    ----------
    by : By
        A person, or the canary.
    reasons : tuple of str
        Why, at least one.
    alert : callable
        Told at once, before anything that could fail for want of git.
    target : str
        Where it was merged.

    Raises
    ------
    ExperimentError
        It is neither approved nor merged, or no reason is given. What could not be undone is named in the message; the
        approval is taken back all the same.
    """
    if not reasons:
        raise ExperimentError("why is it rolled back? Give a reason: it is written down")
    with store.running(experiment_id):
        before = store.load(experiment_id)
        goes_on = before.state is ExperimentState.ROLLED_BACK and _is_left(root, before, target)
        after = before if goes_on else store.move(before, ExperimentState.ROLLED_BACK, by, at, who=who, reasons=reasons)
        alert(f"{experiment_id} is rolled back by {who or by}: {'; '.join(reasons)}")
        branch = (
            _undo(Git(root), store.folder(experiment_id), before, target, at) if _is_there(root, before, target) else ""
        )
        return Demotion(experiment=after, branch=branch)


def brought(git: Git, experiment: Experiment) -> list[str]:
    """Return the paths that the proposal changes, its evidence left out."""
    changed = git.changed(experiment.base, experiment.proposal)
    return [path for path in changed if not path.startswith(f"{PROPOSALS}/")]


def _is_there(root: Path, experiment: Experiment, target: str) -> bool:
    git = Git(root)
    return all(git.show(target, path) == git.show(experiment.proposal, path) for path in brought(git, experiment))


def _is_left(root: Path, experiment: Experiment, target: str) -> bool:
    """Whether the target still holds the change, and no commit that undoes it was made."""
    git, branch = Git(root), f"{BRANCH}{experiment.id}"
    undone = all(git.show(branch, path) == git.show(experiment.base, path) for path in brought(git, experiment))
    return not undone and _is_there(root, experiment, target)


def _undo(git: Git, folder: Path, experiment: Experiment, target: str, at: str) -> str:
    """Commit the files as they were before the change, onto a branch from the target; return the branch."""
    branch, place = f"{BRANCH}{experiment.id}", folder / "rollback"
    git.add_worktree(place, git.commit_of(target), branch)
    there = Git(place)
    there.reset(target if target != "HEAD" else git.commit_of("HEAD"))
    changed = brought(there, experiment)
    there.restore(experiment.base, changed)
    there.commit(f"Undo {experiment.id}: {experiment.name}", changed, at)
    return branch
