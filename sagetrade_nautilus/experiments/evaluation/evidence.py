"""What is known of a proposal when it is judged."""

import msgspec

from sagetrade_nautilus.experiments.evaluation.measure import Measured


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What one configuration did.

    Parameters
    ----------
    returns : tuple[float, ...]
        Simple returns a UTC day, after all costs, in the order of time.
    trades : int
        Closed trades on these days.
    drawdown_pct : float
        Maximum drawdown within days, as a positive percentage; the daily one counts if that is larger.
    """

    returns: tuple[float, ...]
    trades: int = 0
    drawdown_pct: float = 0.0

    @classmethod
    def of(cls, measured: Measured) -> "Record":
        """Return a run as the gate takes it."""
        figures = measured.figures
        return cls(returns=measured.returns, trades=figures.trades, drawdown_pct=100.0 * figures.drawdown)


class HoldoutEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the sealed days said.

    Parameters
    ----------
    baseline, candidate : Record
        Both on the sealed days.
    readings : int
        How often these days have been read, for this candidate and for all before, this time included.
    """

    baseline: Record
    candidate: Record
    readings: int


class GateEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a proposal.

    Parameters
    ----------
    baseline, candidate : Record
        Both on the same research days, with the same costs.
    trial_returns : tuple[tuple[float, ...], ...]
        The daily returns on these days of every setting that the experiment measured on all of them, the candidate's
        among them. May be empty if the candidate was the only one.
    searched : int
        How many settings the experiment measured, on all of these days or on some, the candidate included; 0 where
        nobody knows.
    holdout : HoldoutEvidence, optional
        ``None`` while the sealed days have not been read.
    """

    baseline: Record
    candidate: Record
    trial_returns: tuple[tuple[float, ...], ...] = ()
    searched: int = 0
    holdout: HoldoutEvidence | None = None
