"""Write the reference of all configuration keys into docs/configuration.md, from the code that decodes them.

    python scripts/write_config_reference.py

Types, defaults and limits come from the structs of `sagetrade_nautilus.config` and of the bundled plugins, what a key
means from the `Parameters` of their docstrings. Only what stands between the two markers of the page is replaced.
"""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from msgspec import NODEFAULT
from msgspec import inspect as shape

from sagetrade_nautilus.config import RunConfig, StrategyEntry
from sagetrade_nautilus.run.plugins import BASE_FIELDS, resolve

BUNDLED = (
    "breakout", "equity_event", "mean_reversion_scalper", "momentum_scalper", "news_quick_trade", "pairs_spread",
)  # fmt: skip
"""The plugins that come with the project; what a user adds to the folder is not on the page."""
PAGE = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"
BEGIN, END = "<!-- begin: scripts/write_config_reference.py writes this -->", "<!-- end -->"
HEAD = "| key | type | default | unit | meaning |\n|---|---|---|---|---|"
UNIT_BY_NAME = {"depth": "quote currency", "starting_balance": "account currency", "leverage": "times"}
UNIT_BY_ENDING = {
    "_bps": "basis points",
    "_pct": "percent",
    "_ms": "milliseconds",
    "_s": "seconds",
    "_h": "hours",
    "_min": "minutes",
    "_minutes": "minutes",
    "_sigmas": "standard deviations",
    "length": "bars",
}
PLAIN = {
    shape.StrType: "text",
    shape.IntType: "integer",
    shape.FloatType: "number",
    shape.BoolType: "true or false",
    shape.DateType: "date",
}


def reference() -> str:
    """Return the generated part of the page."""
    parts = [_section(RunConfig, "", "Top of the file")]
    parts += ["## Settings of the bundled plugins", "They go into `params` of a `[[strategies]]` entry."]
    for name, config in _plugin_configs():
        described = (inspect.getdoc(inspect.getmodule(config)) or "").split("\n\n")[0].replace("\n", " ")
        parts += [f"### `{name}`", described, _table(config, frozenset(BASE_FIELDS))]
    return "\n\n".join(parts)


def page(text: str) -> str:
    """Return the page `text` with its generated part written anew."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{reference()}\n\n{END}{after}"


def _plugin_configs() -> Iterator[tuple[str, type]]:
    for plugin in BUNDLED:
        module, name = resolve(StrategyEntry(plugin=plugin)).config_path.split(":")
        yield plugin, getattr(import_module(module), name)


def _section(struct: Any, path: str, title: str) -> str:
    """Return a struct's heading and table, and after it the sections within."""
    intro, _ = _documented(struct)
    fields = _fields(struct)
    inner = {field.name: nested for field in fields if (nested := _nested(field.type)) is not None}
    parts = [f"## {title}", intro, _table(struct, frozenset(inner if not path else ()))]
    for field in fields:
        if field.name in inner:
            name = f"{path}.{field.name}" if path else field.name
            many = isinstance(field.type, shape.ListType)
            if many and not field.required and _default(field):
                parts.append(f"Default of `{field.name}`:\n\n```toml\n{_tables(name, _default(field))}\n```")
            parts.append(_section(inner[field.name], name, f"`[[{name}]]`" if many else f"`[{name}]`"))
    return "\n\n".join(parts)


def _table(struct: Any, left_out: frozenset[str]) -> str:
    _, meanings = _documented(struct)
    unsaid = [field.name for field in _fields(struct) if field.name not in {*left_out, *meanings}]
    if unsaid:
        raise SystemExit(f"{struct.__name__}: the docstring's Parameters say nothing of {', '.join(unsaid)}")
    rows = [
        f"| `{field.name}` | {_type(field.type)} | {_shown(field)} | {_unit(field.name)} | {meanings[field.name]} |"
        for field in _fields(struct)
        if field.name not in left_out
    ]
    return "\n".join([HEAD, *rows])


def _fields(struct: Any) -> tuple[shape.Field, ...]:
    return shape.type_info(struct).fields  # type: ignore[attr-defined, no-any-return]


def _documented(struct: Any) -> tuple[str, dict[str, str]]:
    """Return what a docstring says of the struct as a whole, and of each of its keys."""
    intro, _, listed = (inspect.getdoc(struct) or "").partition("\n\nParameters\n----------\n")
    meanings = {}
    for names, text in re.findall(r"^(\w[\w, ]*) ?:?[^\n]*\n((?: {4}.*\n?)+)", listed, re.MULTILINE):
        meaning = " ".join(line.strip() for line in text.splitlines())
        meanings.update(dict.fromkeys(names.replace(" ", "").split(","), meaning))
    return " ".join(intro.split()), meanings


def _nested(kind: shape.Type) -> type | None:
    if isinstance(kind, shape.UnionType):
        return next((found for part in kind.types if (found := _nested(part)) is not None), None)
    inner = kind.item_type if isinstance(kind, shape.ListType) else kind
    return inner.cls if isinstance(inner, shape.StructType) else None


def _type(kind: shape.Type) -> str:
    match kind:
        case shape.UnionType(types=types):
            words = _type(next(part for part in types if not isinstance(part, shape.NoneType)))
        case shape.Metadata(type=inner):
            words = _type(inner)
        case shape.LiteralType(values=values):
            words = " or ".join(sorted(f'`"{value}"`' for value in values))
        case shape.ListType(item_type=item) | shape.VarTupleType(item_type=item):
            words = "tables" if isinstance(item, shape.StructType) else f"list of {_type(item)}"
        case shape.StructType():
            words = "table"
        case shape.DictType(value_type=value):
            words = "table" if isinstance(value, shape.AnyType) else f"table of {_type(value)}"
        case _:
            words = PLAIN[type(kind)] + _bounds(kind)
    return words


def _bounds(kind: Any) -> str:
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    bounds = [f"{word} {value:g}" for name, word in words.items() if (value := getattr(kind, name, None)) is not None]
    pattern = getattr(kind, "pattern", None)
    if pattern:
        bounds.append(f"as `{pattern}`")
    return ", ".join(["", *bounds])


def _default(field: shape.Field) -> Any:
    return field.default_factory() if field.default_factory is not NODEFAULT else field.default


def _shown(field: shape.Field) -> str:
    default = _default(field)
    if field.required:
        return "**required**"
    if isinstance(default, msgspec.Struct):
        return "as below"
    if default and _nested(field.type) is not None:
        return "below"
    return "none" if default is None else f"`{_toml(default)}`"


def _toml(value: Any) -> str:
    return msgspec.json.encode(value).decode().replace(",", ", ")


def _tables(name: str, structs: list[msgspec.Struct]) -> str:
    keys = [{key: value for key, value in msgspec.structs.asdict(one).items() if value is not None} for one in structs]
    return "\n\n".join(
        "\n".join([f"[[{name}]]", *(f"{key} = {_toml(value)}" for key, value in table.items())]) for table in keys
    )


def _unit(name: str) -> str:
    endings = (unit for ending, unit in UNIT_BY_ENDING.items() if name.endswith(ending))
    return UNIT_BY_NAME.get(name) or next(endings, "")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"docs/{PAGE.name} is written")
