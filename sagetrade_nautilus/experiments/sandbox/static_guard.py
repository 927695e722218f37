"""Whether a proposed plugin is decision logic and nothing else, told from its text before it runs for the first time.

A list of what is allowed, not of what is forbidden: imports by name, built-in functions by name, attributes of `self`
that the file itself defines, annotations that are types. So there is no way to a file, a process, the network, the
interpreter's own insides or the shell round the plugin that does not begin with something named here as a fault. The
sandbox stands behind it all the same.
"""

import ast
import builtins
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sagetrade_nautilus.execution.face import FACE
from sagetrade_nautilus.experiments.sandbox.static_rules import (
    ACTING,
    BUILTINS,
    CLASS_KEYWORDS,
    DECORATORS,
    DENIED_ATTRIBUTES,
    FRAME_PREFIXES,
    MODULES,
    SHELL,
    SPECIAL_METHODS,
)

SOURCE_BYTES_MAX = 65_536
FORBIDDEN_BUILTINS: Final = frozenset(dir(builtins)) - BUILTINS
AT_TOP: Final = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.ClassDef, ast.FunctionDef, ast.TypeAlias)
IN_CLASS: Final = (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Pass)
NEVER: Final = (ast.Global, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
STRATEGY: Final = "SageStrategy"
_OFFER: Final = f"there is {', '.join(sorted(MODULES))}"


def faults(source: str, path: Path | str) -> list[str]:
    """Return what a plugin's text does that decision logic does not need, each with its line; empty if nothing.

    Parameters
    ----------
    source : str
        The text of the file.
    path : Path or str
        What it is called in the messages.
    """
    if len(source.encode("utf-8", "replace")) > SOURCE_BYTES_MAX:
        return [f"{path}: it is larger than {SOURCE_BYTES_MAX} bytes"]
    try:
        tree = ast.parse(source)
        found = sorted(set(_Guard(tree).look()))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return [f"{path}: it cannot be read: {error}"]
    return [f"{path}:{line}: {fault}" for line, fault in found]


class _Guard:
    """One look at one file."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._modules: dict[str, str] = {}
        self._types: set[str] = set(BUILTINS)
        self._imported: set[str] = set()
        self._own: set[str] = set()
        self._strategies: set[str] = {STRATEGY}
        for node in ast.walk(tree):
            self._learn(node)

    def look(self) -> Iterator[tuple[int, str]]:
        """Yield every fault and its line."""
        for statement in self._tree.body:
            if not isinstance(statement, AT_TOP) and not _is_text(statement):
                yield statement.lineno, "it does something when it is imported; define, and do nothing"
        parents = {child: node for node in ast.walk(self._tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(self._tree):
            line = getattr(node, "lineno", 1)
            for fault in self._of(node, parents.get(node)):
                yield line, fault

    def _learn(self, node: ast.AST) -> None:
        """Note what the file itself defines."""
        match node:
            case ast.Import(names=names):
                self._modules |= {alias.asname or alias.name: alias.name for alias in names}
            case ast.ImportFrom(names=names):
                self._imported |= {alias.asname or alias.name for alias in names}
            case ast.ClassDef(name=name):
                self._types.add(name)
                if any(_name(base) in self._strategies for base in node.bases):
                    self._strategies.add(name)
                self._own |= {name for child in node.body for name in _defined(child)}
            case ast.TypeVar(name=name) | ast.TypeAlias(name=ast.Name(id=name)):
                self._types.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                self._own.add(name)

    def _of(self, node: ast.AST, parent: ast.AST | None) -> Iterator[str]:
        for name in _bound(node):
            yield from self._binding_faults(name)
        for annotation in _annotations(node):
            yield from self._annotation_faults(annotation)
        match node:
            case ast.Import() | ast.ImportFrom():
                yield from _import_faults(node)
            case ast.Name():
                yield from self._name_faults(node, parent)
            case ast.Attribute():
                yield from self._attribute_faults(node)
            case ast.ClassDef():
                yield from self._class_faults(node)
            case ast.FunctionDef():
                yield from self._function_faults(node, parent)
            case ast.MatchClass(kwd_attrs=names):
                for name in names:
                    yield from _reach_faults(name)
            case _ if isinstance(node, NEVER):
                yield f"`{type(node).__name__}` is nothing that decision logic needs"

    def _name_faults(self, node: ast.Name, parent: ast.AST | None) -> Iterator[str]:
        name = node.id
        if name in FORBIDDEN_BUILTINS or name.startswith("__"):
            yield f"`{name}` is not allowed"
        elif isinstance(node.ctx, ast.Store) and not isinstance(parent, ast.TypeAlias):
            yield from self._binding_faults(name)
        elif name in ("self", *self._modules) and not isinstance(parent, ast.Attribute):
            yield f"`{name}` may only stand before a dot"

    def _binding_faults(self, name: str) -> Iterator[str]:
        if name in FORBIDDEN_BUILTINS or name.startswith("__"):
            yield f"`{name}` is not allowed"
        elif name in self._imported or name in self._modules or name in self._types:
            yield f"`{name}` is defined already, and may not become something else"

    def _attribute_faults(self, node: ast.Attribute) -> Iterator[str]:
        name, owner = node.attr, _name(node.value)
        if owner == "self" and isinstance(node.value, ast.Name):
            if name not in self._own or name.startswith("__"):
                yield f"`self.{name}` is not defined in this file"
            elif name in SHELL and name not in FACE:
                yield f"`self.{name}` belongs to the shell round the plugin"
        elif not isinstance(node.ctx, ast.Load):
            yield f"`.{name}` of something else than `self` is set"
        elif owner in self._modules and isinstance(node.value, ast.Name):
            if name not in MODULES.get(self._modules[owner], frozenset()):
                yield f"`{owner}.{name}` is not allowed"
        else:
            yield from _reach_faults(name)

    def _class_faults(self, node: ast.ClassDef) -> Iterator[str]:
        yield from self._redefinition_faults(node.name)
        for keyword in node.keywords:
            if keyword.arg not in CLASS_KEYWORDS or not isinstance(keyword.value, ast.Constant):
                yield f"the class `{node.name}` is made with `{keyword.arg}`, which is not allowed"
        yield from _decorator_faults(node)
        if not all(isinstance(child, IN_CLASS) or _is_text(child) for child in node.body):
            yield f"the class `{node.name}` does something when it is made; define, and do nothing"
        kept = FACE if node.name in self._strategies else FACE | SPECIAL_METHODS
        for name in (name for child in node.body for name in _defined(child)):
            if name in SHELL and name not in kept:
                yield f"`{node.name}.{name}` would replace what the shell round the plugin has"

    def _function_faults(self, node: ast.FunctionDef, parent: ast.AST | None) -> Iterator[str]:
        yield from _decorator_faults(node)
        if node.name.startswith("__") and node.name not in SPECIAL_METHODS:
            yield f"`{node.name}` is not allowed"
        if not isinstance(parent, ast.ClassDef):
            yield from self._redefinition_faults(node.name)
        elif not any(_name(found) == "staticmethod" for found in node.decorator_list):
            first = [*node.args.posonlyargs, *node.args.args][:1]
            if not first or first[0].arg != "self":
                yield f"the first argument of `{node.name}` is not called `self`"

    def _redefinition_faults(self, name: str) -> Iterator[str]:
        if name in FORBIDDEN_BUILTINS or name in BUILTINS or name in self._imported or name in self._modules:
            yield f"`{name}` is defined already, and may not become something else"

    def _annotation_faults(self, node: ast.expr) -> Iterator[str]:
        """Annotations, and a class's bases, are types: text in them would be run as code by whoever resolves it."""
        match node:
            case ast.Constant(value=None) | ast.Constant(value=builtins.Ellipsis):
                return
            case ast.Name(id=name) if name in self._types or name in self._imported:
                return
            case ast.Attribute(value=ast.Name(id=name)) if name in self._modules:
                return
            case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Constant() | ast.Tuple()):
                return
            case ast.Subscript(value=value, slice=inner):
                parts = [value, inner]
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                parts = [left, right]
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                pass
            case _:
                yield f"`{ast.unparse(node)}` is no plain type"
                return
        for part in parts:
            yield from self._annotation_faults(part)


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that `node` gives a value to without an `ast.Name`."""
    match node:
        case ast.arg(arg=name) if name != "self":
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case ast.ExceptHandler(name=str(name)):
            yield name


def _annotations(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what stands where a type is expected."""
    match node:
        case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.expr() as annotation):
            yield annotation
        case ast.FunctionDef(returns=ast.expr() as annotation) | ast.TypeAlias(value=annotation):
            yield annotation
        case ast.ClassDef(bases=bases):
            yield from bases


