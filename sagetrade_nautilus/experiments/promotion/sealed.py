"""Reading the sealed days for one candidate: once, on the gate's word alone."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.evaluation.bench import Bench, Wanted
from sagetrade_nautilus.experiments.evaluation.evidence import HoldoutEvidence, Record
from sagetrade_nautilus.experiments.evaluation.plan import EvaluationPlan
from sagetrade_nautilus.experiments.evaluation.variants import on
from sagetrade_nautilus.experiments.evaluation.windows import Days
from sagetrade_nautilus.experiments.experiment import UnfitError
from sagetrade_nautilus.experiments.ground import fingerprint
from sagetrade_nautilus.experiments.promotion.holdout import Holdout
from sagetrade_nautilus.experiments.store import kept, put
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

FILE: Final = "holdout.jsonl"
OPENED: Final = "holdout.json"


class Sealer:
    """Measures baseline and candidate on the sealed days.

    Parameters
    ----------
    directory : Path
        The folder of all experiments, where the ledger of readings stands.
    days : Days
        The sealed days.
    now : callable
        Returns the moment, in UTC.
    """

    def __init__(
        self, directory: Path, plan: EvaluationPlan, days: Days, bench: Bench, now: Callable[[], dt.datetime]
    ) -> None:
        self._holdout = Holdout(directory / FILE, days)
        self._plan = plan
        self._days = days
        self._bench = bench
        self._now = now

    def read(self) -> HoldoutEvidence:
        """Return what the sealed days say.

        A manager that died after the days were given out goes on with this very reading, of this very candidate.

        Raises
        ------
        UnfitError
            They were read for this candidate before, or a run failed on them.
        """
        plan = self._plan
        place = plan.ground.folder / OPENED
        readings = kept(place, int)
        if readings is None:
            now = self._now()
            try:
                opened = self._holdout.open(plan.candidate.key, plan.config, int(now.timestamp()) * NANOS_PER_SECOND)
            except ExperimentError as error:
                raise UnfitError(str(error)) from error
            readings = opened.readings
            put(place, msgspec.json.encode(readings))
        baseline, candidate = self._bench.measure([self._on(plan.baseline), self._on(plan.candidate)])
        return HoldoutEvidence(baseline=Record.of(baseline), candidate=Record.of(candidate), readings=readings)

    def _on(self, wanted: Wanted) -> Wanted:
        catalog = self._plan.ground.whole_catalog
        config = on(wanted.config, self._days, catalog)
        data = fingerprint(config, self._days, catalog)
        return msgspec.structs.replace(wanted, kind="holdout", config=config, data=data)


def holdout_faults(directory: Path, days: Days) -> list[str]:
    """Return why the sealed days can be read for nobody; nothing if they can."""
    try:
        Holdout(directory / FILE, days).readings()
    except ExperimentError as error:
        return [str(error)]
    return []
