"""`sagetool experiment verify`: whether a proposal may be merged, as far as a machine can say."""

from pathlib import Path
from typing import Annotated

import typer

from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.experiments.delivery.reviews import Pull, Review, proposal_of, read, review_faults
from sagetrade_nautilus.experiments.delivery.verify import faults
from sagetrade_nautilus.experiments.git import Git

FAILURE, PENDING, SUCCESS = "failure", "pending", "success"


def verify(
    base: Annotated[str, typer.Argument(help="The commit that it would be merged into.")],
    head: Annotated[str, typer.Argument(help="The proposal's last commit.")],
    branch: Annotated[str, typer.Option(help="The proposal's branch; asked of --pulls if left out.")] = "",
    repository: Annotated[Path, typer.Option(help="Where both commits are.")] = Path(),
    draft: Annotated[bool, typer.Option("--draft/--ready", help="Whether the pull request is a draft.")] = False,
    reviews: Annotated[
        Path | None,
        typer.Option(help="The file with GitHub's answer about the reviews; they are not asked for if left out."),
    ] = None,
    author: Annotated[
        str, typer.Option(help="Who opened the pull request, whose own review does not count; nobody if left out.")
    ] = "",
    pulls: Annotated[
        Path | None,
        typer.Option(help="The file with GitHub's answer about the pull requests of HEAD; as given if left out."),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="Where GitHub's state of the commit is written; nowhere if left out.")
    ] = None,
) -> None:
    """Say whether a proposal may be merged: its report, its hashes, what it touches, who has signed and reviewed it.

    For the continuous integration. It reads the proposal as data and runs nothing of it; policy, approvals and
    who may sign are read out of BASE.

    Example: sagetool experiment verify main HEAD --branch ai-experiment/exp-20260101-001
    """
    _write(state, FAILURE)
    if pulls is not None:
        found = proposal_of(read(pulls, Pull))
        if found is None:
            _write(state, SUCCESS)
            print("no pull request of it is a proposal of an AI's")
            return
        branch, draft, author = found.head.ref, found.draft, found.author
    wrong = _faults(Git(repository), base, head, branch, draft, reviews, author)
    if wrong:
        raise GovernanceError("it may not be merged:\n" + "\n".join(f"- {plain(one)}" for one in wrong))
    _write(state, PENDING if draft else SUCCESS)
    print("as far as a machine can say, it may be merged by a person" if not draft else "a draft, in good order")


def _faults(git: Git, base: str, head: str, branch: str, draft: bool, reviews: Path | None, author: str) -> list[str]:
    found = faults(git, base, head, branch, is_draft=draft)
    if reviews is not None and not draft:
        found += review_faults(read(reviews, Review), author, git.commit_of(head))
    return found


def _write(path: Path | None, state: str) -> None:
    if path is not None:
        path.write_text(state, encoding="ascii")