def _import_faults(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname not in (None, "np"):
                yield f"`{alias.name}` may not be called `{alias.asname}`: what it is must be seen from its name"
            if alias.name not in MODULES or "." in alias.name:
                yield f"`import {alias.name}` is not allowed; {_OFFER}"
        return
    allowed = MODULES.get(node.module or "") if node.level == 0 else None
    if allowed is None:
        yield f"an import from `{'.' * node.level}{node.module or ''}` is not allowed; {_OFFER}"
        return
    for alias in node.names:
        if alias.name not in allowed:
            yield f"`{alias.name}` may not be imported from `{node.module}`"
        if alias.asname is not None:
            yield f"`{alias.name}` may not be called `{alias.asname}`: what it is must be seen from its name"


def _reach_faults(name: str) -> Iterator[str]:
    if name.startswith(FRAME_PREFIXES) or name in DENIED_ATTRIBUTES:
        yield f"`.{name}` reaches behind an object"
    elif name in ACTING:
        yield f"`.{name}` does what a plugin may not do by itself"


def _decorator_faults(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        inner = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not isinstance(inner, ast.Name) or inner.id not in DECORATORS:
            yield f"the decorator `{ast.unparse(decorator)}` is not allowed"


def _defined(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement in a class's body gives it."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    for node in ast.walk(statement) if not isinstance(statement, ast.FunctionDef | ast.ClassDef) else ():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _name(node: ast.expr) -> str:
    """Return the name of a base, a decorator or an owner, without what it is subscripted or called with."""
    while isinstance(node, ast.Subscript | ast.Call):
        node = node.value if isinstance(node, ast.Subscript) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
