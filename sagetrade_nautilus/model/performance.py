"""Performance figures of an equity curve.

Conventions: returns are simple and daily, a day ends at 00:00 UTC, a year has 365 days because crypto never closes,
and the risk-free rate is 0. Fewer than ten returns are not annualised. A figure that its data cannot support is
``None``, never NaN or infinite.
"""

from math import isfinite, sqrt

import msgspec
import numpy as np

from sagetrade_nautilus.model.records import FloatArray, IntArray
from sagetrade_nautilus.nanos import NANOS_PER_DAY

DAYS_PER_YEAR = 365
CAGR_MIN_DAYS = 30
MIN_RETURNS = 10
FLAT = 1e-12  # below this a deviation of returns is rounding


class Drawdown(msgspec.Struct, frozen=True):
    """The deepest fall from a peak, as a positive fraction of it, and the longest time below any peak."""

    depth: float
    longest_s: float


def daily_closes(ts: IntArray, equity: FloatArray, start: float) -> tuple[IntArray, FloatArray]:
    """Return the value at the end of each UTC day.

    A bar that closes at 00:00 belongs to the day that it ends. Days without a bar carry the last value on.

    Parameters
    ----------
    ts, equity : ndarray of shape (bars,)
        Close times in nanoseconds, increasing, and the values there.
    start : float
        The value before the first bar.

    Returns
    -------
    days : ndarray of shape (days,)
        Days since 1970-01-01.
    closes : ndarray of shape (days + 1,)
        `start`, then one value a day.
    """
    day = (ts - 1) // NANOS_PER_DAY
    days = np.arange(day[0], day[-1] + 1)
    last = np.searchsorted(day, days, side="right") - 1
    return days, np.concatenate([[start], equity[last]])


def simple_returns(values: FloatArray) -> FloatArray:
    """Return ``values[1:] / values[:-1] - 1``, up to the first base that is not positive."""
    broke = np.flatnonzero(values[:-1] <= 0.0)
    solvent = values[: broke[0] + 1] if broke.size else values
    return solvent[1:] / solvent[:-1] - 1.0


def sharpe(returns: FloatArray, periods_per_year: int = DAYS_PER_YEAR) -> float | None:
    """Annualised Sharpe ratio: mean over sample standard deviation.

    Source: W. F. Sharpe, "The Sharpe Ratio", J. of Portfolio Management, 1994.
    """
    if returns.size < MIN_RETURNS:
        return None
    deviation = float(np.std(returns, ddof=1))
    return float(np.mean(returns)) / deviation * sqrt(periods_per_year) if deviation > FLAT else None


def sortino(returns: FloatArray, periods_per_year: int = DAYS_PER_YEAR) -> float | None:
    """Annualised Sortino ratio: mean over root mean square of the returns below 0, over all periods.

    Source: F. A. Sortino and L. N. Price, J. of Investing, 1994, with target 0.
    """
    if returns.size < MIN_RETURNS:
        return None
    downside = sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2)))
    return float(np.mean(returns)) / downside * sqrt(periods_per_year) if downside > FLAT else None


def volatility(returns: FloatArray, periods_per_year: int = DAYS_PER_YEAR) -> float | None:
    """Annualised sample standard deviation of the returns, as a fraction."""
    return float(np.std(returns, ddof=1)) * sqrt(periods_per_year) if returns.size >= MIN_RETURNS else None


def cagr(start: float, end: float, days: float) -> float | None:
    """Compound annual growth rate, as a fraction; ``None`` under 30 days, where it only magnifies noise."""
    if days < CAGR_MIN_DAYS or start <= 0.0 or end <= 0.0:
        return None
    try:
        growth = (end / start) ** (DAYS_PER_YEAR / days) - 1.0
    except OverflowError:
        return None
    return growth if isfinite(growth) else None


def underwater(equity: FloatArray, start: float) -> FloatArray:
    """Return how far each value lies below the highest so far, a fraction <= 0; `start` is the first peak."""
    peak = np.maximum.accumulate(np.maximum(equity, start))
    return equity / peak - 1.0


def max_drawdown(ts: IntArray, equity: FloatArray, start: float) -> Drawdown:
    """Measure the deepest and the longest drawdown; one that has not recovered lasts until the end."""
    below = underwater(equity, start)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], below < 0.0, [False]]).astype(np.int8)))
    if edges.size == 0:
        return Drawdown(depth=0.0, longest_s=0.0)
    peaks, ends = np.maximum(edges[::2] - 1, 0), np.minimum(edges[1::2], ts.size - 1)
    return Drawdown(depth=-float(np.min(below)), longest_s=int(np.max(ts[ends] - ts[peaks])) / 1e9)
