"""Measuring a candidate against its baseline: the same data and costs, worse ones, other values, other futures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from sagetrade_nautilus.config import ExperimentsConfig, RunConfig
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.evaluation.bench import Bench, Code, Wanted
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence, Record
from sagetrade_nautilus.experiments.evaluation.figures import Criterion, DailyFigures, RunFigures
from sagetrade_nautilus.experiments.evaluation.measure import Measured, summarize
from sagetrade_nautilus.experiments.evaluation.variants import neighbours, on, stressed, with_capital
from sagetrade_nautilus.experiments.evaluation.windows import Days, days_of
from sagetrade_nautilus.experiments.ledger import MEASURED
from sagetrade_nautilus.experiments.store import kept
from sagetrade_nautilus.experiments.workshop import Ground, searched
from sagetrade_nautilus.model.canary import breaches
from sagetrade_nautilus.model.performance import sharpe, underwater
from sagetrade_nautilus.model.records import FloatArray
from sagetrade_nautilus.model.splits import walk_forward
from sagetrade_nautilus.report.equity import EquityLedger
from sagetrade_nautilus.report.text import count

NEIGHBOURS_SHARE: Final = 0.5
"""The share of the gain over the baseline that a neighbour must keep."""
NEIGHBOURS_HELD: Final = 2 / 3
"""The share of neighbours that must keep it."""


class CanaryGround(msgspec.Struct, frozen=True, kw_only=True):
    """Where the canary is simulated: its days, and a catalog that ends with them, with its fingerprint."""

    days: Days
    catalog: Path
    data: str


class Evaluated(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What measuring has shown."""

    baseline: Measured
    candidate: Measured
    variants: dict[str, tuple[RunFigures | None, RunFigures | None]]
    walk_forward: tuple[DailyFigures, DailyFigures] | None
    canary: Measured
    canary_days: Days
    criteria: tuple[Criterion, ...]
    evidence: GateEvidence


class EvaluationPlan:
    """Every run that an evaluation needs, asked for at once.

    Parameters
    ----------
    ground : Ground
        The baseline.
    code : Code
        The candidate's code.
    config : RunConfig
        The candidate's run, on the research days.
    canary : CanaryGround
        Where its canary is simulated.
    """

    def __init__(self, ground: Ground, code: Code, config: RunConfig, canary: CanaryGround) -> None:
        settings = ground.config.experiments
        self.ground, self.code, self.config, self._canary = ground, code, config, canary
        self.baseline = ground.baseline
        self.candidate = self._of("candidate", config)
        self.stressed = {
            name: (
                Wanted(kind="stress", config=other, code=ground.base, data=ground.data),
                self._of("stress", stressed(config, settings)[name]),
            )
            for name, other in stressed(ground.config, settings).items()
        }
        moved = neighbours(ground.config, config, settings.neighbour_step_pct, settings.neighbours_max)
        self.neighbours = {name: self._of("neighbour", other) for name, other in moved.items()}
        self.lookahead = msgspec.structs.replace(self._of("lookahead", config), way="lookahead")
        small = with_capital(on(config, canary.days, canary.catalog), settings.canary.allocation_pct)
        self.canary = Wanted(kind="canary", config=small, code=code, data=canary.data, way="replay")

    def _of(self, kind: str, config: RunConfig) -> Wanted:
        return Wanted(kind=kind, config=config, code=self.code, data=self.ground.data)

    def run(self, bench: Bench, quality: Sequence[Criterion]) -> Evaluated:
        """Measure everything, and say what held."""
        pairs = list(self.stressed.values())
        first = [self.baseline, self.candidate, *(one for pair in pairs for one in pair), *self.neighbours.values()]
        found = {one.key: measured for one, measured in zip(first, bench.measure(first), strict=True)}
        ahead, canary = bench.measure([self.lookahead, self.canary])
        baseline, candidate = found[self.baseline.key], found[self.candidate.key]
        if baseline.metrics is None:
            raise ExperimentError(f"the baseline's own run failed, so nothing can be compared: {baseline.failure}")
        trials, searched = self._trials(candidate)
        settings = self.ground.config.experiments
        walked, forward = walk(baseline.daily, [one.returns for one in trials], settings)
        variants = {
            **{name: (found[one.key].metrics, found[two.key].metrics) for name, (one, two) in self.stressed.items()},
            **{name: (None, found[one.key].metrics) for name, one in self.neighbours.items()},
        }
        criteria = (
            *quality,
            *(stress(name, *variants[name]) for name in self.stressed),
            stability(baseline.figures, candidate.figures, [variants[name][1] for name in self.neighbours]),
            forward,
            _lookahead(ahead),
            self._judge_canary(bench, canary),
        )
        return Evaluated(
            baseline=baseline,
            candidate=candidate,
            variants=variants,
            walk_forward=walked,
            canary=canary,
            canary_days=self._canary.days,
            criteria=criteria,
            evidence=GateEvidence(
                baseline=Record.of(baseline),
                candidate=Record.of(candidate),
                trial_returns=tuple(one.returns for one in trials),
                searched=searched,
            ),
        )

    def _trials(self, candidate: Measured) -> tuple[list[Measured], int]:
        """Return every setting that was measured on all research days, the candidate too, and how many were on any."""
        folder = self.ground.folder / MEASURED
        keys = searched(self.ground.folder)
        found = [kept(folder / f"{key}.json", Measured) for key in keys]
        sound = [one for one in found if one is not None and one.days == candidate.days]
        if any(one.returns == candidate.returns for one in sound):
            return sound, len(keys)
        return [*sound, candidate], len(keys) + 1

    def _judge_canary(self, bench: Bench, canary: Measured) -> Criterion:
        plan = self.ground.config.experiments.canary
        what = f"{plan.allocation_pct:g}% of capital for {plan.duration_h} hours of data in a replay node"
        if canary.metrics is None:
            return Criterion(name="paper canary", passed=False, detail=f"{what}: {canary.failure}")
        equity = EquityLedger(summarize(bench.outcome(self.canary), self.canary.config))
        start = self.canary.config.venue.starting_balance
        worth = start + equity.curve(equity.all_fills()).pnl
        found = breaches(equity.ts, worth, start, plan, canary.metrics.avg_slippage_bps)
        if canary.metrics.trades == 0 and not found:
            found = ("it made no trade, so it shows nothing",)
        result = f"{count(canary.metrics.trades, 'trade')}, {canary.metrics.total_return:+.2%}"
        return Criterion(name="paper canary", passed=not found, detail=f"{what}: {'; '.join(found) or result}")


