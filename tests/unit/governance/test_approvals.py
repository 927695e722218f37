"""Which approvals let a run go live: all the people that a gate needs, for this very policy, configuration and code."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.governance.approvals import (
    PARTS,
    PERSONS_MIN,
    Approval,
    Gate,
    Judged,
    Subject,
    approvers,
    missing,
    reasons_against_live,
)

WANTED = Subject(policy="p", config="c", code="k", proposal="m")
PLAN = CanaryConfig(rollback="the trader on duty flattens and halts")


def _by(person: str, gate: Gate, subject: Subject = WANTED, fault: str = "") -> Judged:
    return Judged(Approval(gate, person, "2026-11-26T09:00:00Z", subject.part(gate)), fault)


ALL = [_by("anna", Gate.A), _by("anna", Gate.B), _by("omar", Gate.B)]


def test_with_every_approval_a_plan_and_clean_books_nothing_speaks_against_it() -> None:
    assert reasons_against_live(ALL, WANTED, PLAN, is_reconciled=True) == []


@pytest.mark.parametrize("left_out", range(3))
def test_without_any_one_of_them_it_does_not_go_live(left_out: int) -> None:
    some = [one for number, one in enumerate(ALL) if number != left_out]
    (reason,) = reasons_against_live(some, WANTED, PLAN, is_reconciled=True)
    assert f"gate {ALL[left_out].approval.gate}" in reason


def test_without_a_plan_or_with_books_that_differ_it_does_not_go_live() -> None:
    assert "[canary]" in reasons_against_live(ALL, WANTED, None, is_reconciled=True)[0]
    assert "reconciled" in reasons_against_live(ALL, WANTED, PLAN, is_reconciled=False)[0]


def test_one_person_twice_is_one_person() -> None:
    twice = [_by("anna", Gate.B), _by("anna", Gate.B)]
    assert approvers(Gate.B, twice, WANTED) == ["anna"]
    assert "by anna alone" in str(missing(Gate.B, twice, WANTED))


@pytest.mark.parametrize("gate", list(Gate))
def test_an_approval_holds_for_what_its_gate_binds_and_whatever_else_changes(gate: Gate) -> None:
    enough = [_by(f"person{number}", gate) for number in range(PERSONS_MIN[gate])]
    for name in ("policy", "config", "code", "proposal"):
        changed = msgspec.structs.replace(WANTED, **{name: "other"})
        assert (missing(gate, enough, changed) is None) == (name not in PARTS[gate])
        if name in PARTS[gate]:
            assert enough[0].why_not(changed) == f"it was for another {name}"


def test_an_approval_whose_signature_is_not_good_counts_for_nothing() -> None:
    forged = [_by(one.approval.person, one.approval.gate, fault="forged") for one in ALL]
    assert len(reasons_against_live(forged, WANTED, PLAN, is_reconciled=True)) == 2
    assert forged[0].why_not(WANTED) == "forged"


def test_what_is_signed_names_the_gate_the_person_the_time_and_what_is_approved() -> None:
    approval = ALL[1].approval
    for change in ({"gate": Gate.A}, {"person": "eve"}, {"at": "2027-01-01T00:00:00Z"}, {"subject": Subject()}):
        assert msgspec.structs.replace(approval, **change).message != approval.message
    assert msgspec.structs.replace(approval, signature="x").message == approval.message


@given(st.lists(st.sampled_from([*ALL, _by("eve", Gate.A, fault="forged"), _by("omar", Gate.A, Subject(policy="q"))])))
def test_more_approvals_never_close_a_gate(some: list[Judged]) -> None:
    before = len(reasons_against_live(some, WANTED, PLAN, is_reconciled=True))
    assert len(reasons_against_live([*some, *ALL], WANTED, PLAN, is_reconciled=True)) == 0 <= before
