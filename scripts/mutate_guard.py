"""Break the guard's rules one at a time, in a copy, and see whether its tests notice.

Every limit is taken out of `standard_limits`; every comparison is turned round and moved over its boundary; `and` and
`or` change places, a `not` goes, a refusal on an error becomes a pass, and single statements vanish. A mutant that no
test notices is a rule that nobody would miss: it is named, and the exit code is 1.

Run ``python -m scripts.mutate_guard [MODULE ...]``; ``--list`` shows the mutants without running anything.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scripts.mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[1]
GUARD = Path("sagetrade_nautilus/guard")
MODULES = (
    "gate/limits/__init__",
    "gate/limits/base",
    "gate/limits/market",
    "gate/limits/money",
    "gate/limits/traffic",
    "gate/book",
    "gate/entry",
    "gate/gate",
    "gate/resend",
    "gate/reduction",
    "gate/traffic",
    "clusters",
    "gate/ledger",
    "breaker/breaker",
    "breaker/circuit",
    "breaker/drift",
    "controller",
    "switch/response",
)
"""Where the rules are."""
COPIED = (
    "sagetrade_nautilus",
    "strategies",
    "actors",
    "adapters",
    "catalog",
    "tests",
    "configs",
    "docs",
    "pyproject.toml",
)
WHOLE = re.compile("gate|guard|killswitch|breaker|limit|reducing|hole|prices")
"""The integration tests that drive the whole guard."""
OWN = {
    "switch/response": (
        "tests/integration/test_response_in_engine.py",
        "tests/integration/test_flattening_in_engine.py",
        "tests/integration/test_lock_in_engine.py",
    ),
    "gate/resend": ("tests/integration/test_order_manager_in_engine.py",),
}
"""Integration tests that a module has for itself."""
LIVE = {"controller": ("tests/e2e/test_killswitch_live.py",), "gate/gate": ("tests/e2e/test_killswitch_live.py",)}
"""Tests of real nodes, slow ones too, that are asked last."""
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist")
PATIENCE_S = 300
MOVED = "moved over its boundary"
_EQUAL = "of two equal numbers either is the larger, and their fall is 0"
HARMLESS: dict[tuple[str, str], str] = {
    ("gone", "if is_far:  # as at almost every look"): "it saves the look at each limit, none of which is reached",
    (MOVED, "return (high - now) / of * 100.0 if high > now else 0.0"): _EQUAL,
    (MOVED, "day_peak=equity if day_peak is None or equity > day_peak else day_peak,"): _EQUAL,
    (MOVED, "peak=equity if peak is None or equity > peak else peak,"): _EQUAL,
}
"""Mutants that change nothing, by kind and the line as it is, each with the reason."""


def tests_for(module: str, folder: Path) -> list[list[str]]:
    """Return the files that test a module: its unit tests, its own or else the whole guard's, those of real nodes."""
    unit = [path for path in (folder / "tests/unit/guard").rglob("test_*.py") if _imports(path, module)]
    whole = [path for path in (folder / "tests/integration").glob("test_*.py") if WHOLE.search(path.stem)]
    stages = [[str(path.relative_to(folder)) for path in sorted(paths)] for paths in (unit, whole)]
    if module in OWN:
        stages[1] = list(OWN[module])
    stages.append(list(LIVE.get(module, ())))
    return [stage for stage in stages if stage]


def _imports(path: Path, module: str) -> bool:
    name = module.removesuffix("/__init__").replace("/", ".")
    return f"sagetrade_nautilus.guard.{name} import" in path.read_text(encoding="utf-8")


def is_noticed(mutant: Mutant, folder: Path) -> bool:
    """Return whether a test fails on `mutant`, or does not end, in the copy at `folder`."""
    path = folder / GUARD / f"{mutant.module}.py"
    sound = path.read_text(encoding="utf-8")
    path.write_text(mutant.source, encoding="utf-8")
    try:
        return any(_run(folder, stage) != 0 for stage in tests_for(mutant.module, folder))
    finally:
        path.write_text(sound, encoding="utf-8")


def _run(folder: Path, tests: list[str]) -> int:
    """Run `tests` in a child and return how it ended. But for real nodes it has all of Nautilus loaded already."""
    if tests[0].startswith("tests/e2e"):
        command = [sys.executable, "-m", "pytest", *OPTIONS, *tests]
        with contextlib.suppress(subprocess.TimeoutExpired):
            return subprocess.run(command, cwd=folder, capture_output=True, timeout=PATIENCE_S, check=False).returncode  # noqa: S603 - our own tests
        return 1
    child = os.fork()
    if child == 0:
        os.setsid()
        signal.alarm(PATIENCE_S)
        os._exit(_child(folder, tests))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _child(folder: Path, tests: list[str]) -> int:
    import pytest  # noqa: PLC0415 - the parent has it loaded

    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    return int(pytest.main([*OPTIONS, "-m", "not slow", *tests]))


