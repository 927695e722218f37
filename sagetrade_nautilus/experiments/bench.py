"""The bench: runs are asked of worktrees, counted before they begin, measured here, and kept for good."""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.config.pool import PoolConfig
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.ledger import Ledger, Trial
from sagetrade_nautilus.experiments.measure import Measured, measure
from sagetrade_nautilus.experiments.pool import make_pool
from sagetrade_nautilus.experiments.runner import Run
from sagetrade_nautilus.experiments.store import kept, put
from sagetrade_nautilus.experiments.tasks import Job, Outcome, Way, read_outcome
from sagetrade_nautilus.experiments.variants import digest
from sagetrade_nautilus.experiments.worker import do

WORKER: Final = "sagetrade_nautilus.experiments.worker"
SAID_CHARS: Final = 2_000
SPREAD: Final = frozenset({"search"})
"""What is many and small enough to be spread over a pool: its code stands here, so nothing proposed runs."""


class Code(msgspec.Struct, frozen=True):
    """Code that can be run: its worktree, its git tree, how it is run, and whether it is the code that runs here."""

    worktree: Path
    tree: str
    run: Run
    is_here: bool = False


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
    ledger : Ledger
        Counts every run before it begins.
    now : callable
        Returns the moment, in UTC, ISO 8601.
    pool : PoolConfig
        How many processes run at once, and where those are that need no worktree of their own: here or on a cluster.
        The figures do not depend on it.
    """

    def __init__(self, folder: Path, ledger: Ledger, now: Callable[[], str], pool: PoolConfig) -> None:
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

    def outcome(self, wanted: Wanted) -> Outcome:
        """Return the fills and trades of a run that has been measured."""
        return read_outcome(self._outcomes / f"{wanted.key}.json")

    @property
    def _outcomes(self) -> Path:
        return self._folder / "outcomes"

    def _place(self, key: str) -> Path:
        return self._folder / "measured" / f"{key}.json"

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
        batches = _batches([one for one in wanted if one not in spread], self._workers)
        with ThreadPoolExecutor(self._workers) as pool:
            return dict(pair for pairs in pool.map(self._run, batches) for pair in pairs)

    def _run(self, batch: list[Wanted]) -> list[tuple[str, str]]:
        """Run a batch in one process; return why runs of it have no figures that will ever be there."""
        code = batch[0].code
        raw = msgspec.json.encode([_job(one) for one in batch])
        digest_ = sha256(raw).hexdigest()
        asked, left = self._folder / "jobs" / f"{digest_}.json", self._folder / "runs" / digest_
        put(asked, raw)
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir(parents=True)
        catalogs = sorted({Path(one.config.data.catalog) for one in batch})
        done = code.run(
            [sys.executable, "-m", WORKER, str(asked), str(left)],
            worktree=code.worktree,
            inputs=[asked, *catalogs],
            outputs=left,
        )
        said = f"exit code {done.returncode}: {done.stderr.strip()[-SAID_CHARS:]}"
        lost = [(one.key, said) for one in batch if not self._take(one, left)]
        shutil.rmtree(left, ignore_errors=True)
        return lost

    def _take(self, one: Wanted, left: Path) -> bool:
        """Measure what a run left, and keep both; nothing that it was not asked for is looked at."""
        try:
            outcome = read_outcome(left / f"{one.key}.json")
        except ExperimentError:
            return False
        self._keep(one, outcome)
        return True

    def _keep(self, one: Wanted, outcome: Outcome) -> None:
        put(self._outcomes / f"{one.key}.json", msgspec.json.encode(outcome))
        put(self._place(one.key), msgspec.json.encode(measure(one.key, outcome, one.config)))


def _job(one: Wanted) -> Job:
    return Job(key=one.key, way=one.way, config=msgspec.to_builtins(one.config))


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
