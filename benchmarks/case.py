"""One case in one fresh interpreter: ``python -m benchmarks.case NAME RULE BARS`` prints a report as JSON."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pkgutil import resolve_name

from benchmarks.command import Command, from_one
from benchmarks.outcome import Outcome
from benchmarks.workload import RULES, EmaCross, Workload, workload


@dataclass(frozen=True)
class Case:
    """A way to run the rule.

    Parameters
    ----------
    title : str
        What is measured.
    target : str
        'module:function' from the bars and the rule to the outcome; it times the engine's run alone. Only the
        case that runs is imported, so that none pays for another's memory.
    management : str
        How it sends orders, '' if it sends none. Cases that share it must end with the same balance.
    slow : bool
        Takes minutes with many orders.
    """

    title: str
    target: str
    management: str
    slow: bool = False

    def load(self) -> Callable[[Workload, EmaCross], Outcome]:
        function: Callable[[Workload, EmaCross], Outcome] = resolve_name(self.target)
        return function


MARKET = "a market order each way: 2 orders a trade"
BRACKET = "a bracket, cancelled, and a market order: 4 orders a trade, of which 2 fill"
_PLAIN, _SAGE = "benchmarks.nautilus_case", "benchmarks.sagetrade_case"
CASES = {
    "empty": Case("Nautilus, empty strategy", f"{_PLAIN}:empty", ""),
    "installed": Case("Nautilus as installed, HEDGING", f"{_PLAIN}:plain_hedging", MARKET, slow=True),
    "installed-netting": Case("Nautilus as installed, NETTING", f"{_PLAIN}:plain_netting", MARKET, slow=True),
    "installed-bracket": Case(
        "Nautilus as installed, HEDGING, on our venue", f"{_SAGE}:bracket_installed", BRACKET, slow=True
    ),
    "listed": Case("Nautilus with our analyzer, HEDGING", f"{_PLAIN}:listed_hedging", MARKET),
    "listed-netting": Case("Nautilus with our analyzer, NETTING", f"{_PLAIN}:listed_netting", MARKET),
    "listed-bracket": Case("Nautilus with our analyzer, HEDGING, on our venue", f"{_SAGE}:bracket", BRACKET),
    "sagetrade": Case("SageTrade, the whole chain", f"{_SAGE}:sagetrade", BRACKET),
    "backtrader": Case("backtrader, cheat-on-close", "benchmarks.backtrader_case:run_backtrader", MARKET),
}


def command(
    module: str = "case", about: str | None = __doc__, names: Iterable[str] = CASES, takes: str = "seconds to minutes"
) -> Command:
    """Return the command line of one run: its `name`, `rule` and `bars`."""
    parser = Command(module, about, takes)
    parser.add_argument("name", choices=names, help="what runs")
    parser.add_argument("rule", choices=RULES, help="what it trades by")
    parser.add_argument("bars", type=from_one, help="how many bars it is given")
    return parser


def main() -> None:
    """Run the case that the command line names."""
    given = command().parse_args()
    case = CASES[given.name]
    outcome = case.load()(workload(given.bars), RULES[given.rule])
    head = {"case": given.name, "management": case.management, "rule": given.rule, "bars": given.bars}
    print(json.dumps({**head, **outcome.report()}))


if __name__ == "__main__":
    main()
