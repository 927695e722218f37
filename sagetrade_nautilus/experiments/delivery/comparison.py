"""The comparison: one page from which a person can judge an experiment in a minute."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from sagetrade_nautilus.experiments.delivery.report import Report
from sagetrade_nautilus.experiments.evaluation.figures import DailyFigures
from sagetrade_nautilus.experiments.evaluation.measure import Measured
from sagetrade_nautilus.experiments.evaluation.plan import Evaluated
from sagetrade_nautilus.experiments.evaluation.variants import Scalar
from sagetrade_nautilus.experiments.promotion.judge import INAPPLICABLE
from sagetrade_nautilus.model.records import FloatArray
from sagetrade_nautilus.nanos import NANOS_PER_DAY
from sagetrade_nautilus.report.html import document
from sagetrade_nautilus.report.time_charts import PERCENT, TimeChart, time_chart

TEMPLATES: Final = "sagetrade_nautilus.experiments.delivery"


def page(report: Report, evaluated: Evaluated, values: dict[str, tuple[Scalar, Scalar]], diff: str) -> bytes:
    """Return the page; every name and text in it is data, and shown as such.

    Parameters
    ----------
    values : dict
        What differs in the configuration, by its place.
    diff : str
        What git shows between baseline and change.
    """
    rows: list[tuple[str, DailyFigures | None, DailyFigures | None]] = [
        ("research", evaluated.baseline.metrics, evaluated.candidate.metrics),
        *((name, one, other) for name, (one, other) in evaluated.variants.items()),
        ("walk-forward", *(evaluated.walk_forward or (None, None))),
        ("paper canary", None, evaluated.canary.metrics),
    ]
    equity = _equity(evaluated.baseline, evaluated.candidate)
    return document(
        "comparison.html.j2",
        TEMPLATES,
        report=report,
        rows=rows,
        values=values,
        diff=diff,
        equity=equity,
        gate=[_condition(reason) for reason in report.evidence.verdict.reasons],
        manual=_by_file(report.evidence.needs_person),
    ).encode()


def _by_file(lines: Iterable[str]) -> dict[str, list[str]]:
    """Return what needs a person, by the file that it is in: each file is named once."""
    found: dict[str, list[str]] = {}
    for line in lines:
        file, _, why = line.partition(": ")
        found.setdefault(file, []).append(why)
    return found


def _condition(reason: str) -> tuple[str, str, str]:
    """Return what a reason of the gate is about, what was found, and its tone: good only if it says that it holds."""
    name, _, found = reason.partition(": ")
    if found.startswith(INAPPLICABLE):
        return name, found, ""
    return name, found, "good" if found.endswith(": holds") else "bad"


def _equity(baseline: Measured, candidate: Measured) -> TimeChart:
    ends = (np.asarray([baseline.days[0] - 1, *baseline.days], dtype=np.int64) + 1) * NANOS_PER_DAY
    series = [("Baseline", "held", _growth(baseline)), ("Experiment", "run", _growth(candidate))]
    return time_chart(
        "Result so far in percent of the starting balance, the experiment against the baseline",
        ends,
        series,
        unit=PERCENT,
        digits=2,
        base=0.0,
    )


def _growth(measured: Measured) -> FloatArray:
    return np.concatenate([[0.0], 100.0 * (np.cumprod(1.0 + measured.daily) - 1.0)])
