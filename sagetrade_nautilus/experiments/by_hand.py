"""Runs that people make by hand beside a folder of experiments: counted, and told where they read sealed days."""

import datetime as dt
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments import chained
from sagetrade_nautilus.experiments.evaluation.variants import digest
from sagetrade_nautilus.experiments.evaluation.windows import Days, windows
from sagetrade_nautilus.experiments.experiment import noted
from sagetrade_nautilus.experiments.ground import BASE
from sagetrade_nautilus.experiments.ledger import Trial, TrialLedger
from sagetrade_nautilus.experiments.promotion.holdout import Holdout, HoldoutReading, touches
from sagetrade_nautilus.experiments.promotion.sealed import FILE
from sagetrade_nautilus.experiments.store import ExperimentStore
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

KIND: Final = "by hand"


def note(config: RunConfig, code: str, now: dt.datetime) -> str:
    """Write down a run that is about to be made, where there are experiments; return what its maker must be told.

    A ledger of readings is for the same days for ever, so of other days that an experiment seals none is written down:
    no candidate can be judged by those.

    Parameters
    ----------
    code : str
        The version of the code that it is made with.

    Returns
    -------
    str
        '' unless it reads days that are sealed.

    Raises
    ------
    ExperimentError
        A ledger was altered or cannot be written: then nothing may be run.
    """
    store = ExperimentStore(Path(config.experiments.directory))
    if not store.ids():
        return ""
    what = digest(config)
    key = sha256(f"{what} {code} {KIND}".encode()).hexdigest()
    TrialLedger(store.directory).record(
        Trial(key=key, experiment="", kind=KIND, config_digest=what, code=code, data="", at=noted(now))
    )
    path = store.directory / FILE
    known = {reading.days for reading in chained.read(path, HoldoutReading)}
    touched = (days for days in _sealed(store, config) if touches(config, days))
    days = next((days for days in touched if not known or days in known), None)
    if days is None:
        return ""
    Holdout(path, days).note(key, int(now.timestamp()) * NANOS_PER_SECOND)
    return (
        f"WARNING: this run reads days that are sealed, {days}: it stands in {path} now, and every "
        "later candidate must show more on them; end `data` before them to look at research days alone"
    )


def _sealed(store: ExperimentStore, config: RunConfig) -> Iterator[Days]:
    """Yield the sealed days of every experiment with a market of this run, the newest first."""
    for name in reversed(store.ids()):
        experiment = store.load(name)
        try:
            base = load(store.folder(name) / BASE / experiment.config)
            days = windows(base.data, base.experiments).holdout
        except ConfigError:
            continue  # it never laid its ground, or is of another time
        if set(base.data.instruments) & set(config.data.instruments):
            yield days
