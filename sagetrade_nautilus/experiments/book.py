"""The book of experiments, for the bot and the command line. Plain values; it changes nothing."""

from pathlib import Path
from typing import Any

import msgspec

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.ledger import TrialLedger
from sagetrade_nautilus.experiments.lifecycle import ACTIVE
from sagetrade_nautilus.experiments.store import ARTIFACTS, ExperimentStore


class BookEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment in a line.

    Parameters
    ----------
    state : str
        'created', 'evaluating', 'evaluated', 'recommended', 'rejected', 'approved', 'merged' or 'rolled_back'.
    baseline_sharpe, sharpe, baseline_return, total_return : float, optional
        On the research days, after all costs, returns as fractions; ``None`` until it was measured.
    config, base, branch, proposal : str
        The run's file; the commit that it starts from; its branch, and the commit on it that is to be merged.
    """

    id: str
    name: str
    hypothesis: str
    proposer: str
    state: str
    created_at: str
    is_active: bool
    baseline_sharpe: float | None = None
    sharpe: float | None = None
    baseline_return: float | None = None
    total_return: float | None = None
    config: str = ""
    base: str = ""
    branch: str = ""
    proposal: str = ""


class ExperimentBook:
    """The experiments of one folder.

    Parameters
    ----------
    directory : Path
        The folder; there are no experiments where it is missing.
    """

    def __init__(self, directory: Path) -> None:
        self._store = ExperimentStore(directory)
        self._ledger = TrialLedger(directory)

    def list(self) -> tuple[BookEntry, ...]:
        """Return every experiment, the newest first; one whose files are damaged is told as such and hides no other."""
        return tuple(self._entry(one) for one in reversed(self._store.ids()))

    def active(self) -> int:
        """Return how many still wait for something: a measurement, a person, or the end of their canary."""
        return sum(entry.is_active for entry in self.list())

    def trials(self) -> int:
        """Return how many evaluations anybody ever ran."""
        return self._ledger.count()

    def show(self, experiment_id: str) -> dict[str, Any]:
        """Return all that is known of one experiment: itself, its history, and its report where there is one.

        Raises
        ------
        ExperimentError
            There is none, or its files were altered.
        """
        return {
            "experiment": msgspec.to_builtins(self._store.load(experiment_id)),
            "history": [msgspec.to_builtins(event) for event in self._store.history(experiment_id)],
            "report": msgspec.to_builtins(self._report(experiment_id)),
        }

    def _report(self, experiment_id: str) -> reports.Report | None:
        folder = self._store.folder(experiment_id) / ARTIFACTS
        return reports.read(folder) if (folder / reports.REPORT).exists() else None

    def _entry(self, experiment_id: str) -> BookEntry:
        try:
            experiment = self._store.load(experiment_id)
            report = self._report(experiment_id)
        except ExperimentError as error:
            return BookEntry(
                id=experiment_id,
                name="damaged",
                hypothesis=str(error),
                proposer="",
                state="damaged",
                created_at="",
                is_active=True,
            )
        before, after = (report.baseline_metrics, report.experiment_metrics) if report else (None, None)
        return BookEntry(
            id=experiment.id,
            name=experiment.name,
            hypothesis=experiment.hypothesis,
            proposer=experiment.proposer,
            state=experiment.state.value,
            created_at=experiment.created_at,
            is_active=experiment.state in ACTIVE,
            baseline_sharpe=before.sharpe if before else None,
            sharpe=after.sharpe if after else None,
            baseline_return=before.total_return if before else None,
            total_return=after.total_return if after else None,
            config=experiment.config,
            base=experiment.base,
            branch=experiment.branch,
            proposal=experiment.proposal,
        )