def _load() -> None:
    """Load what every child needs and what no mutant touches."""
    import hypothesis  # noqa: F401, PLC0415
    import nautilus_trader.backtest.engine  # noqa: PLC0415
    import nautilus_trader.backtest.node  # noqa: F401, PLC0415
    import pandas as pd  # noqa: F401, PLC0415
    import pytest  # noqa: F401, PLC0415

    sys.dont_write_bytecode = True


@contextlib.contextmanager
def _copies(count: int) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory(prefix="sagetrade-mutants-") as home:
        folders = [Path(home) / str(number) for number in range(count)]
        for folder in folders:
            folder.mkdir()
            for name in COPIED:
                source, target = ROOT / name, folder / name
                if source.is_dir():
                    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "data"))
                else:
                    shutil.copy(source, target)
            sample = ROOT / "catalog" / "sample"
            if sample.is_dir() and not (folder / "catalog" / "sample").exists():
                shutil.copytree(sample, folder / "catalog" / "sample")
        yield folders


def mutate(
    modules: Annotated[
        list[str] | None, typer.Argument(help="Which modules of the guard; all with rules else.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many at once.")] = 1,
    only_list: Annotated[bool, typer.Option("--list", help="Show the mutants and run nothing.")] = False,
    kind: Annotated[str, typer.Option(help="Only kinds that begin with this.")] = "",
) -> None:
    """Break each rule of the guard in a copy, and report whether the tests notice."""
    console = Console()
    strange = [name for name in modules or () if not (ROOT / GUARD / f"{name}.py").exists()]
    if strange:
        raise typer.BadParameter(f"{', '.join(strange)}: no such module of the guard; there are {', '.join(MODULES)}")
    wanted = [name for name in modules or MODULES if (ROOT / GUARD / f"{name}.py").exists()]
    made = [
        mutant
        for name in wanted
        for mutant in mutants(name, (ROOT / GUARD / f"{name}.py").read_text(encoding="utf-8"))
        if mutant.kind.startswith(kind) and (mutant.kind, mutant.before) not in HARMLESS
    ]
    if only_list:
        for mutant in made:
            console.print(f"{mutant.module}:{mutant.line}: {mutant.kind}: {mutant.before}", markup=False)
        raise typer.Exit
    began = time.monotonic()
    survivors = _judge(made, jobs, console)
    _show(made, survivors, time.monotonic() - began, console)
    raise typer.Exit(int(bool(survivors)))


def _judge(made: list[Mutant], jobs: int, console: Console) -> list[Mutant]:
    _load()
    with _copies(jobs) as folders:
        for module in dict.fromkeys(mutant.module for mutant in made):
            if any(_run(folders[0], stage) != 0 for stage in tests_for(module, folders[0])):
                console.print(f"the tests of {module} fail without any mutant, or there are none")
                raise typer.Exit(2)
        free: SimpleQueue[Path] = SimpleQueue()
        for folder in folders:
            free.put(folder)

        def judge(mutant: Mutant) -> bool:
            folder = free.get()
            try:
                return is_noticed(mutant, folder)
            finally:
                free.put(folder)

        with ThreadPoolExecutor(jobs) as pool:
            noticed = []
            for mutant, was_noticed in zip(made, pool.map(judge, made), strict=True):
                noticed.append(was_noticed)
                if not was_noticed:
                    console.print(f"{mutant.module}:{mutant.line}: {mutant.kind}: {mutant.before}", markup=False)
    return [mutant for mutant, was_noticed in zip(made, noticed, strict=True) if not was_noticed]


def _show(made: list[Mutant], survivors: list[Mutant], elapsed_s: float, console: Console) -> None:
    table = Table("what was done", "mutants", "noticed", "survived")
    of_kind = Counter(_family(mutant) for mutant in made)
    left = Counter(_family(mutant) for mutant in survivors)
    for kind, count in sorted(of_kind.items()):
        table.add_row(kind, str(count), str(count - left[kind]), str(left[kind]))
    console.print(table)
    rate = (len(made) - len(survivors)) / len(made) * 100.0 if made else 100.0
    console.print(f"{len(made)} mutants, {len(survivors)} survived, {rate:.1f}% noticed, in {elapsed_s:.0f} s")


def _family(mutant: Mutant) -> str:
    return "a limit taken out" if mutant.kind.startswith("without ") else mutant.kind


if __name__ == "__main__":
    typer.run(mutate)
