"""What the speed must be, as ratios of the processor time of two cases."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

type Report = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """A bound on the time of `case` over that of `base`, both with `rule`.

    Parameters
    ----------
    title : str
        The goal in words.
    bound : float
        The ratio that must not be exceeded, or must be reached where `at_least` is set.
    """

    title: str
    rule: str
    case: str
    base: str
    bound: float
    at_least: bool = False


GOALS = (
    Goal("the chain without orders", "none", "sagetrade", "listed-bracket", 1.4),
    Goal("the chain with few orders", "few", "sagetrade", "listed-bracket", 1.4),
    Goal("the chain with many orders", "many", "sagetrade", "listed-bracket", 1.25),
    Goal("as installed, 11,440 orders of ours", "many", "installed", "sagetrade", 15.0, at_least=True),
    Goal("as installed, 11,408 orders of its own", "most", "installed", "sagetrade", 15.0, at_least=True),
    Goal("backtrader without orders", "none", "backtrader", "sagetrade", 1.0, at_least=True),
    Goal("backtrader with many orders", "many", "backtrader", "sagetrade", 1.0, at_least=True),
)


def ratio(case: Report, base: Report) -> float:
    """Return the median ratio of the runs that were made next to one another."""
    return float(median(one / other for one, other in zip(case["cpu_s_runs"], base["cpu_s_runs"], strict=False)))


def judged(figures: Mapping[str, Sequence[Report]]) -> Iterator[Report]:
    """Yield each goal of which both cases were measured, with its ratio and whether it is met.

    Parameters
    ----------
    figures : mapping of str to sequence of reports
        The reports by rule.
    """
    for goal in GOALS:
        found = {report["case"]: report for report in figures.get(goal.rule, ())}
        if goal.case in found and goal.base in found:
            value = ratio(found[goal.case], found[goal.base])
            met = value >= goal.bound if goal.at_least else value <= goal.bound
            yield {
                "goal": goal.title,
                "ratio": f"{goal.case} / {goal.base}",
                "value": round(value, 2),
                "bound": f"{'>=' if goal.at_least else '<='} {goal.bound:g}",
                "met": met,
            }
