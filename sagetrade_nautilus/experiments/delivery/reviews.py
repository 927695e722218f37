"""What GitHub says of a proposal: which pull request it is, and who has approved it. Data, and asked for anew."""

from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.experiments.delivery.pull_request import LABEL
from sagetrade_nautilus.experiments.experiment import BRANCH_PREFIX

APPROVED, PERSON = "APPROVED", "User"
INSIDERS: Final = ("OWNER", "MEMBER", "COLLABORATOR")
"""How GitHub calls those whom the repository's owners have let in."""


class User(msgspec.Struct):
    """Who opened or reviewed, as GitHub says."""

    login: str
    type: str


class Review(msgspec.Struct):
    """A review of a pull request, as GitHub's API gives it."""

    user: User | None
    state: str
    commit_id: str | None = None
    author_association: str = "NONE"


class Label(msgspec.Struct):
    """A label of a pull request."""

    name: str


class PullHead(msgspec.Struct):
    """What a pull request would merge."""

    ref: str


class Pull(msgspec.Struct):
    """A pull request, as GitHub's API gives it."""

    head: PullHead
    draft: bool
    user: User | None
    labels: list[Label]

    @property
    def is_proposal(self) -> bool:
        """Whether an AI has proposed it, by its branch or its label."""
        return self.head.ref.startswith(BRANCH_PREFIX) or any(label.name == LABEL for label in self.labels)

    @property
    def author(self) -> str:
        return self.user.login if self.user else ""


def read[T](path: Path, kind: type[T]) -> list[T]:
    """Return a list that GitHub has answered with.

    Raises
    ------
    GovernanceError
        The file cannot be read, or is no such answer.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[kind])  # type: ignore[valid-type]
    except (OSError, *UNDECODABLE) as error:
        raise GovernanceError(f"{path}: it is no answer of GitHub's about that: {error}") from None


def proposal_of(pulls: list[Pull]) -> Pull | None:
    """Return the one that an AI proposes, of the open pull requests of one commit; ``None`` if there is none.

    Raises
    ------
    GovernanceError
        The commit has another one besides: what is said of a commit would count for both.
    """
    found = next((one for one in pulls if one.is_proposal), None)
    if found is not None and len(pulls) > 1:
        branches = ", ".join(one.head.ref for one in pulls)
        raise GovernanceError(f"one commit in {len(pulls)} pull requests ({branches}): close all but the proposal's")
    return found


def review_faults(reviews: list[Review], author: str, head: str) -> list[str]:
    """Return what is missing of an approving review: by one of the repository's people, not the author, of this commit.

    The last word of each of them counts; what others say does not.
    """
    last = {
        one.user.login.casefold(): one
        for one in reviews
        if one.user and one.user.type == PERSON and one.author_association in INSIDERS and one.state != "COMMENTED"
    }
    if any(one.state == "CHANGES_REQUESTED" for one in last.values()):
        return ["a reviewer asks for changes"]
    approving = [who for who, one in last.items() if one.state == APPROVED and one.commit_id == head]
    if any(who != author.casefold() for who in approving):
        return []
    return [f"no owner, member or collaborator but its author has approved {head[:12]}: one of them must"]
