"""The canary's own criteria: when an approved change is given up. Pure."""

from typing import Final

import numpy as np

from sagetrade_nautilus.config import ProposalCanaryConfig
from sagetrade_nautilus.model.performance import underwater
from sagetrade_nautilus.model.records import FloatArray, IntArray

DAY_NS: Final = 86_400_000_000_000


def breaches(
    ts: IntArray, equity: FloatArray, start: float, plan: ProposalCanaryConfig, slippage_bps: float | None = None
) -> tuple[str, ...]:
    """Return which of its criteria a canary has broken, in words; nothing if none.

    Parameters
    ----------
    ts, equity : ndarray of shape (moments,)
        UNIX nanoseconds, increasing, and what the allocated capital was worth then.
    start : float
        What was allocated.
    slippage_bps : float, optional
        The average slippage of its fills.
    """
    if ts.size == 0:
        return ()
    found = []
    loss = -100.0 * float(np.min(worst_24h(ts, equity, start)))
    fall = -100.0 * float(np.min(underwater(equity, start)))
    if loss > plan.max_loss_24h_pct:
        found.append(f"it lost {loss:.2f}% within 24 hours, more than {plan.max_loss_24h_pct:g}%")
    if fall > plan.max_drawdown_pct:
        found.append(f"it fell {fall:.2f}% from its peak, more than {plan.max_drawdown_pct:g}%")
    if slippage_bps is not None and slippage_bps > plan.max_slippage_bps:
        found.append(f"its fills slipped {slippage_bps:.1f} bps on average, more than {plan.max_slippage_bps:g}")
    return tuple(found)


def worst_24h(ts: IntArray, equity: FloatArray, start: float) -> FloatArray:
    """Return the return over the 24 hours before each moment, or since the start where that is later."""
    before = np.searchsorted(ts, ts - DAY_NS, side="right") - 1
    base = np.where(before >= 0, equity[np.maximum(before, 0)], start)
    return np.asarray(equity / base - 1.0, dtype=np.float64)
