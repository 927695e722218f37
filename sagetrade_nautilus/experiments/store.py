"""Where experiments are kept: a folder each, in which every step that is done stands as a file of its own."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ExperimentError, cause
from sagetrade_nautilus.experiments import chained
from sagetrade_nautilus.experiments.experiment import ID, NUMBER_MAX, Experiment, ExperimentState, id_of
from sagetrade_nautilus.experiments.lifecycle import By, moved

FILE: Final = "experiment.json"
ARTIFACTS: Final = "artifacts"
HISTORY: Final = "history.jsonl"
LOCK: Final = "running.lock"


class HistoryEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an experiment's history."""

    at: str
    state: ExperimentState
    by: By
    who: str = ""
    reasons: tuple[str, ...] = ()


class ExperimentStore:
    """The experiments of one folder.

    Parameters
    ----------
    directory : Path
        The folder; it is made by the first experiment.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def folder(self, experiment_id: str) -> Path:
        """Return the experiment's folder, absolute."""
        if ID.fullmatch(experiment_id) is None:
            raise ExperimentError(f"{experiment_id!r} is no experiment's id, such as exp-20260101-001")
        return (self.directory / experiment_id).absolute()

    def begin(self, day: dt.date) -> str:
        """Make the folder of a new experiment, and return its id: the next that is free on `day`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for number in range(1, NUMBER_MAX + 1):
            try:
                self.folder(id_of(day, number)).mkdir()
            except FileExistsError:
                continue
            durable.sync_folder(self.directory)
            return id_of(day, number)
        raise ExperimentError(f"{self.directory}: {NUMBER_MAX} experiments were begun on {day} already")

    def ids(self) -> list[str]:
        """Return the ids of all experiments, the oldest first."""
        if not self.directory.is_dir():
            return []
        return sorted(entry.name for entry in self.directory.iterdir() if (entry / FILE).is_file())

    def load(self, experiment_id: str) -> Experiment:
        """Return the experiment.

        Raises
        ------
        ExperimentError
            There is none, or its file is damaged.
        """
        path = self.folder(experiment_id) / FILE
        try:
            return msgspec.json.decode(path.read_bytes(), type=Experiment)
        except FileNotFoundError:
            raise ExperimentError(
                f"there is no experiment {experiment_id} in {self.directory}; `sagetool experiment list` shows them"
            ) from None
        except OSError as error:
            raise ExperimentError(f"{path}: it cannot be read: {cause(error)}") from None
        except UNDECODABLE as error:
            raise ExperimentError(f"{path}: it is no experiment: {error}; restore it from a copy") from None

    def save(self, experiment: Experiment) -> Experiment:
        """Put the experiment on the disk, whole, and return it."""
        put(self.folder(experiment.id) / FILE, msgspec.json.format(msgspec.json.encode(experiment), indent=2) + b"\n")
        return experiment

    def move(
        self,
        experiment: Experiment,
        to: ExperimentState,
        by: By,
        at: str,
        *,
        who: str = "",
        reasons: tuple[str, ...] = (),
    ) -> Experiment:
        """Move the experiment on, write that into its history, and return it.

        The caller is the only one that works on it. The history is written first: what a crash leaves undone is done
        again, and stands there twice.

        Raises
        ------
        ExperimentError
            It may not go there, not on this word, or the disk does not take it.
        """
        after = moved(experiment, to, by, reasons)
        chained.append(self._history(experiment.id), HistoryEvent(at=at, state=to, by=by, who=who, reasons=reasons))
        return self.save(after)

    def history(self, experiment_id: str) -> list[HistoryEvent]:
        """Return what became of the experiment, oldest first."""
        return chained.read(self._history(experiment_id), HistoryEvent)

    @contextmanager
    def running(self, experiment_id: str) -> Iterator[None]:
        """Be the only process that works on the experiment.

        Raises
        ------
        ExperimentError
            Another one does.
        """
        try:
            with durable.sole(self.folder(experiment_id) / LOCK):
                yield
        except BlockingIOError:
            raise ExperimentError(
                f"{experiment_id}: another process is working on it; wait until it has ended"
            ) from None

    def is_running(self, experiment_id: str) -> bool:
        """Return whether a process works on the experiment."""
        return durable.is_held(self.folder(experiment_id) / LOCK)

    def _history(self, experiment_id: str) -> Path:
        return self.folder(experiment_id) / HISTORY


def put(path: Path, raw: bytes) -> None:
    """Write a file whole or not at all, and onto the disk.

    Raises
    ------
    ExperimentError
        The disk does not take it.
    """
    try:
        durable.put(path, raw)
    except OSError as error:
        raise ExperimentError(f"{path}: cannot be written: {cause(error)}") from None


def kept[T](path: Path, kind: type[T]) -> T | None:
    """Return what an earlier run left at `path`, ``None`` if there is nothing.

    Raises
    ------
    ExperimentError
        What stands there is not what it should be.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, *UNDECODABLE) as error:
        raise ExperimentError(f"{path}: it cannot be read: {error}; take it away to have it made again") from None
