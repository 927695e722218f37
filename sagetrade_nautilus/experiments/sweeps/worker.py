"""Runs the jobs of one file, in the worktree that it is started in: ``python -m ...worker JOBS OUTPUTS``.

It imports the worktree's own code, proposed code too, so it is to be started in a sandbox, and what it writes is held
against the market by whoever reads it.
"""

import sys
import tempfile
from pathlib import Path

import msgspec

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import SageTradeError
from sagetrade_nautilus.experiments.sweeps.tasks import Job, RunOutcome
from sagetrade_nautilus.model.records import RunSummary
from sagetrade_nautilus.run import backtest, replay
from sagetrade_nautilus.run.checks import lookahead
from sagetrade_nautilus.run.files import JOURNAL

SHIFT_MIN = 90.0


def work(jobs: Path, outputs: Path) -> None:
    """Run every job in the file `jobs`, and leave an outcome each in `outputs`."""
    for job in msgspec.json.decode(jobs.read_bytes(), type=list[Job]):
        made = outputs / f".{job.key}"
        made.write_bytes(msgspec.json.encode(do(job)))
        made.replace(outputs / f"{job.key}.json")


def do(job: Job) -> RunOutcome:
    """Run one job with the code that is imported here, and return what it left, or why it failed."""
    try:
        with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
            return _run(job, msgspec.convert(job.config, RunConfig), Path(scratch))
    except SageTradeError as error:
        return RunOutcome(failure=f"{type(error).__name__}: {error}")


def _run(job: Job, config: RunConfig, scratch: Path) -> RunOutcome:
    if job.way == "lookahead":
        findings = lookahead.check(config, lookahead.middle(config), SHIFT_MIN)
        return RunOutcome(findings=tuple((one.future, _said(one)) for one in findings))
    backtest.prepare(config)
    if job.way == "replay":
        played = replay.replay(config, scratch, warm_up_h=config.node.warm_up_h)
        return RunOutcome(failure="the replay was stopped") if played.summary is None else _outcome(played.summary)
    return _outcome(backtest.run(config, scratch / JOURNAL))


def _outcome(summary: RunSummary) -> RunOutcome:
    return RunOutcome(
        final_balance=summary.final_balance,
        open_pnl=summary.open_pnl,
        currency_precision=summary.currency_precision,
        fills=summary.fills,
        round_trips=summary.round_trips,
        decisions=summary.decisions,
    )


def _said(finding: lookahead.Finding) -> str:
    found = finding.difference
    if found is None:
        return finding.failure
    return f"{found.component} {found.subject}: {found.field} is {found.first}, and {found.second} with another future"


if __name__ == "__main__":
    work(Path(sys.argv[1]), Path(sys.argv[2]))
