"""What a proposer is given, and what it gives back. It sees research days alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.experiments.evaluation.figures import Criterion
from sagetrade_nautilus.experiments.evaluation.measure import Measured
from sagetrade_nautilus.experiments.experiment import Experiment


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A change.

    Parameters
    ----------
    title, rationale : str
        For people: what was changed, and why it should help.
    files : dict[str, str]
        Path in the repository to the file's whole new text.
    commit : str
        The commit with the change, where it has been made already; `files` is empty then.
    """

    title: str
    rationale: str
    files: dict[str, str] = {}
    commit: str = ""


class Tried(msgspec.Struct, frozen=True):
    """What came of trying files out: what had to hold first, and the run on the research days if all of it did."""

    checks: tuple[Criterion, ...]
    measured: Measured | None


class Workshop(Protocol):
    """What a proposer may see and do. Everything that it measures is counted."""

    @property
    def experiment(self) -> Experiment: ...

    @property
    def config(self) -> RunConfig:
        """The baseline, on the research days."""
        ...

    @property
    def config_text(self) -> str:
        """The baseline's TOML file."""
        ...

    @property
    def folder(self) -> Path:
        """Where a proposer may keep what it must not do twice."""
        ...

    def baseline(self) -> Measured:
        """Return what the baseline amounts to on the research days."""
        ...

    def source(self, path: str) -> str | None:
        """Return the text of a file of the base commit, ``None`` if it is not there."""
        ...

    def try_configs(self, configs: Sequence[RunConfig]) -> list[Measured]:
        """Return what the baseline's code amounts to with other configurations, on their own days."""
        ...

    def try_files(self, files: Mapping[str, str]) -> Tried:
        """Check proposed files, and run them on the research days if they hold."""
        ...


class Proposer(Protocol):
    """Makes a change."""

    def propose(self, workshop: Workshop) -> Proposal:
        """Return the change; asked again, it gives the same, and does not begin anew.

        Raises
        ------
        SageTradeError
            It has none to give.
        """
        ...
