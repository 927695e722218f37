"""`sagetool-fault`: the real guard in simulated worlds where everything fails, seed after seed."""

import sys
import time
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sagetrade_nautilus.cli.edge import edge
from sagetrade_nautilus.drill.drill import Outcome
from sagetrade_nautilus.drill.invariants import KNOWN
from sagetrade_nautilus.drill.plan import draw
from sagetrade_nautilus.drill.run import Tally, play

TOLD_MAX = 20
"""So many failing seeds are told one by one."""
Case = tuple[int, int | None]
"""A seed, and the point at which a process dies; ``None`` leaves that to chance."""


def fault(
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 500,
    first: Annotated[int, typer.Option(min=0, help="The first of them.")] = 0,
    seed: Annotated[int | None, typer.Option(min=0, help="This seed alone; `--seeds` of them if left out.")] = None,
    crash_at: Annotated[
        int | None,
        typer.Option(
            min=1, help="With --seed: the process dies at this point and nowhere else; where chance says if left out."
        ),
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="With --seed: once for each point at which a process could die.")
    ] = False,
    trace: Annotated[bool, typer.Option("--trace", help="With --seed: print every step and nothing else.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Also do what is known to go wrong, and fail on what is known not to hold.")
    ] = False,
) -> None:
    """Drill the guard: lost, late, doubled and reordered messages, crashes, full disks, bad prices, jumping clocks.

    Ends with 1 if something did not hold, and says with which seed. A seed plays the same each time.

    Example: sagetool-fault --seed 123 --trace
    """
    console = Console()
    if seed is not None and trace:
        outcome = play(draw(seed, strict=strict), crash_at)
        sys.stdout.write("\n".join(outcome.trace) + "\n")
        raise typer.Exit(_code([outcome], strict=strict))
    cases = list(_cases(seeds, first, seed, crash_at, everywhere=everywhere, strict=strict))
    figures, bad, elapsed_s = _run(cases, console, strict=strict)
    _show(figures, elapsed_s, console)
    for case, outcome in bad[:TOLD_MAX]:
        _tell(case, outcome, console, strict=strict)
    if len(bad) > TOLD_MAX:
        console.print(f"and {len(bad) - TOLD_MAX} seeds more")
    raise typer.Exit(_code([outcome for _, outcome in bad], strict=strict))


def _cases(
    seeds: int, first: int, seed: int | None, crash_at: int | None, *, everywhere: bool, strict: bool
) -> Iterator[Case]:
    if seed is None:
        yield from ((number, None) for number in range(first, first + seeds))
    elif everywhere:
        points = play(draw(seed, strict=strict), sys.maxsize).points
        yield from ((seed, point) for point in range(1, points + 1))
    else:
        yield seed, crash_at


def _run(cases: list[Case], console: Console, *, strict: bool) -> tuple[Tally, list[tuple[Case, Outcome]], float]:
    columns = (TextColumn("Drill"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    figures, bad = Tally(), []
    began = time.monotonic()
    # A drill forks, which threads do not survive, so the bar is drawn between the seeds.
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
        task = progress.add_task("", total=len(cases))
        for case in cases:
            outcome = play(draw(case[0], strict=strict), case[1])
            figures.add(outcome)
            if outcome.violations if strict else outcome.failures:
                bad.append((case, outcome))
            progress.advance(task)
            progress.refresh()
    return figures, bad, time.monotonic() - began


def _show(figures: Tally, elapsed_s: float, console: Console) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2))
    rows = {
        "seeds": f"{figures.seeds:,} ({figures.seeds / elapsed_s:.1f} a second)",
        "steps": f"{figures.steps:,}",
        "orders at the venue": f"{figures.orders:,}",
        "held back by the gate": f"{figures.denials:,}",
        "deaths of a process": f"{figures.crashes:,}",
        "faults": f"{figures.faults.total():,}: "
        + ", ".join(f"{kind} {count:,}" for kind, count in sorted(figures.faults.items())),
        "violations, in seeds": f"{sum(count for name, count in figures.violations.items() if name not in KNOWN):,}",
    }
    rows.update(
        {f"  {name}": f"{count:,}{' (known)' if name in KNOWN else ''}" for name, count in figures.violations.items()}
    )
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)


def _tell(case: Case, outcome: Outcome, console: Console, *, strict: bool) -> None:
    seed, point = case
    options = ["--trace", *(["--crash-at", str(point)] if point is not None else []), *(["--strict"] if strict else [])]
    replay = f"sagetool-fault --seed {seed} {' '.join(options)}"
    for found in outcome.violations:
        line = f"seed {seed}, step {found.step}: {found.invariant}: {found.detail}"
        console.print(line, style=None if found.invariant in KNOWN else "bold red", markup=False, soft_wrap=True)
    console.print(f"  replay: {replay}", markup=False, soft_wrap=True)


def _code(outcomes: list[Outcome], *, strict: bool) -> int:
    return int(any(outcome.violations if strict else outcome.failures for outcome in outcomes))


def main() -> None:
    """Run the command line."""
    with edge():
        typer.run(fault)


if __name__ == "__main__":
    main()
