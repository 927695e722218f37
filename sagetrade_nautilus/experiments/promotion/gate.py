"""The gate as an experiment meets it: judged on research days first, on the sealed days only if all else holds."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence, HoldoutEvidence
from sagetrade_nautilus.experiments.evaluation.figures import Criterion


class Said(Protocol):
    """A verdict; `judge.Ruling` is one."""

    @property
    def recommended(self) -> bool: ...
    @property
    def awaits_holdout(self) -> bool: ...
    @property
    def checks(self) -> Sequence[object]: ...


Judge = Callable[[GateEvidence, int], Said]
"""Holds evidence against the baseline's policy, given how many trials there were."""
ReadHoldout = Callable[[], HoldoutEvidence]
"""Reads the sealed days for this candidate, once and for all."""


class GateVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate said, in words that can be kept."""

    recommended: bool
    holdout_read: bool
    trials: int
    reasons: tuple[str, ...]


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict, and all the evidence that it was reached by: whoever has both can judge again."""

    verdict: GateVerdict
    evidence: GateEvidence


def judged(
    evidence: GateEvidence, criteria: Sequence[Criterion], trials: int, judge: Judge, read_holdout: ReadHoldout
) -> Judgement:
    """Ask the gate. The sealed days are read only where every criterion holds and the gate asks for them.

    Parameters
    ----------
    criteria : sequence of Criterion
        What else had to hold; one that does not is enough to reject.
    trials : int
        How many evaluations anybody ever ran.
    """
    said = judge(evidence, trials)
    was_read = said.awaits_holdout and all(one.passed for one in criteria)
    if was_read:
        evidence = msgspec.structs.replace(evidence, holdout=read_holdout())
        said = judge(evidence, trials)
    return Judgement(verdict=verdict(said, criteria, was_read, trials), evidence=evidence)


def verdict(said: Said, criteria: Sequence[Criterion], was_read: bool, trials: int) -> GateVerdict:
    """Return what the gate said, and what else failed, in words."""
    failed = tuple(f"{one.name}: {one.detail}" for one in criteria if not one.passed)
    return GateVerdict(
        recommended=said.recommended and not failed,
        holdout_read=was_read,
        trials=trials,
        reasons=(*failed, *(str(check) for check in said.checks)),
    )
