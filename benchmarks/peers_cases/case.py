"""One peer in one interpreter: ``python -m benchmarks.peers_cases.case NAME RULE BARS`` prints a report as JSON."""

import json
import time
from dataclasses import dataclass
from importlib.metadata import version
from pkgutil import resolve_name
from typing import Any

from benchmarks.case import command
from benchmarks.outcome import Outcome
from benchmarks.workload import RULES, workload


@dataclass(frozen=True)
class Peer:
    """A backtester that runs the rule.

    Parameters
    ----------
    work : str
        What it does for the time that is shown.
    target : str
        'module:function' from the bars and the rule to the outcome.
    package : str
        Whose version is shown.
    requirements : tuple of str
        What its environment holds. Empty: it runs in the project's own.
    """

    work: str
    target: str
    package: str
    requirements: tuple[str, ...] = ()


_PLAIN, _SAGE, _HERE = "benchmarks.nautilus_case", "benchmarks.sagetrade_case", "benchmarks.peers_cases"
PEERS = {
    "nautilus": Peer("event by event, 2 market orders a trade", f"{_PLAIN}:plain_hedging", "nautilus_trader"),
    "nautilus-listed": Peer(
        "the same, with SageTrade's analyzer in place of its own", f"{_PLAIN}:listed_hedging", "nautilus_trader"
    ),
    "sagetrade": Peer(
        "the whole chain: signals, plugin, sizing, guard, journal, a bracket of 4 orders a trade",
        f"{_SAGE}:sagetrade_free",
        "sagetrade-nautilus",
    ),
    "freqtrade": Peer(
        "indicators as arrays, then candle by candle, 2 orders a trade; filled at the next open",
        f"{_HERE}.freqtrade_case:run_freqtrade",
        "freqtrade",
        ("freqtrade==2026.9",),
    ),
    "backtrader": Peer(
        "bar by bar with its indicators, 2 market orders a trade",
        "benchmarks.backtrader_case:run_backtrader",
        "backtrader",
        ("backtrader==1.9.78.123", "pandas==3.1.1"),
    ),
    "backtesting.py": Peer(
        "indicators as arrays, then bar by bar, 2 market orders a trade; statistics at the end",
        f"{_HERE}.backtestingpy_case:run_backtestingpy",
        "backtesting",
        ("backtesting==0.6.6", "pandas==3.1.1"),
    ),
    "vectorbt": Peer(
        "whole arrays in compiled code; no events, no strategy object, nothing to run live; compiling not counted",
        f"{_HERE}.vectorbt_case:run_vectorbt",
        "vectorbt",
        ("vectorbt==1.2.0",),
    ),
}


def report(name: str, rule: str, bars: int) -> dict[str, Any]:
    """Run the peer here and return its report, with each decision and the processor time of all since the start."""
    peer = PEERS[name]
    outcome: Outcome = resolve_name(peer.target)(workload(bars), RULES[rule])
    return {
        "case": name,
        "rule": rule,
        "bars": bars,
        **outcome.report(),
        "made": outcome.decisions,
        "process_cpu_s": round(time.process_time(), 3),
        "version": version(peer.package),
    }


def main() -> None:
    """Run the peer that the command line names."""
    given = command("peers_cases.case", __doc__, PEERS).parse_args()
    print(json.dumps(report(given.name, given.rule, given.bars)))


if __name__ == "__main__":
    main()
