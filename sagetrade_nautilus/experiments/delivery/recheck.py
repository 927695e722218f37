"""Whether a report says what its artifacts say: all that can be worked out of them is worked out again. Pure.

What nobody can work out again without the data stays a claim: that the returns, figures and trades are those of a run.
"""

from collections.abc import Iterator, Mapping
from math import isclose
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError, ExperimentError
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.report import Figures, Pairs, Report
from sagetrade_nautilus.experiments.evaluation import variants
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence, Record
from sagetrade_nautilus.experiments.evaluation.figures import Criterion, DailyFigures, RunFigures
from sagetrade_nautilus.experiments.evaluation.plan import stability, stress, walk
from sagetrade_nautilus.experiments.evaluation.windows import HOURS_A_DAY, windows
from sagetrade_nautilus.experiments.promotion.gate import verdict
from sagetrade_nautilus.experiments.promotion.judge import judge
from sagetrade_nautilus.model.performance import sharpe
from sagetrade_nautilus.model.records import TradeRecord

TOLERANCE: Final = 1e-9
CLAIMED: Final = ("static guard", "lint", "tests", "look-ahead", reports.CANARY)
"""What had to hold and only running it could show."""


def faults(report: Report, files: Mapping[str, bytes], before: RunConfig, after: RunConfig) -> list[str]:
    """Return where the report and what can be worked out of its artifacts differ; nothing if nowhere.

    Parameters
    ----------
    files : mapping
        The artifacts by their names.
    before, after : RunConfig
        The run as the base commit has it, whose policy counts, and as the change has it.
    """
    try:
        evidence = msgspec.json.decode(files[reports.EVIDENCE], type=GateEvidence)
        trades = len(msgspec.json.Decoder(TradeRecord).decode_lines(files[reports.TRADES]))
        pairs = reports.read_csv(files[reports.BACKTEST])
        _require_whole(evidence)
        return [
            *_runs(report, before, after),
            *_figures(report, evidence, pairs, trades),
            *_criteria(report, evidence, pairs, *_on_research(before, after)),
            *_verdict(report, evidence, before),
        ]
    except KeyError as error:
        return [f"it brings no {error.args[0]}"]
    except UNDECODABLE as error:
        return [f"an artifact is not what its name says: {error}"]
    except (ConfigError, ExperimentError) as error:
        return [str(error)]


def _require_whole(evidence: GateEvidence) -> None:
    """Require daily returns of the same days from all that the candidate was picked from, itself among them."""
    days = len(evidence.candidate.returns)
    others = (evidence.baseline.returns, *evidence.trial_returns)
    if evidence.candidate.returns not in evidence.trial_returns or any(len(one) != days for one in others):
        raise ExperimentError(f"{reports.EVIDENCE} does not hold the same days of every setting that was measured")
    if evidence.searched < len(evidence.trial_returns):
        raise ExperimentError(f"{reports.EVIDENCE} holds more settings than it says that were searched")


def _on_research(before: RunConfig, after: RunConfig) -> tuple[RunConfig, RunConfig]:
    """Return both runs as they are measured: on the research days, the change on the baseline's terms."""
    start = variants.on(before, windows(before.data, before.experiments).research, Path())
    return start, variants.on_terms_of(after, start)


def _runs(report: Report, before: RunConfig, after: RunConfig) -> Iterator[str]:
    """Compare which runs it says were made, and on which days."""
    evidence, cut = report.evidence, windows(before.data, before.experiments)
    digests = tuple(map(variants.digest, _on_research(before, after)))
    if (evidence.config_sha256_baseline, evidence.config_sha256_experiment) != digests:
        yield "its configurations are not those of the base and of the change"
    if (report.backtest_range, evidence.canary_range) != (str(cut.research), str(cut.canary)):
        yield f"its days are not the base's: research on {cut.research}, the canary on {cut.canary}"
    paper, hours = report.paper_simulation, HOURS_A_DAY * cut.canary.count if evidence.canary else 0
    if (
        not _same(paper.allocated_capital_pct, before.experiments.canary.allocation_pct)
        or paper.duration_hours != hours
    ):
        yield f"its paper simulation is not the base's: {before.experiments.canary.allocation_pct:g}%, {hours} hours"
    if report.approved:
        yield "it says of itself that it is approved"


