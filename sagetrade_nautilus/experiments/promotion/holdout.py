"""The sealed days: no search sees them, and the gate may read them once for each candidate.

A reading is written down, on the disk, before the days are given out, so that one which was cut short counts. What asks
a second time is refused, and that is written down too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ExperimentError, cause
from sagetrade_nautilus.experiments import chained
from sagetrade_nautilus.experiments.evaluation.windows import Days

LOCK_PATIENCE_S = 10.0


Deed = Literal["read", "refused", "by hand"]


class HoldoutReading(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger of readings.

    Parameters
    ----------
    ts : int
        When it was asked for, in nanoseconds since 1970.
    candidate : str
        The digest of what was to be judged: of its configuration and its code.
    days : Days
        The sealed days.
    deed : {'read', 'refused', 'by hand'}
        What became of it; or that a person read them in a run of their own.
    """

    ts: int
    candidate: str
    days: Days
    deed: Deed


class OpenedHoldout(msgspec.Struct, frozen=True):
    """What a reading gives: the run over the sealed days, and how many readings there were, this one included."""

    config: RunConfig
    readings: int


class Holdout:
    """The sealed days and the ledger of their readings.

    Parameters
    ----------
    path : Path
        The ledger; its folder is made if it is missing. A ledger is for the same days for ever: other days begin
        another one, and that is a person's decision.
    days : Days
        The sealed days.

    Raises
    ------
    ExperimentError
        `days` are none.
    """

    def __init__(self, path: Path, days: Days) -> None:
        if days.end <= days.start:
            raise ExperimentError(
                f"the sealed days from {days.start} to {days.end} are none: let the end come after the start"
            )
        self._path = path
        self._days = days

    def open(self, candidate: str, config: RunConfig, ts: int) -> OpenedHoldout:
        """Give out the sealed days for `candidate`, once.

        Parameters
        ----------
        candidate : str
            The digest of its configuration and code: a new name for the same thing is no new candidate.
        config : RunConfig
            Its run.
        ts : int
            Now, in nanoseconds since 1970.

        Raises
        ------
        ExperimentError
            They have been read for this candidate, the ledger is for other days or was altered, or it cannot be
            written.
        """
        with self._locked():
            past = self.readings()
            if any(reading.candidate == candidate and reading.deed == "read" for reading in past):
                self._write(candidate, ts, "refused")
                raise ExperimentError(
                    f"{self._path}: the sealed days have been read for {candidate[:16]}; a candidate is judged once"
                )
            self._write(candidate, ts, "read")
        data = msgspec.structs.replace(config.data, start=self._days.start, end=self._days.end)
        count = 1 + sum(reading.deed != "refused" for reading in past)
        return OpenedHoldout(msgspec.structs.replace(config, data=data), count)

    def note(self, run: str, ts: int) -> None:
        """Write down that a person's own run reads the sealed days; the same run again shows nothing new.

        Raises
        ------
        ExperimentError
            As `open` does.
        """
        with self._locked():
            if all(reading.candidate != run for reading in self.readings()):
                self._write(run, ts, "by hand")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with durable.locked(self._path.parent, LOCK_PATIENCE_S):
                yield
        except OSError as error:
            raise ExperimentError(f"{self._path}: cannot be locked: {cause(error)}") from None

    def readings(self) -> list[HoldoutReading]:
        """Return every reading and refusal so far.

        Raises
        ------
        ExperimentError
            The ledger was altered, cannot be read, or is for other days.
        """
        past = chained.read(self._path, HoldoutReading)
        other = next((reading.days for reading in past if reading.days != self._days), None)
        if other is not None:
            raise ExperimentError(
                f"{self._path}: it is the ledger of the days {other}, not {self._days}; days that were read are not "
                "sealed anew by moving the seal: other days begin another `experiments.directory`"
            )
        return past

    def _write(self, candidate: str, ts: int, deed: Deed) -> None:
        chained.append(self._path, HoldoutReading(ts=ts, candidate=candidate, days=self._days, deed=deed))


def touches(config: RunConfig, days: Days) -> bool:
    """Whether the run's data reach into the sealed days."""
    return config.data.start < days.end and days.start < config.data.end
