"""A batch of runs, done in one process of its own in its worktree: here, or wherever a pool has its workers.

Whatever machine that is sees the worktree and the catalogs under the same paths, and has a sandbox for proposed code.
"""

import shutil
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.sandbox.bubblewrap import Sandbox, SandboxLimits
from sagetrade_nautilus.experiments.sandbox.runner import Plain, Run, limited
from sagetrade_nautilus.experiments.store import put
from sagetrade_nautilus.experiments.sweeps.tasks import Job, RunOutcome, read_outcome

WORKER: Final = "sagetrade_nautilus.experiments.sweeps.worker"
SAID_CHARS: Final = 2_000


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one process is asked for.

    Parameters
    ----------
    worktree : str
        Whose code it runs.
    isolated : bool
        Whether that code is proposed, and runs in a sandbox only.
    seconds : float
        How long it may take.
    jobs : tuple[Job, ...]
        The runs.
    catalogs : tuple[str, ...]
        The data that they read.
    """

    worktree: str
    isolated: bool
    seconds: float
    jobs: tuple[Job, ...]
    catalogs: tuple[str, ...]


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What it left: the outcomes that there are, by their keys, and why there are no others."""

    outcomes: dict[str, RunOutcome]
    said: str


def do_batch(batch: Batch) -> Left:
    """Do a batch on the machine that this runs on; proposed code only in a sandbox of that machine's."""
    run = (
        limited(Sandbox(), SandboxLimits(seconds=batch.seconds)) if batch.isolated else limited(Plain(), batch.seconds)
    )
    with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
        return run_batch(batch, run, Path(scratch))


def run_batch(batch: Batch, run: Run, folder: Path) -> Left:
    """Do a batch by `run`, with what is asked and left in `folder`; what it leaves unasked is not looked at."""
    raw = msgspec.json.encode(batch.jobs)
    digest = sha256(raw).hexdigest()
    asked, left = folder / "jobs" / f"{digest}.json", folder / "runs" / digest
    put(asked, raw)
    shutil.rmtree(left, ignore_errors=True)
    left.mkdir(parents=True)
    done = run(
        [sys.executable, "-m", WORKER, str(asked), str(left)],
        worktree=Path(batch.worktree),
        inputs=[asked, *map(Path, batch.catalogs)],
        outputs=left,
    )
    outcomes = {}
    for job in batch.jobs:
        try:
            outcomes[job.key] = read_outcome(left / f"{job.key}.json")
        except ExperimentError:
            continue
    shutil.rmtree(left, ignore_errors=True)
    return Left(outcomes=outcomes, said=f"exit code {done.returncode}: {done.stderr.strip()[-SAID_CHARS:]}")