def _figures(report: Report, evidence: GateEvidence, pairs: Pairs, trades: int) -> Iterator[str]:
    """Compare the report's figures with the daily returns, the trades and the table."""
    said = report.evidence
    for name, record, metrics, short in (
        ("baseline", evidence.baseline, said.baseline, report.baseline_metrics),
        ("experiment", evidence.candidate, said.experiment, report.experiment_metrics),
    ):
        if not _fits(record, metrics) or short != Figures.of(metrics):
            yield f"the {name}'s figures are not those of its daily returns"
    if trades != said.experiment.trades:
        yield f"{reports.TRADES} holds {trades} trades, and the report says {said.experiment.trades}"
    walked = (said.walk_forward_baseline, said.walk_forward_experiment)
    for run, known in {
        reports.RESEARCH: (said.baseline, said.experiment),
        reports.WALKED: walked,
        reports.CANARY: (None, said.canary),
    }.items():
        if pairs.get(run) != known:
            yield f"{reports.BACKTEST} says something else of {run} than the report"


def _fits(record: Record, metrics: RunFigures) -> bool:
    returns = np.asarray(record.returns, dtype=np.float64)
    ratio = sharpe(returns)
    return (
        record.trades == metrics.trades
        and _same(float(np.prod(1.0 + returns)) - 1.0, metrics.total_return)
        and _same(record.drawdown_pct, 100.0 * metrics.drawdown)
        and (ratio is None) == (metrics.sharpe is None)
        and _same(ratio or 0.0, metrics.sharpe or 0.0)
    )


def _criteria(
    report: Report, evidence: GateEvidence, pairs: Pairs, before: RunConfig, after: RunConfig
) -> Iterator[str]:
    """Decide again whatever the figures decide, for exactly the runs that the two configurations ask for."""
    said, settings = report.evidence, before.experiments
    harder = variants.stressed(before, settings)
    near = variants.neighbours(before, after, settings.neighbour_step_pct, settings.neighbours_max)
    if list(pairs) != [reports.RESEARCH, *harder, *near, reports.WALKED, reports.CANARY]:
        yield f"{reports.BACKTEST} is not of the runs that the two configurations ask for"
        return
    walked, forward = walk(np.asarray(evidence.baseline.returns), evidence.trial_returns, settings)
    again = (
        *(stress(name, *pairs[name]) for name in harder),
        stability(said.baseline, said.experiment, [pairs[name][1] for name in near]),
        forward,
    )
    found = {one.name: one for one in said.criteria}
    if set(found) != {*CLAIMED, *(one.name for one in again)} or len(found) != len(said.criteria):
        yield f"it does not name what had to hold, each once: {', '.join((*CLAIMED, *(one.name for one in again)))}"
        return
    yield from (f"{one.name}: by its artifacts, {one.detail}" for one in again if found[one.name] != one)
    if walked is not None and not _same(walked[1].total_return, _growth(said.walk_forward_experiment)):
        yield "the walk-forward's figures are not those of the daily returns"
    yield from _canary(said.canary, found[reports.CANARY], before)


def _canary(metrics: RunFigures | None, said: Criterion, before: RunConfig) -> Iterator[str]:
    """Compare what is said of the canary with its figures, as far as they go."""
    plan = before.experiments.canary
    if not said.passed:
        return
    if metrics is None or metrics.trades == 0:
        yield f"{said.name}: it made no trade, and is said to have held"
    elif 100.0 * metrics.drawdown > plan.max_drawdown_pct or (metrics.avg_slippage_bps or 0.0) > plan.max_slippage_bps:
        yield f"{said.name}: by its figures it broke its own criteria"


def _verdict(report: Report, evidence: GateEvidence, before: RunConfig) -> Iterator[str]:
    """Judge again, by the base's policy."""
    said = report.evidence
    judged = judge(evidence, before.promotion, said.trials)
    if not judged.recommended:
        yield f"by the base's policy its evidence is not enough: {'; '.join(map(str, judged.failed))}"
    if verdict(judged, said.criteria, evidence.holdout is not None, said.trials) != said.verdict:
        yield "the verdict is not what the gate says of this evidence"


def _growth(curve: DailyFigures | None) -> float:
    return np.nan if curve is None else curve.total_return


def _same(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
