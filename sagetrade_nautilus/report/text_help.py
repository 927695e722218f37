"""Whole runs side by side, with texts, without them and with the same texts too late: what did the news change?"""

from collections.abc import Callable

import msgspec
import numpy as np

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.bootstrap import Estimate
from sagetrade_nautilus.model.following import BPS, mean_estimate
from sagetrade_nautilus.model.performance import daily_closes
from sagetrade_nautilus.model.records import FloatArray, IntArray, RunSummary
from sagetrade_nautilus.report.equity import EquityLedger
from sagetrade_nautilus.report.figures import Performance
from sagetrade_nautilus.report.text import count, number, percent

BLOCK_DAYS = 5
Shown = Callable[[Performance, float], str]
ROWS: tuple[tuple[str, Shown], ...] = (
    ("trades", lambda part, start: f"{part.trades:,}"),
    ("turnover, times the balance", lambda part, start: number(part.turnover, 1)),
    ("before costs", lambda part, start: percent(100.0 * part.pnl_before_costs / start, 2, signed=True)),
    ("slippage", lambda part, start: percent(-100.0 * part.slippage_cost / start, 2, signed=True)),
    ("fees", lambda part, start: percent(-100.0 * part.fees / start, 2, signed=True)),
    ("net", lambda part, start: percent(part.total_return_pct, 2, signed=True)),
    ("Sharpe", lambda part, start: number(part.sharpe, 2)),
    ("max drawdown", lambda part, start: percent(part.max_drawdown_pct, 1)),
)
"""What is shown of each run: a name, and how it is read from its performance and the starting balance."""


class TextHelp(msgspec.Struct, frozen=True):
    """What texts changed, in basis points of the starting balance a day, after all costs.

    Each is the mean over the days of a paired difference, with a 95% interval from a block bootstrap with blocks of
    `BLOCK_DAYS` days.

    Parameters
    ----------
    over_none : Estimate
        With texts less without.
    over_late : Estimate
        With texts less with the same texts too late to be news: this alone is what the news was worth.
    """

    over_none: Estimate
    over_late: Estimate

    def verdict(self, late_days: int) -> str:
        """The answer in plain words."""
        if self.over_late.low is None:
            return f"Whether text helps cannot be told: {count(self.over_late.n, 'day')} are too few."
        more = f"With its texts the run made {_said(self.over_none)} against the run without"
        news = f"{_said(self.over_late)} against the same texts {count(late_days, 'day')} late"
        if not self.over_late.excludes_zero:
            if not self.over_none.excludes_zero:
                return f"Text does not help that anyone could tell. {more}, and {news}."
            return (
                f"The news does not help that anyone could tell. {more}; but {news}, so it is not what the texts said "
                "that made the difference: leaving them out gives their weight to prices, which changes what is traded."
            )
        return f"The news {'helps' if self.over_late.value > 0 else 'does harm'}. {more}, and {news}."


def text_help(
    with_text: RunSummary, without: RunSummary, late: RunSummary, bootstrap_samples: int, seed: int
) -> TextHelp:
    """Compare runs over the same bars.

    Raises
    ------
    ReportError
        They are not over the same days, or did not begin with the same balance.
    """
    days, made = _daily(with_text)

    def over(other: RunSummary) -> Estimate:
        other_days, other_made = _daily(other)
        if not np.array_equal(days, other_days) or with_text.starting_balance != other.starting_balance:
            raise ReportError("two runs can only be compared over the same days and from the same balance")
        rng = np.random.default_rng([seed, BLOCK_DAYS])  # the same blocks for both
        return mean_estimate(BPS * (made - other_made) / with_text.starting_balance, BLOCK_DAYS, bootstrap_samples, rng)

    return TextHelp(over(without), over(late))


def _daily(summary: RunSummary) -> tuple[IntArray, FloatArray]:
    """Return the days, and what each of them made."""
    ledger = EquityLedger(summary)
    equity = summary.starting_balance + ledger.curve(ledger.all_fills()).pnl
    days, closes = daily_closes(ledger.ts, equity, summary.starting_balance)
    return days, np.diff(closes)


def _said(found: Estimate) -> str:
    interval = f"95% interval {number(found.low, 2, signed=True)} to {number(found.high, 2, signed=True)}"
    return f"{number(found.value, 2, signed=True)} bps a day ({interval})"
