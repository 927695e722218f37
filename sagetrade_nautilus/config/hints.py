"""What a wrong run's file is told: the decoder's complaint in plain words, and what could stand there instead."""

import difflib
import re
from typing import Final

import msgspec
from msgspec import inspect

UNKNOWN: Final = re.compile(r"Object contains unknown field `([^`]*)`")
MISSING: Final = re.compile(r"Object missing required field `([^`]*)`")
PLACE: Final = re.compile(r" - at `(?:key in )?\$\.?([^`]*)`$")
KEYS: Final = re.compile(r"(password|username|secret|token|api_?key)", re.IGNORECASE)


def readable(error: Exception, raw: bytes, kind: type[msgspec.Struct]) -> str:
    """Return what is wrong with the file `raw`, which was to be a `kind`, where, and what to do."""
    if isinstance(error, UnicodeDecodeError):
        line = raw.count(b"\n", 0, error.start) + 1
        return f"line {line} is not UTF-8 text; save the file as UTF-8"
    said = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return f"no TOML: {said}"
    place = PLACE.search(said)
    told = _type_at(inspect.type_info(kind), place.group(1) if place else "")
    at = _plain(told)
    unknown = UNKNOWN.search(said)
    if unknown:
        hint = _instead(unknown.group(1), at)
    elif MISSING.search(said):
        hint = "; add it"
    elif isinstance(at, inspect.CollectionType) and "got `object`" in said and place:
        hint = f"; it may be there more than once: write [[{place.group(1)}]]"
    elif examples := _examples(told):
        hint = f"; for example {', '.join(map(repr, examples))}"
    else:
        hint = f"; it can be {', '.join(repr(one) for one in choices)}" if (choices := _choices(at)) else ""
    said = UNKNOWN.sub(r"unknown key `\1`", MISSING.sub(r"the key `\1` is missing", said))
    return said.replace("`$.", "`") + hint


def _instead(name: str, at: inspect.Type | None) -> str:
    """Return the way out for a key that is not known: the one that was meant, or all that are there."""
    if KEYS.search(name):
        return "; no key or password stands in a run's file: put it into config/secrets.env"
    known = [field.encode_name for field in at.fields] if isinstance(at, inspect.StructType) else []
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; there are {', '.join(known)}" if known else ""


def _choices(at: inspect.Type | None) -> list[object]:
    if isinstance(at, inspect.LiteralType):
        return list(at.values)
    return [one.value for one in at.cls] if isinstance(at, inspect.EnumType) else []


def _type_at(root: inspect.Type, place: str) -> inspect.Type | None:
    """Return the type of what stands at a place such as 'quant.features[1].kind', ``None`` where it is not known."""
    at: inspect.Type | None = root
    for step in re.findall(r"[^.\[\]]+", place):
        at = _inner(at, step)
    return at


def _examples(at: inspect.Type | None) -> list[object]:
    at = _given(at)
    schema = at.extra_json_schema if isinstance(at, inspect.Metadata) else None
    return list((schema or {}).get("examples", ()))


def _inner(at: inspect.Type | None, step: str) -> inspect.Type | None:
    at = _plain(at)
    if isinstance(at, inspect.StructType):
        return next((field.type for field in at.fields if field.encode_name == step), None)
    if isinstance(at, inspect.DictType):
        return at.value_type
    return at.item_type if isinstance(at, inspect.CollectionType) else None


def _plain(at: inspect.Type | None) -> inspect.Type | None:
    """Return a type without its bounds, and without the ``None`` that may stand in its place."""
    while isinstance(at, inspect.Metadata):
        at = at.type
    return _plain(_given(at)) if isinstance(at, inspect.UnionType) else at


def _given(at: inspect.Type | None) -> inspect.Type | None:
    """Return a type without the ``None`` that may stand in its place."""
    if isinstance(at, inspect.UnionType):
        return next((one for one in at.types if not isinstance(one, inspect.NoneType)), None)
    return at
