"""`sagetool check parity`: whether a node does what the backtest says."""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from catalog.times import iso
from sagetrade_nautilus.cli.days import parse_day
from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import CheckError
from sagetrade_nautilus.run.checks.attribution import ACCOUNT, CAUSES, FEE, FILL, LATENCY, Difference, Parity
from sagetrade_nautilus.run.checks.parity import PIECES
from sagetrade_nautilus.run.checks.parity import parity as compare_runs

SHOWN = 5
SHOWN_CHARS = 100
NOTHING_DECIDED = (
    "No decision was compared: neither run made one. Signals need hours to warm up; take more days: --days 5"
)
EFFECTS = {LATENCY: "{:+.3f} ms on average", FILL: "{:+.2f} bps on average", FEE: "{:+.4f} in all"}


class Execution(StrEnum):
    """What a replay's orders go to: the backtest's exchange, or the paper trading client."""

    SIMULATED = "simulated"
    PAPER = "paper"


def parity(
    config: Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/demo.toml.")],
    day: Annotated[
        str | None, typer.Option("--day", help="The first day, UTC; the run's own if left out.", metavar="<date>")
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, help="How many days; if left out one with --day, else all of the run."),
    ] = None,
    execution: Annotated[
        Execution | None, typer.Option(help="What the replay's orders go to; as `node.execution` says if left out.")
    ] = None,
) -> None:
    """Run the same days as backtest and as replay, and compare signal by signal, decision by decision, order by order.

    Every difference is attributed: to a signal, to latency, to what the account was worth, to a fill, a fee or a
    refusal. Signals and decisions must be the same to the last digit: exits with code 10 if they are not, and names the
    first. Differences of orders are reported.

    Example: sagetool check parity configs/demo.toml --day 2022-05-08 --days 5
    """
    settings, console = load(config), Console()
    if execution is not None:
        node = msgspec.structs.replace(settings.node, execution=execution.value)
        settings = msgspec.structs.replace(settings, node=node)
    with console.status("running both"):
        found = compare_runs(settings, parse_day(day, "--day"), days)
    console.print(_table(found))
    if not found.same["decision"] and not any(one.kind == "decision" for one in found.differences):
        console.print(NOTHING_DECIDED, soft_wrap=True)
    for difference in found.differences[:SHOWN]:
        console.print(_said(difference), highlight=False, markup=False, soft_wrap=True)
    if len(found.differences) > SHOWN:
        console.print(f"... and {len(found.differences) - SHOWN:,} more")
    if not found.holds:
        first = next(one for one in found.differences if one.kind != "order")
        raise CheckError(f"parity: the replay parts from the backtest: {_said(first)}")


def _table(found: Parity) -> Table:
    table = Table(title="parity", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("", "the same", "different", "because of"):
        table.add_column(column, justify="right" if column in ("the same", "different") else "left")
    for kind in PIECES:
        mine = [one for one in found.differences if one.kind == kind]
        table.add_row(f"{kind}s", f"{found.same[kind]:,}", f"{len(mine):,}", _causes(mine))
    return table


def _causes(differences: list[Difference]) -> str:
    counts = Counter(one.cause for one in differences)
    lines = []
    for cause in CAUSES:
        if counts[cause]:
            effects = [one.effect for one in differences if one.cause == cause]
            total = sum(effects) if cause == FEE else sum(effects) / len(effects)
            effect = f" ({EFFECTS[cause].format(total)})" if cause in EFFECTS else ""
            lines.append(f"{counts[cause]:,} {cause}{effect}")
    return "\n".join(lines)


def _said(difference: Difference) -> str:
    first, second = (plain(str(value))[:SHOWN_CHARS] for value in (difference.first, difference.second))
    what = f"{difference.kind} {plain(difference.subject)}"
    why = "what the account was worth" if difference.cause == ACCOUNT else difference.cause
    return f"{iso(difference.ts)} {what}: {plain(difference.field)} is {first} and {second} ({why})"
