"""Which way an experiment may go, and on whose word. Nothing here merges, and only people approve. Pure."""

from enum import StrEnum
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.experiment import Experiment, State


class By(StrEnum):
    """On whose word an experiment goes on."""

    MANAGER = "manager"
    PERSON = "person"
    CANARY = "canary"


ALLOWED: Final = {
    (State.CREATED, State.EVALUATING): frozenset({By.MANAGER}),
    (State.EVALUATING, State.EVALUATED): frozenset({By.MANAGER}),
    (State.EVALUATED, State.RECOMMENDED): frozenset({By.MANAGER}),
    (State.EVALUATED, State.REJECTED): frozenset({By.MANAGER, By.PERSON}),
    (State.RECOMMENDED, State.APPROVED): frozenset({By.PERSON}),
    (State.RECOMMENDED, State.REJECTED): frozenset({By.PERSON}),
    (State.APPROVED, State.MERGED): frozenset({By.PERSON}),
    (State.APPROVED, State.REJECTED): frozenset({By.PERSON}),
    (State.APPROVED, State.ROLLED_BACK): frozenset({By.PERSON, By.CANARY}),
    (State.MERGED, State.ROLLED_BACK): frozenset({By.PERSON, By.CANARY}),
    (State.CREATED, State.REJECTED): frozenset({By.MANAGER, By.PERSON}),
    (State.EVALUATING, State.REJECTED): frozenset({By.MANAGER, By.PERSON}),
}
ACTIVE: Final = frozenset(
    {State.CREATED, State.EVALUATING, State.EVALUATED, State.RECOMMENDED, State.APPROVED, State.MERGED}
)
"""The states in which an experiment still waits for something: a measurement, a person, or the end of its canary."""


def moved(experiment: Experiment, to: State, by: By, reasons: tuple[str, ...] = ()) -> Experiment:
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
