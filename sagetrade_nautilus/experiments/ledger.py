"""The ledger of trials: every evaluation that anybody ever ran, written down before it runs.

The more settings were tried, the better the best of them looks by luck alone, so the gate asks how many there were.
What is evaluated again, with the same configuration, code, data and way, is the same trial and counts once.
"""

from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import ExperimentError, cause
from sagetrade_nautilus.experiments import chained

FILE: Final = "ledger.jsonl"
MEASURED: Final = "measured"
"""The folder in that of an experiment with what was measured, each by its trial's key."""
KEY_CHARS: Final = 12
PATIENCE_S: Final = 30.0


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation.

    Parameters
    ----------
    key : str
        SHA-256 of what was evaluated: configuration, code, data and way.
    experiment : str
        For which experiment it was run first.
    kind : str
        What for: 'baseline', 'search', 'candidate', 'stress', 'neighbour', 'canary', 'holdout' and the like.
    config_digest, code, data : str
        Digests of the configuration and the data, and the git tree of the code.
    at : str
        When it began, in UTC, ISO 8601.
    """

    key: str
    experiment: str
    kind: str
    config_digest: str
    code: str
    data: str
    at: str


class TrialLedger:
    """The one ledger of a folder of experiments; it only ever grows.

    Parameters
    ----------
    directory : Path
        The folder of all experiments.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE

    def record(self, *trials: Trial) -> int:
        """Write down `trials` that are not known yet, and return how many there are now, ever.

        Raises
        ------
        ExperimentError
            The ledger was altered, or cannot be written: then nothing may be evaluated.
        """
        try:
            with durable.locked(self._path.parent, PATIENCE_S):
                known = {trial.key for trial in self.trials()}
                new: dict[str, Trial] = {}
                for trial in trials:
                    if trial.key not in known:
                        new.setdefault(trial.key, trial)
                chained.append(self._path, *new.values())
        except OSError as error:
            raise ExperimentError(f"{self._path}: cannot be locked: {cause(error)}") from None
        return len(known) + len(new)

    def trials(self) -> list[Trial]:
        """Return every trial, the first first.

        Raises
        ------
        ExperimentError
            The ledger was altered or taken away, cannot be read, or a line of it is no trial.
        """
        measured = sorted(self._path.parent.glob(f"*/{MEASURED}/*.json"))  # looked at first: each is recorded before
        found = chained.read(self._path, Trial)
        known = {trial.key for trial in found}
        for path in measured:
            if path.stem not in known:
                raise ExperimentError(
                    f"{self._path}: it lacks {path.stem[:KEY_CHARS]}, which {path.parent.parent.name} has measured; "
                    "restore it from a copy; a new ledger begins in a folder of its own (`experiments.directory`)"
                )
        return found

    def count(self) -> int:
        """Return how many evaluations anybody ever ran: the N of the gate's statistics."""
        return len(self.trials())
