"""Whose word lets a proposal be merged: one of the repository's people, not its author, of this very commit."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.experiments.delivery.reviews import (
    Label,
    Pull,
    PullHead,
    Review,
    User,
    proposal_of,
    read,
    review_faults,
)


def _review(
    login: str, state: str, commit: str = "head", kind: str = "User", association: str = "COLLABORATOR"
) -> Review:
    return Review(user=User(login=login, type=kind), state=state, commit_id=commit, author_association=association)


@pytest.mark.parametrize(
    ("reviews", "is_open"),
    [
        ([], False),
        ([_review("anna", "APPROVED")], True),
        ([_review("anna", "APPROVED", association="OWNER")], True),
        ([_review("anna", "APPROVED", association="MEMBER")], True),
        ([_review("passer-by", "APPROVED", association="NONE")], False),
        ([_review("passer-by", "APPROVED", association="CONTRIBUTOR")], False),
        ([_review("passer-by", "APPROVED", association="FIRST_TIME_CONTRIBUTOR")], False),
        ([_review("anna", "APPROVED"), _review("passer-by", "CHANGES_REQUESTED", association="NONE")], True),
        ([_review("ai-author", "APPROVED")], False),
        ([_review("AI-Author", "APPROVED")], False),
        ([_review("helper[bot]", "APPROVED", kind="Bot")], False),
        ([_review("an-organisation", "APPROVED", kind="Organization")], False),
        ([_review("anna", "APPROVED", "older")], False),
        ([_review("anna", "APPROVED"), _review("anna", "APPROVED", "older")], False),
        ([_review("anna", "COMMENTED")], False),
        ([_review("anna", "APPROVED"), _review("anna", "COMMENTED")], True),
        ([_review("anna", "APPROVED"), _review("anna", "DISMISSED")], False),
        ([_review("anna", "APPROVED"), _review("omar", "CHANGES_REQUESTED")], False),
        ([_review("omar", "CHANGES_REQUESTED"), _review("omar", "APPROVED")], True),
        ([Review(user=None, state="APPROVED", commit_id="head", author_association="OWNER")], False),
    ],
)
def test_one_of_the_repositorys_people_other_than_the_author_must_approve_this_very_commit(
    reviews: list[Review], is_open: bool
) -> None:
    assert (review_faults(reviews, "ai-author", "head") == []) is is_open


def test_githubs_own_answer_can_be_read() -> None:
    raw = (
        b'[{"id": 1, "user": {"login": "anna", "id": 2, "type": "User"}, "state": "APPROVED", "commit_id": "head", '
        b'"author_association": "MEMBER"}]'
    )
    assert review_faults(msgspec.json.decode(raw, type=list[Review]), "ai", "head") == []


@pytest.mark.parametrize("raw", [b"{}", b"[{}]", b"\xff", b"[" * 99_999])
def test_an_answer_about_reviews_that_is_none_is_named(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "reviews.json"
    path.write_bytes(raw)
    with pytest.raises(GovernanceError, match=r"reviews\.json"):
        read(path, Review)


def _pull(branch: str, *labels: str) -> Pull:
    return Pull(head=PullHead(branch), draft=False, user=None, labels=[Label(name) for name in labels])


def test_a_proposal_is_known_by_its_branch_or_its_label() -> None:
    ours, labelled = _pull("ai-experiment/exp-20261126-001"), _pull("better", "ai-proposed")
    assert proposal_of([ours]) is ours
    assert proposal_of([labelled]) is labelled
    assert proposal_of([_pull("better"), _pull("mine")]) is None
    assert proposal_of([]) is None


def test_a_commit_of_a_proposal_in_another_pull_request_too_is_refused() -> None:
    with pytest.raises(GovernanceError, match="close all but"):
        proposal_of([_pull("innocent"), _pull("ai-experiment/exp-20261126-001")])
