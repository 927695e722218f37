"""The verdict on texts is a paired difference of whole runs, and says so plainly when nothing can be told."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.bootstrap import Estimate
from sagetrade_nautilus.model.records import PriceSeries, RunSummary
from sagetrade_nautilus.report.equity import EquityLedger
from sagetrade_nautilus.report.text_help import TextHelp, text_help

replace = msgspec.structs.replace


def _estimate(value: float, *, sure: bool, known: bool = True) -> Estimate:
    spread = 0.5 if sure else 5.0
    low, high = (value - spread, value + spread) if known else (None, None)
    return Estimate(value=value, low=low, high=high, standard_error=1.0, n=40)


def test_the_difference_of_a_day_is_the_difference_of_the_whole_over_the_days(
    summary: RunSummary, idle_summary: RunSummary
) -> None:
    found = text_help(summary, idle_summary, idle_summary, 200, 7)
    pnl = EquityLedger(summary).curve(np.ones(len(summary.fills), dtype=bool)).pnl[-1]
    assert found.over_none.n == 40
    assert found.over_none.value == pytest.approx(1e4 * pnl / summary.starting_balance / 40)
    assert found.over_none == found.over_late


def test_a_run_against_itself_differs_by_nothing(make_summary: Callable[..., RunSummary]) -> None:
    summary = make_summary(days=60)
    found = text_help(summary, summary, summary, 200, 7)
    assert (found.over_none.value, found.over_none.low, found.over_none.high) == (0.0, 0.0, 0.0)
    assert "does not help" in found.verdict(7)


def test_runs_over_other_days_or_with_another_balance_cannot_be_compared(summary: RunSummary) -> None:
    shorter = replace(
        summary,
        prices=tuple(PriceSeries(p.instrument_id, p.ts[:9_000], p.close[:9_000]) for p in summary.prices),
        fills=(),
        round_trips=(),
    )
    richer = replace(summary, starting_balance=1.0)
    for other in (shorter, richer):
        with pytest.raises(ReportError, match="same days"):
            text_help(summary, other, summary, 200, 7)


@pytest.mark.parametrize(
    ("over_none", "over_late", "said"),
    [
        (_estimate(4.0, sure=True), _estimate(3.0, sure=True), "The news helps."),
        (_estimate(4.0, sure=True), _estimate(-3.0, sure=True), "The news does harm."),
        (_estimate(4.0, sure=True), _estimate(1.0, sure=False), "it is not what the texts said"),
        (_estimate(1.0, sure=False), _estimate(1.0, sure=False), "Text does not help that anyone could tell."),
        (_estimate(1.0, sure=True, known=False), _estimate(1.0, sure=True, known=False), "40 days are too few"),
    ],
)
def test_only_what_the_late_texts_cannot_explain_counts_as_help(
    over_none: Estimate, over_late: Estimate, said: str
) -> None:
    assert said in TextHelp(over_none, over_late).verdict(7)
