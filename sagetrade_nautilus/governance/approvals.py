"""Approvals of the gates A, B and C: what each binds, and whether those that hold let a run go live. Pure."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from sagetrade_nautilus.config.canary import CanaryConfig


class Gate(StrEnum):
    """The points at which nothing goes on without people."""

    A = "A"
    B = "B"
    C = "C"


MEANING: Final = {
    Gate.A: "the AI policy, and that the kill switch works",
    Gate.B: "live execution: this policy, configuration and code, and the canary plan in it",
    Gate.C: "the merge of one proposal",
}
PERSONS_MIN: Final = {Gate.A: 1, Gate.B: 2, Gate.C: 1}
"""How many different people must approve: B is reviewed by an engineer and by the owner of the product."""
PARTS: Final = {Gate.A: ("policy",), Gate.B: ("policy", "config", "code"), Gate.C: ("policy", "proposal", "report")}
"""What each gate binds; all the rest may change without a new approval."""

_NAMED: Final = {Gate.A: "", Gate.B: " CONFIG", Gate.C: " --proposal COMMIT"}


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is approved, as SHA-256 digests in hex, and a proposal by its commit; '' where it is not part of it.

    Parameters
    ----------
    policy : str
        Of AI_POLICY.md.
    config : str
        Of the run's canonical configuration, canary plan and limits included.
    code : str
        Of all code and weights that the run rests on.
    proposal : str
        The commit that is to be merged.
    report : str, optional
        Of the experiment's report, where the proposal is an experiment's.
    """

    policy: str = ""
    config: str = ""
    code: str = ""
    proposal: str = ""
    report: str | UnsetType = UNSET

    def part(self, gate: Gate) -> "Subject":
        """Return what `gate` binds of it."""
        return Subject(**{name: getattr(self, name) for name in PARTS[gate]})


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person's word on one gate.

    Parameters
    ----------
    gate : Gate
        Which.
    person : str
        Who, as the allowed signers name them.
    at : str
        When, in UTC, ISO 8601.
    subject : Subject
        What; only the parts that the gate binds.
    signature : str
        An SSH signature of `message`, armoured.
    """

    gate: Gate
    person: str
    at: str
    subject: Subject
    signature: str = ""

    @property
    def message(self) -> bytes:
        """What is signed: everything but the signature, in one canonical form."""
        return msgspec.json.encode(msgspec.structs.replace(self, signature=""), order="sorted")


class Judged(msgspec.Struct, frozen=True):
    """An approval, what is wrong with it ('' if its signature is good), and the fingerprint of the key that made it."""

    approval: Approval
    fault: str = ""
    key: str = ""

    def holds(self, wanted: Subject) -> bool:
        """Whether it approves `wanted`."""
        return not self.fault and self.approval.subject == wanted.part(self.approval.gate)

    def why_not(self, wanted: Subject) -> str:
        """Return why it does not approve `wanted`, '' if it does."""
        gate, approved = self.approval.gate, self.approval.subject
        if self.fault or approved == wanted.part(gate):
            return self.fault
        changed = [name for name in PARTS[gate] if getattr(approved, name) != getattr(wanted, name)]
        if not changed:
            return "it binds more than this gate does"
        return f"it was for another {' and another '.join(changed)}"


def approvers(gate: Gate, judged: Iterable[Judged], wanted: Subject) -> list[str]:
    """Return the people whose approval of `gate` holds for `wanted`, each once, in the order of their names.

    Of several names for one key, as a pattern or a second line in the list of signers makes them, the first counts.
    """
    holding = sorted(
        {(one.approval.person, one.key) for one in judged if one.approval.gate is gate and one.holds(wanted)}
    )
    people: dict[str, str] = {}
    for person, key in holding:
        people.setdefault(key or person, person)
    return sorted(set(people.values()))


def missing(gate: Gate, judged: Collection[Judged], wanted: Subject) -> str | None:
    """Return why `gate` is not open for `wanted`, or ``None``."""
    found, needed = approvers(gate, judged, wanted), PERSONS_MIN[gate]
    if len(found) >= needed:
        return None
    by = f"by {', '.join(found)} alone" if found else "by nobody"
    people = "one person" if needed == 1 else f"{needed} different people"
    command = f"sagetool gate approve {gate}{_NAMED[gate]} --as YOU"
    return f"gate {gate} ({MEANING[gate]}) is approved {by}; it needs {people}: `{command}`"


def reasons_against_live(
    judged: Collection[Judged], wanted: Subject, canary: CanaryConfig | None, *, is_reconciled: bool
) -> list[str]:
    """Return why this run may not go live, in words; nothing if it may.

    Parameters
    ----------
    judged : collection of Judged
        Every approval that there is.
    wanted : Subject
        What would go live.
    canary : CanaryConfig, optional
        The run's canary plan.
    is_reconciled : bool
        Whether our orders and positions were found to be those of the venue.
    """
    gates = [missing(gate, judged, wanted) for gate in (Gate.A, Gate.B)]
    against = [reason for reason in gates if reason is not None]
    return against + reasons_against_orders(canary, is_reconciled=is_reconciled)


def reasons_against_orders(canary: CanaryConfig | None, *, is_reconciled: bool) -> list[str]:
    """Return why this run may send orders to no account of a broker's, be there money in it or not."""
    reasons = []
    if canary is None:
        reasons.append("the configuration has no `[canary]`: with how little money does it begin?")
    if not is_reconciled:
        reasons.append("our orders and positions have not been reconciled with the venue's")
    return reasons
