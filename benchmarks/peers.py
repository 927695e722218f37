"""Backtest speed beside other backtesters, on the same work: ``python -m benchmarks.peers``.

Every peer runs the same seeded bars and the same EMA cross, without fees, in an environment of its own (made in
``benchmarks/.peers`` on first use) and in a fresh interpreter. All must have made the same decisions and ended with
the same balance as plain Nautilus before any speed is shown. Only the engine's run counts, in processor seconds; the
last column is the time of the whole process, with imports, loading and compiling. The peers take turns, and the
median of each is shown.

The decisions are the same, the work is not: each peer's is said in a line above the table.
"""

import json
import os
import subprocess
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.backtest import middle
from benchmarks.command import Command, from_one
from benchmarks.goals import Report
from benchmarks.peers_cases.agreement import first_difference
from benchmarks.peers_cases.case import PEERS
from benchmarks.peers_cases.environment import interpreter
from benchmarks.workload import BARS_FULL, RULES

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "benchmarks" / ".peers"
BASE = "nautilus"
COLUMNS = ("case", "version", "bars", "trades", "cpu s", "bars/s", "x Nautilus", "peak MiB", "process cpu s")


def measure(python: Path, name: str, rule: str, bars: int) -> Report:
    """Return one run of a peer.

    Raises
    ------
    SystemExit
        The peer failed.
    """
    command = [str(python), "-m", "benchmarks.peers_cases.case", name, rule, str(bars)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    report: Report = json.loads(done.stdout.splitlines()[-1])
    return report


def compare(pythons: dict[str, Path], rule: str, *, bars: int, repeat: int) -> list[Report]:
    """Measure the peers with one rule, turn by turn, the base first.

    Raises
    ------
    SystemExit
        A peer did not trade as the base did, so that no speeds may be compared.
    """
    turns: list[list[Report]] = []
    for _ in range(repeat):
        turns.append([measure(python, name, rule, bars) for name, python in pythons.items()])
        faults = [first_difference(turns[0][0], report) for report in turns[-1]]
        if any(faults):
            raise SystemExit(
                "\n".join([f"with the rule `{rule}` the peers did not trade alike:", *filter(None, faults)])
            )
    for report in chain(*turns):
        del report["made"]
    return [middle(list(runs)) for runs in zip(*turns, strict=True)]


def table(title: str, reports: list[Report]) -> Table:
    """Return a table of `reports`; the ratio is a time over that of the first."""
    made = Table(title=title)
    for name in COLUMNS:
        made.add_column(name, justify="left" if name in COLUMNS[:2] else "right", no_wrap=name in COLUMNS[:2])
    base = reports[0]["cpu_s"]
    for report in reports:
        made.add_row(
            report["case"],
            report["version"],
            f"{report['bars']:,}",
            f"{(report['decisions'] + 1) // 2:,}",
            f"{report['cpu_s']:.2f}",
            f"{report['bars'] / report['cpu_s']:,.0f}",
            f"{report['cpu_s'] / base:.3g}",
            f"{report['peak_rss_mib']:,.0f}",
            f"{report['process_cpu_s']:.1f}",
        )
    return made


def command() -> Command:
    parser = Command("peers", __doc__, "minutes, and some more when it makes the environments, of 2 GB")
    parser.add_argument("--peer", action="append", choices=PEERS, help="only this one beside the base; may be repeated")
    parser.add_argument("--rule", action="append", choices=RULES, help="instead of `many`; may be repeated")
    parser.add_argument("--bars", type=from_one, default=BARS_FULL, help="bars of each run (%(default)s)")
    parser.add_argument("--repeat", type=from_one, default=1, help="runs of each peer; the median counts")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where the environments are")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser


def main() -> None:
    """Measure what the command line asks for."""
    given = command().parse_args()
    console = Console(width=120)
    chosen = [name for name in PEERS if name == BASE or not given.peer or name in given.peer]
    pythons: dict[str, Path] = {}
    for name in chosen:
        pythons[name] = interpreter(given.cache / name, PEERS[name].requirements, console.print)
        console.print(f"{name}: {PEERS[name].work}", highlight=False)
    figures: dict[str, list[Report]] = {}
    for rule in given.rule or ["many"]:
        figures[rule] = compare(pythons, rule, bars=given.bars, repeat=given.repeat)
        console.print(table(f"{rule}: EMA cross {RULES[rule].fast}/{RULES[rule].slow}", figures[rule]))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
