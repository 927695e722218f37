"""What a run amounts to, and what had to hold, as plain values."""

import msgspec


class DailyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What days of results amount to, after all costs.

    Parameters
    ----------
    sharpe : float, optional
        Annualised, of daily returns; ``None`` where there are too few.
    total_return, drawdown : float
        Fractions of the starting balance and of the peak; the drawdown is >= 0.
    """

    sharpe: float | None
    total_return: float
    drawdown: float


class RunFigures(DailyFigures, frozen=True, kw_only=True):
    """What one run amounts to, after all costs: what its days give, and what was counted on the way.

    Parameters
    ----------
    trades : int
        Closed trades.
    fees, slippage_cost : float
        What was paid, in the account's currency.
    avg_slippage_bps : float, optional
        Weighted by notional; ``None`` without a fill.
    """

    trades: int
    fees: float = 0.0
    slippage_cost: float = 0.0
    avg_slippage_bps: float | None = None


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that had to hold, whether it did, and what was found."""

    name: str
    passed: bool
    detail: str
