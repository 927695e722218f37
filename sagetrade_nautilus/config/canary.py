"""The canary plan: with how little money a run goes live first, and when that is given up."""

from typing import Annotated

from msgspec import Meta

from sagetrade_nautilus.config.section import Percent, PositiveFloat, Section

ALLOCATION_PCT_MAX = 1.0
HOURS_MIN = 72.0


class CanaryConfig(Section, frozen=True):
    """The canary plan. Without one nothing goes live. While it runs, its figures are limits, whatever `limits` says.

    Parameters
    ----------
    allocation_pct : float
        Share of equity that may be at work, at most 1.
    duration_h : float
        How long the canary runs, in hours, at least 72.
    max_loss_pct : float
        Loss of a day and fall from the peak, of equity, at which it is given up.
    max_slippage_bps : float
        Average slippage of an instrument's entries within an hour at which it enters no more.
    rollback : str
        What is done when it is given up, and by whom.
    """

    rollback: Annotated[str, Meta(min_length=10)]
    allocation_pct: Annotated[float, Meta(gt=0.0, le=ALLOCATION_PCT_MAX)] = ALLOCATION_PCT_MAX
    duration_h: Annotated[float, Meta(ge=HOURS_MIN)] = HOURS_MIN
    max_loss_pct: Percent = 0.5
    max_slippage_bps: PositiveFloat = 20.0
