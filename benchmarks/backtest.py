"""Backtest speed and memory, side by side: ``python -m benchmarks.backtest``.

Every case runs the same seeded bars in an interpreter of its own. Only the engine's run is timed, without
imports and the loading of bars. The runs of the cases take turns, so that a machine that slows down slows all;
the median of each is shown. No speed is shown before all cases of a rule are seen to have made the same
decisions, and those that manage their orders alike to have ended with the same balance.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.case import CASES
from benchmarks.command import Command, from_one
from benchmarks.goals import Report, judged
from benchmarks.outcome import disagreements
from benchmarks.workload import BARS_FULL, RULES

ROOT = Path(__file__).resolve().parents[1]
SCALING_BARS = (20_000, 65_000, 130_000, BARS_FULL)
LINEAR_LIMIT = 1.25
"""Time per bar at the full length over that at a quarter of it; above this the growth is not linear."""
NEVER_SLOW = ("none", "few")


def measure(case: str, rule: str, bars: int) -> Report:
    """Return one run of a case."""
    command = [sys.executable, "-m", "benchmarks.case", case, rule, str(bars)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    report: Report = json.loads(done.stdout.splitlines()[-1])
    return report


def middle(runs: list[Report]) -> Report:
    """Return the run with the median processor time, with those of all."""
    ordered = sorted(runs, key=lambda report: float(report["cpu_s"]))
    return {**ordered[len(ordered) // 2], "cpu_s_runs": [report["cpu_s"] for report in runs]}


def compare(names: list[str], rule: str, *, bars: int, repeat: int, slow: bool) -> list[Report]:
    """Measure the cases with one rule, turn by turn; those that take minutes only if `slow`, and once.

    Raises
    ------
    SystemExit
        Two cases did not trade alike, so their speeds may not be compared.
    """
    lengthy = {name for name in names if CASES[name].slow and rule not in NEVER_SLOW}
    chosen = [name for name in names if slow or name not in lengthy]
    runs: dict[str, list[Report]] = {name: [] for name in chosen}
    for turn in range(repeat):
        for name in chosen:
            if turn == 0 or name not in lengthy:
                runs[name].append(measure(name, rule, bars))
    reports = [middle(runs[name]) for name in chosen]
    faults = disagreements(report for report in reports if report["management"])
    if faults:
        raise SystemExit("the cases did not trade alike:\n" + "\n".join(faults))
    return reports


def scaling(case: str, repeat: int) -> list[Report]:
    """Measure one case with many orders at growing lengths, turn by turn."""
    turns = [[measure(case, "many", bars) for bars in SCALING_BARS] for _ in range(repeat)]
    return [middle(list(runs)) for runs in zip(*turns, strict=True)]


def growth(reports: list[Report]) -> float:
    """Return the time per bar of the longest run over that of the run a quarter as long: 1 is linear."""
    per_bar = {report["bars"]: report["cpu_s"] / report["bars"] for report in reports}
    return float(per_bar[BARS_FULL] / per_bar[BARS_FULL // 4])


def table(title: str, reports: list[Report]) -> Table:
    """Return a table of `reports`; the ratios are to the first one."""
    made = Table(title=title)
    for name in ("case", "bars", "orders", "wall s", "cpu s", "bars/s", "us/bar", "x first", "peak MiB"):
        made.add_column(name, justify="left" if name == "case" else "right", no_wrap=name == "case")
    base = reports[0]["cpu_s"] / reports[0]["bars"]
    for report in reports:
        per_bar = report["cpu_s"] / report["bars"]
        made.add_row(
            report["case"],
            f"{report['bars']:,}",
            f"{report['orders']:,}",
            f"{report['wall_s']:.2f}",
            f"{report['cpu_s']:.2f}",
            f"{1.0 / per_bar:,.0f}",
            f"{per_bar * 1e6:.1f}",
            f"{per_bar / base:.2f}",
            f"{report['peak_rss_mib']:,.0f}",
        )
    return made


def goal_table(goals: list[Report]) -> Table:
    """Return a table of the goals, met and missed."""
    made = Table(title="Goals")
    for name in ("goal", "ratio", "value", "bound", "met"):
        made.add_column(name)
    for goal in goals:
        verdict = "yes" if goal["met"] else "NO"
        made.add_row(goal["goal"], goal["ratio"], f"{goal['value']:.2f}", goal["bound"], verdict)
    return made


def command() -> Command:
    parser = Command("backtest", __doc__, "minutes, with --slow --repeat 3 half an hour")
    parser.add_argument("--case", action="append", choices=CASES, help="only this case; may be repeated")
    parser.add_argument("--rule", action="append", choices=RULES, help="only this rule; may be repeated")
    parser.add_argument("--bars", type=from_one, default=BARS_FULL, help="bars of each run (%(default)s)")
    parser.add_argument("--repeat", type=from_one, default=1, help="runs of each case; the median counts")
    parser.add_argument("--slow", action="store_true", help="also the cases that take minutes, once")
    parser.add_argument("--scaling", choices=CASES, help="also check that this case's time grows linearly with bars")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser


def main() -> None:
    """Measure what the command line asks for."""
    given = command().parse_args()
    console = Console(width=110)
    names = given.case or list(CASES)
    for name in names:
        case = CASES[name]
        console.print(f"{name}: {case.title}; {case.management or 'no orders'}", highlight=False)
    by_rule: dict[str, list[Report]] = {}
    for rule in given.rule or list(RULES):
        by_rule[rule] = compare(names, rule, bars=given.bars, repeat=given.repeat, slow=given.slow)
        console.print(table(f"{rule}: EMA cross {RULES[rule].fast}/{RULES[rule].slow}", by_rule[rule]))
    goals = list(judged(by_rule))
    if goals:
        console.print(goal_table(goals))
    figures: dict[str, Any] = {"rules": by_rule, "goals": goals}
    if given.scaling:
        reports = scaling(given.scaling, given.repeat)
        figures["scaling"], figures["growth"] = reports, growth(reports)
        console.print(table(f"{given.scaling}: time against length", reports))
        verdict = "linear" if figures["growth"] <= LINEAR_LIMIT else "NOT linear"
        console.print(f"time per bar at full length over a quarter of it: {figures['growth']:.2f} ({verdict})")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
