"""Which way an experiment may go, and on whose word. Nothing here merges, and only people approve. Pure."""

from enum import StrEnum
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState


class By(StrEnum):
    """On whose word an experiment goes on."""

    MANAGER = "manager"
    PERSON = "person"
    CANARY = "canary"


ALLOWED: Final = {
    (ExperimentState.CREATED, ExperimentState.EVALUATING): frozenset({By.MANAGER}),
    (ExperimentState.EVALUATING, ExperimentState.EVALUATED): frozenset({By.MANAGER}),
    (ExperimentState.EVALUATED, ExperimentState.RECOMMENDED): frozenset({By.MANAGER}),
    (ExperimentState.EVALUATED, ExperimentState.REJECTED): frozenset({By.MANAGER, By.PERSON}),
    (ExperimentState.RECOMMENDED, ExperimentState.APPROVED): frozenset({By.PERSON}),
    (ExperimentState.RECOMMENDED, ExperimentState.REJECTED): frozenset({By.PERSON}),
    (ExperimentState.APPROVED, ExperimentState.MERGED): frozenset({By.PERSON}),
    (ExperimentState.APPROVED, ExperimentState.REJECTED): frozenset({By.PERSON}),
    (ExperimentState.APPROVED, ExperimentState.ROLLED_BACK): frozenset({By.PERSON, By.CANARY}),
    (ExperimentState.MERGED, ExperimentState.ROLLED_BACK): frozenset({By.PERSON, By.CANARY}),
    (ExperimentState.CREATED, ExperimentState.REJECTED): frozenset({By.MANAGER, By.PERSON}),
    (ExperimentState.EVALUATING, ExperimentState.REJECTED): frozenset({By.MANAGER, By.PERSON}),
}
ACTIVE: Final = frozenset(state for state, _ in ALLOWED)
"""The states in which an experiment still waits for something: a measurement, a person, or the end of its canary."""
TRADED: Final = frozenset({ExperimentState.APPROVED, ExperimentState.MERGED})
"""The states in which a change may trade, under its canary's eyes."""


def moved(experiment: Experiment, to: ExperimentState, by: By, reasons: tuple[str, ...] = ()) -> Experiment:
    """Return the experiment in the state `to`.

    Raises
    ------
    ExperimentError
        It may not go there from where it is, or not on this word.
    """
    allowed = ALLOWED.get((experiment.state, to))
    if allowed is None:
        raise ExperimentError(
            f"{experiment.id} is {experiment.state}; from there it cannot become {to}; "
            "`sagetool experiment show` tells its history"
        )
    if by not in allowed:
        raise ExperimentError(
            f"{experiment.id}: only {' or '.join(sorted(allowed))} can make it {to}; a {by} was asked"
        )
    return msgspec.structs.replace(experiment, state=to, reasons=reasons)
