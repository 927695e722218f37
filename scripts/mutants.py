"""Mutants of Python source: the same module with one rule broken. Source in, sources out."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

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
