"""What an experiment has shown: plain values that the gate judges."""

import msgspec
import numpy as np

from sagetrade_nautilus.model.records import FloatArray


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """What one run amounts to, after all costs.

    Parameters
    ----------
    sharpe : float, optional
        Annualised, of daily returns; ``None`` where there are too few.
    total_return, drawdown : float
        Fractions of the starting balance and of the peak; the drawdown is >= 0.
    trades : int
        Closed trades.
    fees, slippage_cost : float
        What was paid, in the account's currency.
    avg_slippage_bps : float, optional
        Weighted by notional; ``None`` without a fill.
    """

    sharpe: float | None
    total_return: float
    drawdown: float
    trades: int
    fees: float = 0.0
    slippage_cost: float = 0.0
    avg_slippage_bps: float | None = None


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that had to hold, whether it did, and what was found."""

    name: str
    passed: bool
    detail: str


def _none() -> FloatArray:
    return np.zeros(0)


class Evidence(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the gate is given.

    Parameters
    ----------
    baseline, candidate : ndarray of shape (days,)
        Simple daily returns on the research days, the same days for both.
    trials : ndarray of shape (trials, days)
        Those of every setting that was measured on all of these days, the candidate's among them.
    walk_forward_baseline, walk_forward : ndarray of shape (days,)
        Those of the walk-forward's windows, one after the other, of the baseline and of what the search would have
        picked before each window.
    holdout_baseline, holdout : ndarray of shape (days,)
        Those of the sealed days; empty until the gate has read them.
    baseline_metrics, metrics : Metrics
        On the research days.
    trades : int
        The candidate's closed trades on the research days.
    checks : tuple[Check, ...]
        What else had to hold.
    """

    baseline: FloatArray
    candidate: FloatArray
    trials: FloatArray
    walk_forward_baseline: FloatArray = msgspec.field(default_factory=_none)
    walk_forward: FloatArray = msgspec.field(default_factory=_none)
    holdout_baseline: FloatArray = msgspec.field(default_factory=_none)
    holdout: FloatArray = msgspec.field(default_factory=_none)
    baseline_metrics: Metrics
    metrics: Metrics
    trades: int
    checks: tuple[Check, ...] = ()
