"""Break the guard's rules one at a time, in a copy, and see whether its tests notice.

Every limit is taken out of `standard_limits`; every comparison is turned round and moved over its boundary; `and` and
`or` change places, a `not` goes, a refusal on an error becomes a pass, and single statements vanish. A mutant that no
test notices is a rule that nobody would miss: it is named, and the exit code is 1.

Run ``python -m scripts.mutate_guard [MODULE ...]``; ``--list`` shows the mutants without running anything.
"""

import ast
import contextlib
import copy
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
GUARD = Path("sagetrade_nautilus/guard")
MODULES = (
    "limits/__init__",
    "limits/base",
    "limits/market",
    "limits/money",
    "limits/traffic",
    "book",
    "entry",
    "gate",
    "reduction",
    "traffic",
    "clusters",
    "ledger",
    "breaker",
    "circuit",
    "drift",
    "controller",
    "response",
)
"""Where the rules are."""
COPIED = ("sagetrade_nautilus", "strategies", "actors", "adapters", "catalog", "tests", "configs", "pyproject.toml")
WHOLE = re.compile("gate|killswitch|breaker|limit|reducing|hole|prices")
"""The integration tests that drive the whole guard."""
OWN = {"response": ("tests/integration/test_response_in_engine.py", "tests/integration/test_lock_in_engine.py")}
"""Integration tests that a module has for itself."""
PATIENCE_S = 300
TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
MOVED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
HARMLESS: dict[tuple[str, str], str] = {}
"""Mutants that change nothing, by kind and the line as it is, each with the reason."""


@dataclass(frozen=True)
class Mutant:
    """One broken rule.

    Parameters
    ----------
    module, kind : str
        Where, and what was done to it.
    line : int
        From 1, in the source as it is.
    before : str
        That line.
    source : str
        The broken module.
    """

    module: str
    kind: str
    line: int
    before: str
    source: str

    @property
    def is_harmless(self) -> bool:
        """Whether it is known to change nothing."""
        return (self.kind, self.before) in HARMLESS


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module's source."""
    lines = source.splitlines()
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        for kind, change in _changes(node):
            broken = copy.deepcopy(tree)
            target = next(found for count, found in enumerate(ast.walk(broken)) if count == number)
            change.apply(target)
            line = change.line
            yield Mutant(module, kind, line, lines[line - 1].strip(), ast.unparse(ast.fix_missing_locations(broken)))


@dataclass(frozen=True)
class _Change:
    """Sets `field` of a node, or one item of it, to `value`; without a value the item goes."""

    line: int
    field: str
    value: object = None
    index: int | None = None

    def apply(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(node, self.field, self.value)
        elif self.value is None:
            getattr(node, self.field).pop(self.index)
        else:
            getattr(node, self.field)[self.index] = self.value


def _changes(node: ast.AST) -> Iterator[tuple[str, _Change]]:
    if isinstance(node, ast.Compare):
        for index, sign in enumerate(node.ops):
            if type(sign) in TURNED:
                yield "turned round", _Change(node.lineno, "ops", TURNED[type(sign)](), index)
            if type(sign) in MOVED:
                yield "moved over its boundary", _Change(node.lineno, "ops", MOVED[type(sign)](), index)
    elif isinstance(node, ast.BoolOp):
        other: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and/or changed places", _Change(node.lineno, "op", other)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        sign_other: ast.operator = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield "plus/minus changed places", _Change(node.lineno, "op", sign_other)
    elif isinstance(node, ast.ExceptHandler):
        last = node.body[-1]
        if isinstance(last, ast.Return):
            yield "an error passes", _Change(last.lineno, "body", ast.Return(ast.Constant(None)), len(node.body) - 1)
    elif isinstance(node, ast.FunctionDef):
        yield from _changes_of_function(node)
    if isinstance(node, ast.If | ast.IfExp | ast.While) and isinstance(node.test, ast.UnaryOp):
        yield "a not is gone", _Change(node.lineno, "test", node.test.operand)
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if isinstance(block, list) and not isinstance(node, ast.Module | ast.ClassDef):
            yield from _statements_gone(field, block)


def _changes_of_function(node: ast.FunctionDef) -> Iterator[tuple[str, _Change]]:
    """Take each limit out of the list of limits, wherever that is returned."""
    if node.name != "standard_limits":
        return
    for index, statement in enumerate(node.body):
        if isinstance(statement, ast.Return) and isinstance(statement.value, ast.List):
            for number, limit in enumerate(statement.value.elts):
                fewer = [other for count, other in enumerate(statement.value.elts) if count != number]
                made = ast.Return(ast.List(fewer, ast.Load()))
                yield f"without {ast.unparse(limit)}", _Change(limit.lineno, "body", made, index)


def _statements_gone(field: str, block: list[ast.stmt]) -> Iterator[tuple[str, _Change]]:
    for index, statement in enumerate(block):
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        sets_self = isinstance(statement, ast.Assign | ast.AugAssign) and ast.unparse(statement).startswith("self._")
        refuses = isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Return | ast.Continue)
        if (isinstance(statement, ast.Expr) and not is_text) or sets_self or refuses:
            yield "gone", _Change(statement.lineno, field, ast.Pass(), index)


def tests_for(module: str) -> list[list[str]]:
    """Return the files that test a module, in the order of asking: its unit tests, its own, then the whole guard's."""
    unit = [path for path in (ROOT / "tests/unit/guard").rglob("test_*.py") if _imports(path, module)]
    whole = [path for path in (ROOT / "tests/integration").glob("test_*.py") if WHOLE.search(path.stem)]
    paths = [[str(path.relative_to(ROOT)) for path in sorted(found)] for found in (unit, whole)]
    stages = [paths[0], list(OWN[module])] if module in OWN else paths
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
        return any(_run(folder, stage) != 0 for stage in tests_for(mutant.module))
    finally:
        path.write_text(sound, encoding="utf-8")


def _run(folder: Path, tests: list[str]) -> int:
    """Run `tests` in a child that has all of Nautilus loaded already, and return how it ended."""
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
    options = ["-x", "-q", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"]
    return int(pytest.main([*options, *tests]))


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
    wanted = [name for name in modules or MODULES if (ROOT / GUARD / f"{name}.py").exists()]
    made = [
        mutant
        for name in wanted
        for mutant in mutants(name, (ROOT / GUARD / f"{name}.py").read_text(encoding="utf-8"))
        if mutant.kind.startswith(kind) and not mutant.is_harmless
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
            if any(_run(folders[0], stage) != 0 for stage in tests_for(module)):
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
