"""One case in one fresh interpreter: ``python -m benchmarks.case NAME RULE BARS`` prints a report as JSON."""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name

from benchmarks.outcome import Outcome
from benchmarks.workload import RULES, EmaCross, Workload, workload


@dataclass(frozen=True)
class Case:
    """A way to run the rule.

    Parameters
    ----------
    title : str
        What is measured, with its order management.
    target : str
        'module:function' from the bars and the rule to the outcome; it times the engine's run alone. Only the
        case that runs is imported, so that none pays for another's memory.
    slow : bool
        Takes minutes with many orders.
    """

    title: str
    target: str
    slow: bool = False

    def load(self) -> Callable[[Workload, EmaCross], Outcome]:
        function: Callable[[Workload, EmaCross], Outcome] = resolve_name(self.target)
        return function


_PLAIN = "benchmarks.nautilus_case"
CASES = {
    "empty": Case("Nautilus, empty strategy", f"{_PLAIN}:empty"),
    "plain-hedging": Case(
        "Nautilus as installed, HEDGING: a position a trade, 2 market orders a cross",
        f"{_PLAIN}:plain_hedging",
        slow=True,
    ),
    "plain-netting": Case(
        "Nautilus as installed, NETTING: one position with a snapshot a trade, 2 market orders a cross",
        f"{_PLAIN}:plain_netting",
        slow=True,
    ),
    "listed-hedging": Case("Nautilus with our analyzer, HEDGING as above", f"{_PLAIN}:listed_hedging"),
    "listed-netting": Case("Nautilus with our analyzer, NETTING as above", f"{_PLAIN}:listed_netting"),
    "backtrader": Case(
        "backtrader, cheat-on-close, 2 market orders a cross", "benchmarks.backtrader_case:run_backtrader"
    ),
}


def main() -> None:
    """Run the case that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=CASES)
    parser.add_argument("rule", choices=RULES)
    parser.add_argument("bars", type=int)
    given = parser.parse_args()
    outcome = CASES[given.name].load()(workload(given.bars), RULES[given.rule])
    print(json.dumps({"case": given.name, "rule": given.rule, "bars": given.bars, **outcome.report()}))


if __name__ == "__main__":
    main()
