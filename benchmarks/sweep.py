"""How a sweep scales: ``python -m benchmarks.sweep [--runs N] [--days N] [--turns N] [--memory-runs N] [--ray]``.

The runs are real backtests of the bundled sample, each with another setting of a strategy. Printed are how much faster
two workers are than one, and whether they found the same to the bit; what a task costs besides its work; and what a
worker's memory does over many runs.
"""

import datetime as dt
import os
import statistics
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import msgspec

from benchmarks.command import Command, from_one
from catalog.sample import ensure_sample
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.config.pool import PoolConfig
from sagetrade_nautilus.experiments.sweeps.pool import LocalRunner, Pool, Sweep, make_pool
from sagetrade_nautilus.run import backtest

CONFIG = Path("configs/demo.toml")
EMPTY_TASKS, FEW_TASKS = 5_000, 100
GOAL = 1.8
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Setting(msgspec.Struct, frozen=True):
    """One run: which catalog, how many days from which on, and what the strategy is told."""

    catalog: str
    first_day: int
    days: int
    min_score: float


class Found(msgspec.Struct, frozen=True):
    """What a run found, and its worker's resident memory after it."""

    balance: float
    trades: int
    digest: str
    pid: int
    resident_mb: float


def configured(setting: Setting) -> RunConfig:
    """Return the demo's run with `setting`."""
    config = load(CONFIG)
    start = config.data.start + dt.timedelta(days=setting.first_day)
    end = start + dt.timedelta(days=setting.days)
    data = msgspec.structs.replace(config.data, catalog=setting.catalog, start=start, end=end, sample=False)
    entry = msgspec.structs.replace(
        next(entry for entry in config.strategies if entry.plugin == "mean_reversion_scalper"),
        params={"min_score": setting.min_score},
    )
    return msgspec.structs.replace(config, data=data, strategies=[entry], selector=type(config.selector)())


def run(setting: Setting) -> Found:
    """Run one backtest."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "decisions.jsonl"
        summary = backtest.run(configured(setting), journal)
        digest = sha256(journal.read_bytes() + msgspec.json.encode(summary.fills)).hexdigest()
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES / 2**20
    return Found(summary.final_balance, len(summary.round_trips), digest, os.getpid(), resident)


def nothing(number: int) -> int:
    """Do nothing."""
    return number


def settings(catalog: str, runs: int, days: int) -> list[Setting]:
    return [Setting(catalog, 7 * (number % 20), days, 0.3 + 0.01 * (number // 20)) for number in range(runs)]


def timed(pool: Pool, tasks: list[Setting]) -> tuple[float, list[tuple[float, int, str]]]:
    """Return the seconds that the tasks took, the workers' start included, and what they found."""
    began = time.perf_counter()
    found = [(one.balance, one.trades, one.digest) for one in pool.map(run, tasks)]
    return time.perf_counter() - began, found


def efficiency(tasks: list[Setting], turns: int, name: str, one: Pool, two: Pool) -> None:
    """Print how much faster two workers are; the median of `turns`, since a machine with neighbours is unsteady."""
    ratios = []
    for turn in range(1, turns + 1):
        alone, first = timed(one, tasks)
        together, second = timed(two, tasks)
        ratios.append(alone / together)
        same = "the same to the bit" if first == second else "DIFFERENT RESULTS"
        trades = sum(trades for _, trades, _ in first)
        print(
            f"{name}, turn {turn}: {len(tasks)} backtests, {trades} trades: 1 worker {alone:.1f} s, "
            f"2 workers {together:.1f} s: {ratios[-1]:.2f}x; {same}",
            flush=True,
        )
    print(f"{name}: {statistics.median(ratios):.2f}x (goal {GOAL}x)", flush=True)


def overhead(name: str, pool: Pool) -> None:
    """Print what a task costs besides its work."""
    times = []
    for tasks in (FEW_TASKS, EMPTY_TASKS):
        began = time.perf_counter()
        assert list(pool.map(nothing, range(tasks))) == list(range(tasks))
        times.append(time.perf_counter() - began)
    each = (times[1] - times[0]) / (EMPTY_TASKS - FEW_TASKS)
    print(f"{name}: {each * 1e3:.2f} ms a task; {times[0]:.1f} s to start the workers and do {FEW_TASKS}", flush=True)


def memory(tasks: list[Setting], runs_per_worker: int) -> None:
    """Print a worker's resident memory along many runs."""
    found = list(Sweep(LocalRunner(1, runs_per_worker)).map(run, tasks))
    marks = [found[min(number, len(found) - 1)].resident_mb for number in (9, 99, len(found) // 2, len(found) - 1)]
    print(
        f"{len(found)} runs by {len({one.pid for one in found})} workers: resident MiB after 10, 100, half, all: "
        f"{', '.join(f'{mark:.0f}' for mark in marks)}; highest {max(one.resident_mb for one in found):.0f}",
        flush=True,
    )


def command() -> Command:
    parser = Command("sweep", __doc__, "about half an hour")
    parser.add_argument("--runs", type=from_one, default=24, help="backtests of each sweep (%(default)s)")
    parser.add_argument("--days", type=from_one, default=21, help="days of each backtest (%(default)s)")
    parser.add_argument(
        "--turns", type=from_one, default=3, help="times each sweep is run; the median counts (%(default)s)"
    )
    parser.add_argument(
        "--memory-runs", type=from_one, default=500, help="backtests of a day in which memory is watched (%(default)s)"
    )
    parser.add_argument("--ray", action="store_true", help="measure a Ray of this machine too")
    return parser


def main() -> None:
    """Measure, and print one line for each figure."""
    given = command().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        catalog = str(Path(folder) / "catalog")
        ensure_sample(Path(catalog))
        tasks = settings(catalog, given.runs, given.days)
        efficiency(tasks, given.turns, "processes", Sweep(LocalRunner(1)), Sweep(LocalRunner(2)))
        overhead("processes", Sweep(LocalRunner(2, EMPTY_TASKS)))
        if given.ray:
            ray = make_pool(PoolConfig(backend="ray"))
            efficiency(tasks, given.turns, "1 process, and Ray", Sweep(LocalRunner(1)), ray)
            overhead("Ray", ray)
        short = settings(catalog, given.memory_runs, 1)
        for runs_per_worker in (given.memory_runs, PoolConfig().runs_per_worker):
            memory(short, runs_per_worker)


if __name__ == "__main__":
    main()
