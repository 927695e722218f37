"""An experiment's comparison page, made by the real code from a few weeks of made-up days."""

import datetime as dt

import numpy as np

from sagetrade_nautilus.experiments.delivery.comparison import page
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence, Record
from sagetrade_nautilus.experiments.evaluation.figures import RunFigures
from sagetrade_nautilus.experiments.evaluation.measure import Measured
from sagetrade_nautilus.experiments.evaluation.plan import Evaluated
from sagetrade_nautilus.experiments.evaluation.windows import Days
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from tests.support.proposal import AFTER, AT, BEFORE, CONFIG, report

PATH = "strategies.mean_reversion_scalper.params.min_score"
EXACT = 0.8119675168960458
DIFF = f"--- a/{CONFIG}\n+++ b/{CONFIG}\n-params = {{ min_score = 0.5, {'hold_minutes = 60.0, ' * 6}}}\n"


def comparison() -> str:
    """Return the page."""
    experiment = Experiment(
        id="exp-20261126-001",
        name="deep dips",
        hypothesis="increase sharpe by +0.2",
        proposer="optuna",
        config=CONFIG,
        base="0" * 40,
        seed=7,
        created_at=AT,
        state=ExperimentState.REJECTED,
    )
    said = f"The one of 40 settings that no other beats: {PATH} from 0.5 to 0.811968, in {'a/very/long/path' * 8}.py."
    made = report(
        experiment, "1" * 40, "2" * 40, {}, ("guard/gate/limits/money.py",), recommended=False, rationale=said
    )
    baseline, candidate = _measured(1, BEFORE), _measured(2, AFTER)
    evaluated = Evaluated(
        baseline=baseline,
        candidate=candidate,
        variants={"costs x 2": (BEFORE, AFTER), f"{PATH} = 0.730771": (None, AFTER)},
        walk_forward=None,
        canary=candidate,
        canary_days=Days(dt.date(2025, 11, 1), dt.date(2025, 11, 4)),
        criteria=made.evidence.criteria,
        evidence=GateEvidence(baseline=Record.of(baseline), candidate=Record.of(candidate)),
    )
    values = {PATH: (0.5, EXACT), "sizing.method": ("fixed", None), "report.seed": (None, 7)}
    return page(made, evaluated, values, DIFF).decode()


def _measured(seed: int, metrics: RunFigures) -> Measured:
    returns = tuple(np.random.default_rng(seed).normal(0.0005, 0.01, 60).tolist())
    return Measured(key="k", metrics=metrics, days=tuple(range(20_000, 20_060)), returns=returns)
