"""The bench: runs are asked of worktrees, counted before they begin, measured here, and kept for good."""

import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.config.pool import PoolConfig
from sagetrade_nautilus.experiments.evaluation.measure import Measured, measure
from sagetrade_nautilus.experiments.evaluation.variants import digest
from sagetrade_nautilus.experiments.ledger import MEASURED, Trial, TrialLedger
from sagetrade_nautilus.experiments.sandbox.runner import Run
from sagetrade_nautilus.experiments.store import kept, put
from sagetrade_nautilus.experiments.sweeps.batch import Batch, Left, do_batch, run_batch
from sagetrade_nautilus.experiments.sweeps.pool import make_pool
from sagetrade_nautilus.experiments.sweeps.tasks import Job, RunOutcome, Way, read_outcome
from sagetrade_nautilus.experiments.sweeps.threads import at_once
from sagetrade_nautilus.experiments.sweeps.worker import do

SPREAD: Final = frozenset({"search"})
"""What is many and small, so that a worker does one after the other: its code stands here, so nothing proposed runs."""
SEALED: Final = frozenset({"holdout"})
"""What no other machine is shown."""


class Code(msgspec.Struct, frozen=True):
    """Code that can be run: its worktree, its git tree, how it is run.

    Parameters
    ----------
    is_here : bool
        Whether it is the code that runs here.
    is_proposed : bool
        Whether it runs in a sandbox only.
    """

    worktree: Path
    tree: str
    run: Run
    is_here: bool = False
    is_proposed: bool = False


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One run that is wanted: what for, of which configuration and code, on which data.

    Parameters
    ----------
    kind : str
        What for, as the ledger calls it.
    data : str
        The fingerprint of its catalog, which `config` names.
    """

    kind: str
    config: RunConfig
    code: Code
    data: str
    way: Way = "backtest"

    @property
    def key(self) -> str:
        """SHA-256 of what is run, wherever its catalog lies."""
        return sha256(f"{digest(self.config)} {self.code.tree} {self.data} {self.way}".encode()).hexdigest()


class Bench:
    """Measures runs for one experiment.

    Parameters
    ----------
    folder : Path
        The experiment's folder, whose name is its id.
    ledger : TrialLedger
        Counts every run before it begins.
    now : callable
        Returns the moment, in UTC, ISO 8601.
    pool : PoolConfig
        How many processes run at once, and where those are: here or on a cluster. The figures do not depend on it.
    """

    def __init__(self, folder: Path, ledger: TrialLedger, now: Callable[[], str], pool: PoolConfig) -> None:
        self._folder = folder
        self._ledger = ledger
        self._now = now
        self._pool = pool
        self._workers = pool.workers or os.cpu_count() or 1

    def measure(self, wanted: Sequence[Wanted]) -> list[Measured]:
        """Return what each run amounts to, in the order in which they are wanted.

        Raises
        ------
        ExperimentError
            The ledger cannot be written: then nothing runs.
        """
        missing = {one.key: one for one in wanted if kept(self._place(one.key), Measured) is None}
        if missing:
            self._ledger.record(*(self._trial(one) for one in missing.values()))
            lost = self._run_all(list(missing.values()))
        else:
            lost = {}
        return [
            kept(self._place(one.key), Measured) or Measured(key=one.key, failure=lost.get(one.key, "it was lost"))
            for one in wanted
        ]

    def outcome(self, wanted: Wanted) -> RunOutcome:
        """Return the fills and trades of a run that has been measured."""
        return read_outcome(self._outcomes / f"{wanted.key}.json")

    @property
    def _outcomes(self) -> Path:
        return self._folder / "outcomes"

    def _place(self, key: str) -> Path:
        return self._folder / MEASURED / f"{key}.json"

    def _trial(self, one: Wanted) -> Trial:
        return Trial(
            key=one.key,
            experiment=self._folder.name,
            kind=one.kind,
            config_digest=digest(one.config),
            code=one.code.tree,
            data=one.data,
            at=self._now(),
        )

    def _run_all(self, wanted: list[Wanted]) -> dict[str, str]:
        """Run what is wanted, and return why runs of it have no figures that will ever be there."""
        spread = [one for one in wanted if one.code.is_here and one.kind in SPREAD]
        if spread:
            jobs = [_job(one) for one in spread]
            for one, outcome in zip(spread, make_pool(self._pool).map(do, jobs), strict=True):
                self._keep(one, outcome)
        here = [one for one in wanted if one not in spread and (self._pool.backend == "local" or one.kind in SEALED)]
        afar = [one for one in wanted if one not in spread and one not in here]
        return self._batches_here(here) | self._batches_afar(afar)

    def _batches_here(self, wanted: list[Wanted]) -> dict[str, str]:
        """Run each batch in a process of this machine, so many at once as the pool is to have."""
        batches = _batches(wanted, self._workers)
        lost = at_once(
            lambda one: self._take(one, run_batch(_asked(one), one[0].code.run, self._folder)), batches, self._workers
        )
        return {key: said for some in lost for key, said in some.items()}

    def _batches_afar(self, wanted: list[Wanted]) -> dict[str, str]:
        """Have the pool's workers do each run in a process of its own."""
        batches = [[one] for one in wanted]
        lost: dict[str, str] = {}
        if batches:
            for one, left in zip(batches, make_pool(self._pool).map(do_batch, list(map(_asked, batches))), strict=True):
                lost |= self._take(one, left)
        return lost

    def _take(self, batch: list[Wanted], left: Left) -> dict[str, str]:
        """Measure what a batch left, and keep both; return why others of it will never have figures."""
        for one in batch:
            if one.key in left.outcomes:
                self._keep(one, left.outcomes[one.key])
        return {one.key: left.said for one in batch if one.key not in left.outcomes}

    def _keep(self, one: Wanted, outcome: RunOutcome) -> None:
        put(self._outcomes / f"{one.key}.json", msgspec.json.encode(outcome))
        put(self._place(one.key), msgspec.json.encode(measure(one.key, outcome, one.config)))


def _job(one: Wanted) -> Job:
    return Job(key=one.key, way=one.way, config=msgspec.to_builtins(one.config))


def _asked(batch: list[Wanted]) -> Batch:
    code = batch[0].code
    return Batch(
        worktree=str(code.worktree),
        isolated=code.is_proposed,
        seconds=batch[0].config.experiments.timeout_s,
        jobs=tuple(_job(one) for one in batch),
        catalogs=tuple(sorted({one.config.data.catalog for one in batch})),
    )


def _batches(wanted: list[Wanted], workers: int) -> list[list[Wanted]]:
    """Deal out the runs, a process for each kind of code and way, so that starting one is paid once for several."""
    groups: dict[tuple[str, Way], list[Wanted]] = {}
    for one in wanted:
        groups.setdefault((one.code.tree, one.way), []).append(one)
    dealt = [
        group[first :: min(workers, len(group))]
        for group in groups.values()
        for first in range(min(workers, len(group)))
    ]
    return sorted(dealt, key=len, reverse=True)
