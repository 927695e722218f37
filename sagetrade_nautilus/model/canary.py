"""The canary's own criteria: when an approved change is given up."""

import msgspec
import numpy as np

from sagetrade_nautilus.config import ProposalCanaryConfig
from sagetrade_nautilus.model.performance import underwater
from sagetrade_nautilus.model.records import FloatArray, IntArray
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_HOUR


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """A canary on its way.

    Parameters
    ----------
    experiment : str
        Whose it is.
    start : float
        What the whole account was worth when it began.
    allocated : float
        What of that is allocated to it.
    ts, worth : tuple
        UNIX nanoseconds, increasing, and what the allocated capital was worth then.
    reasons : tuple[str, ...]
        Which criteria it has broken; once there, they stay.
    ended : bool
        Whether its time is over.
    """

    experiment: str
    start: float
    allocated: float
    ts: tuple[int, ...] = ()
    worth: tuple[float, ...] = ()
    reasons: tuple[str, ...] = ()
    ended: bool = False

    def noted(self, ts: int, equity: float, slippage_bps: float | None, plan: ProposalCanaryConfig) -> "Canary":
        """Return the canary after one more look at the account; one that is over stays as it is.

        A look is never before the last one, though the clock may be set back.
        """
        if self.reasons or self.ended:
            return self
        ts = max(ts, self.ts[-1] + 1) if self.ts else ts
        moments, worth = (*self.ts, ts), (*self.worth, self.allocated + equity - self.start)
        broken = breaches(np.asarray(moments), np.asarray(worth), self.allocated, plan, slippage_bps)
        ended = ts - moments[0] >= plan.duration_h * NANOS_PER_HOUR
        return msgspec.structs.replace(self, ts=moments, worth=worth, reasons=broken, ended=ended)


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
    before = np.searchsorted(ts, ts - NANOS_PER_DAY, side="right") - 1
    base = np.where(before >= 0, equity[np.maximum(before, 0)], start)
    return np.asarray(equity / base - 1.0, dtype=np.float64)