def walk(
    baseline: FloatArray, trials: Sequence[Sequence[float]], settings: ExperimentsConfig
) -> tuple[tuple[DailyFigures, DailyFigures] | None, Criterion]:
    """Pick the best setting before each window, by daily returns, and put the windows together."""
    purge, embargo = days_of(settings.purge_h), days_of(settings.embargo_h)
    name = "walk-forward"
    try:
        folds = walk_forward(len(baseline), settings.folds, purge, embargo)
    except ValueError as error:
        return None, Criterion(name=name, passed=False, detail=str(error))
    matrix = np.asarray(trials)
    mine = np.concatenate([matrix[_best(matrix[:, list(past)]), list(test)] for past, test in folds])
    theirs = np.concatenate([baseline[list(test)] for _, test in folds])
    pair = _daily_figures(theirs), _daily_figures(mine)
    detail = (
        f"in {len(folds)} windows, each picked from {len(trials)} settings by the days before it, less "
        f"{purge + embargo}: "
        f"{pair[1].total_return:+.2%} against the baseline's {pair[0].total_return:+.2%}"
    )
    return pair, Criterion(name=name, passed=pair[1].total_return > pair[0].total_return, detail=detail)


def stress(name: str, baseline: DailyFigures | None, candidate: DailyFigures | None) -> Criterion:
    if baseline is None or candidate is None:
        return Criterion(name=f"stress: {name}", passed=False, detail="a run failed")
    detail = f"{candidate.total_return:+.2%} against the baseline's {baseline.total_return:+.2%}"
    return Criterion(name=f"stress: {name}", passed=candidate.total_return > baseline.total_return, detail=detail)


def stability(baseline: DailyFigures, candidate: DailyFigures, near: Sequence[DailyFigures | None]) -> Criterion:
    """Whether what is won does not hang on one exact number."""
    name = "stability"
    if not near:
        return Criterion(name=name, passed=True, detail="no number was changed that could be moved")
    start = baseline.total_return
    least = start + NEIGHBOURS_SHARE * (candidate.total_return - start)
    held = sum(one is not None and one.total_return >= least for one in near)
    detail = f"{held} of {len(near)} neighbours keep {NEIGHBOURS_SHARE:.0%} of the gain in return"
    return Criterion(name=name, passed=held >= NEIGHBOURS_HELD * len(near), detail=detail)


def _lookahead(measured: Measured) -> Criterion:
    bad = [f"{future}: {what}" for future, what in measured.findings if what]
    good = bool(measured.findings) and not bad
    detail = "; ".join(bad) or measured.failure or f"the same up to the cut with {len(measured.findings)} other futures"
    return Criterion(name="look-ahead", passed=good, detail=detail)


def _best(past: FloatArray) -> int:
    """Return the row with the highest Sharpe ratio; the first of those that are as good."""
    spread = past.std(axis=1, ddof=1)
    ratios = np.divide(past.mean(axis=1), spread, out=np.full(spread.shape, -np.inf), where=spread > 0.0)
    return int(np.argmax(ratios))


def _daily_figures(returns: FloatArray) -> DailyFigures:
    growth = np.cumprod(1.0 + returns)
    return DailyFigures(
        sharpe=sharpe(returns),
        total_return=float(growth[-1] - 1.0),
        drawdown=abs(float(np.min(underwater(growth, 1.0)))),
    )
