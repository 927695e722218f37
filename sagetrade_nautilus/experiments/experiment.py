"""What an experiment is: a change with a hypothesis, and how far it has come."""

import datetime as dt
import re
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from sagetrade_nautilus.errors import ExperimentError

BRANCH_PREFIX: Final = "ai-experiment/"
ID: Final = re.compile(r"exp-\d{8}-\d{3}")
NUMBER_MAX: Final = 999

ProposerName = Literal["optuna", "llm", "human"]


class UnfitError(ExperimentError):
    """The change itself is no good: that ends its experiment, and is no fault of anything else."""


class ExperimentState(StrEnum):
    """How far an experiment has come."""

    CREATED = "created"
    EVALUATING = "evaluating"
    EVALUATED = "evaluated"
    RECOMMENDED = "recommended"
    REJECTED = "rejected"
    APPROVED = "approved"
    MERGED = "merged"
    ROLLED_BACK = "rolled_back"


class Experiment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One experiment.

    Parameters
    ----------
    id : str
        'exp-YYYYMMDD-NNN': the UTC day on which it was created, and its number on that day.
    name, hypothesis : str
        What it is called, and what it expects.
    proposer : str
        Who makes the change.
    config : str
        The run's TOML file, relative to the repository.
    base : str
        The commit that it starts from and is measured against.
    source : str
        The branch that a person made the change on; '' where a proposer makes it.
    seed : int
        Seed of all that is random in it.
    created_at : str
        UTC, ISO 8601.
    data_fingerprint : str
        SHA-256 of the bars and texts of its research days; '' until they have been read.
    change : str
        The commit with the change; '' until it has been made.
    proposal : str
        The commit that is to be merged: the change, and beside it its evidence.
    state : ExperimentState
        How far it has come.
    reasons : tuple[str, ...]
        Why it was recommended, rejected or rolled back.
    """

    id: Annotated[str, Meta(pattern=r"^exp-\d{8}-\d{3}\Z")]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    hypothesis: Annotated[str, Meta(min_length=1, max_length=2_000)]
    proposer: ProposerName
    config: str
    base: str
    source: str = ""
    seed: int
    created_at: str
    data_fingerprint: str = ""
    change: str = ""
    proposal: str = ""
    state: ExperimentState = ExperimentState.CREATED
    reasons: tuple[str, ...] = ()

    @property
    def branch(self) -> str:
        """The branch of its own that it works on."""
        return f"{BRANCH_PREFIX}{self.id}"


def id_of(day: dt.date, number: int) -> str:
    """Return the id of the `number`-th experiment of `day`."""
    return f"exp-{day:%Y%m%d}-{number:03d}"


def noted(moment: dt.datetime) -> str:
    """Return a moment as it is written down: UTC, ISO 8601, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
