"""A report whose figures fit together as a run's do: daily returns first, and everything else worked out of them."""

from hashlib import sha256

import msgspec
import numpy as np

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.experiments.delivery import recheck
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.report import Figures, Pairs, Report
from sagetrade_nautilus.experiments.evaluation import variants
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence, HoldoutEvidence, Record
from sagetrade_nautilus.experiments.evaluation.figures import Criterion, RunFigures
from sagetrade_nautilus.experiments.evaluation.plan import stability, stress, walk
from sagetrade_nautilus.experiments.evaluation.windows import windows
from sagetrade_nautilus.experiments.promotion.gate import verdict
from sagetrade_nautilus.experiments.promotion.judge import judge
from sagetrade_nautilus.model.performance import sharpe, underwater
from tests.support.experiments import SMALL

LONG = SMALL.replace("2022-02-04", "2022-07-01").replace("holdout_days = 7", "holdout_days = 30")
"""A run of five months, whose data nobody reads here."""
TRADES = 130
TRADE = (
    b'{"trade_id":"T","timestamp":"2022-01-02T00:00:00Z","symbol":"BTCUSDT.BINANCE","side":"buy","size_pct":10.0,'
    b'"entry_price":100.0,"exit_price":101.0,"duration_seconds":600.0,"strategy":"s","signals":[],"outcome":"win",'
    b'"pnl_pct":1.0}\n'
)


def record(mean: float, days: int, seed: int, trades: int = TRADES) -> Record:
    """Return made-up days with this average."""
    returns = np.random.default_rng(seed).normal(0.0, 0.004, days)
    returns += mean - returns.mean()
    depth = -float(np.min(underwater(np.cumprod(1.0 + returns), 1.0)))
    return Record(returns=tuple(map(float, returns)), trades=trades, drawdown_pct=100.0 * depth)


def metrics(of: Record) -> RunFigures:
    """Return what the days amount to."""
    returns = np.asarray(of.returns)
    total = float(np.prod(1.0 + returns) - 1.0)
    return RunFigures(sharpe=sharpe(returns), total_return=total, drawdown=of.drawdown_pct / 100.0, trades=of.trades)


def sound(report: Report, before: RunConfig, after: RunConfig) -> tuple[Report, dict[str, bytes]]:
    """Return the report with figures that fit together, and its artifacts."""
    cut = windows(before.data, before.experiments)
    before = variants.on(before, cut.research, recheck.Path())
    after = variants.on_terms_of(after, before)
    evidence = _evidence(cut.research.count, cut.holdout.count)
    one, other = metrics(evidence.baseline), metrics(evidence.candidate)
    walked, forward = walk(np.asarray(evidence.baseline.returns), evidence.trial_returns, before.experiments)
    assert walked is not None
    pairs, said_of = _runs(before, after, one, other)
    pairs |= {reports.WALKED: walked, reports.CANARY: (None, other)}
    criteria = (*said_of, forward)
    said = verdict(judge(evidence, before.promotion, report.evidence.trials), criteria, True, 41)
    artifacts = {
        reports.BACKTEST: reports.backtest_csv(pairs),
        reports.TRADES: TRADE * TRADES,
        reports.EVIDENCE: msgspec.json.encode(evidence),
        reports.COMPARISON: b"<html></html>",
    }
    full = msgspec.structs.replace(
        report.evidence,
        baseline=one,
        experiment=other,
        walk_forward_baseline=walked[0],
        walk_forward_experiment=walked[1],
        canary=other,
        canary_range=str(cut.canary),
        criteria=criteria,
        verdict=said,
        config_sha256_baseline=variants.digest(before),
        config_sha256_experiment=variants.digest(after),
        artifact_sha256={name: sha256(raw).hexdigest() for name, raw in artifacts.items()},
    )
    return msgspec.structs.replace(
        report,
        baseline_metrics=Figures.of(one),
        experiment_metrics=Figures.of(other),
        backtest_range=str(cut.research),
        artifacts=tuple(artifacts),
        evidence=full,
    ), artifacts


def _runs(
    before: RunConfig, after: RunConfig, one: RunFigures, other: RunFigures
) -> tuple[Pairs, tuple[Criterion, ...]]:
    """Return the figures of the runs on the research days, and what is judged of them."""
    settings = before.experiments
    harder = dict.fromkeys(variants.stressed(before, settings), (one, other))
    moved = variants.neighbours(before, after, settings.neighbour_step_pct, settings.neighbours_max)
    pairs: Pairs = {
        reports.RESEARCH: (one, other),
        **harder,
        **dict.fromkeys(moved, (None, other)),
    }
    return pairs, (
        *(Criterion(name=name, passed=True, detail="so it is said") for name in recheck.CLAIMED),
        *(stress(name, *pair) for name, pair in harder.items()),
        stability(one, other, [other for _ in moved]),
    )


def _evidence(days: int, sealed: int) -> GateEvidence:
    """Return an edge that is plain to see: one good setting among bad ones, on research and on sealed days."""
    candidate = record(0.005, days, 1)
    others = [record(0.001, days, seed).returns for seed in range(30, 70)]
    holdout = HoldoutEvidence(baseline=record(-0.0005, sealed, 8), candidate=record(0.005, sealed, 9), readings=1)
    return GateEvidence(
        baseline=record(-0.0005, days, 2),
        candidate=candidate,
        trial_returns=(*others, candidate.returns),
        searched=41,
        holdout=holdout,
    )
