"""What hostile texts and text models can do to a run: ``python -m benchmarks.attacks``.

Every attack of `tests.support.attacks` runs through the whole chain in a backtest engine, scored by models that answer
with extremes within the bounds, and by models that answer out of them. Printed are the largest change of the composite
score against the same run without texts, what it may be at most, and what the strategies did differently.
"""

import tempfile
from pathlib import Path

from nautilus_trader.model.enums import OrderStatus
from rich.console import Console
from rich.table import Table

from benchmarks.command import Command
from tests.support.attack_run import AttackedRun, attacked, cap, largest_change
from tests.support.attacks import ATTACKS, OUT_OF_BOUNDS, WITHIN_BOUNDS, Attack, HostileModel, texts


def filled(run: AttackedRun) -> int:
    return sum(order.status == OrderStatus.FILLED for order in run.entries)


def row(attack: Attack, folder: Path, calm: AttackedRun) -> tuple[list[str], int, float]:
    """Return the attack's line, how many texts were used, and its largest change over its cap."""
    runs = {
        mode: attacked(folder / attack.name / mode, texts(attack), HostileModel(answer))
        for mode, answer in WITHIN_BOUNDS.items()
    }
    largest = max(largest_change(run, calm) for run in runs.values())
    entries = [filled(run) for run in runs.values()]
    worst = min(run.balance for run in runs.values())
    return (
        [
            attack.name,
            str(len(attack.titles)),
            str(len(set(attack.sources))),
            f"{largest:.4f}",
            f"{cap(attack):.4f}",
            f"{min(entries)} to {max(entries)}",
            f"{(worst - calm.balance) / 1_000.0:+.2f}%",
        ],
        len(attack.titles) * len(WITHIN_BOUNDS),
        largest / cap(attack),
    )


def main() -> None:
    """Attack, and print one line each."""
    console = Console(width=118)
    with tempfile.TemporaryDirectory() as folder:
        calm = attacked(Path(folder) / "calm", [], HostileModel(lambda asked: []))
        table = Table("attack", "texts", "sources", "largest change", "cap", "entries", "worst balance")
        table.title = f"models within their bounds ({', '.join(WITHIN_BOUNDS)}); without texts: {filled(calm)} entries"
        number, highest = 0, 0.0
        for attack in ATTACKS:
            cells, count, share = row(attack, Path(folder), calm)
            table.add_row(*cells)
            number, highest = number + count, max(highest, share)
        console.print(table)
        console.print(f"N = {number} texts; largest change over its cap: {highest:.3f}")
        changed = asked = 0
        for mode, answer in OUT_OF_BOUNDS.items():
            for attack in ATTACKS:
                model = HostileModel(answer)
                run = attacked(Path(folder) / "out" / mode / attack.name, texts(attack), model)
                changed += run.journal != calm.journal
                asked += model.asked
        runs = len(OUT_OF_BOUNDS) * len(ATTACKS)
        console.print(f"models out of their bounds: {asked} answers in {runs} runs; runs that changed: {changed}")


def command() -> Command:
    return Command("attacks", __doc__, "a minute")


if __name__ == "__main__":
    command().parse_args()
    main()
