"""Lines of a log as documents with the field names of the Elastic Common Schema. Pure: lines in, documents out."""

import re
from typing import Any, Final

import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE

ECS_VERSION: Final = "8.11.0"
CONTEXT: Final = "sagetrade.context"
"""A line with this member alone says what all later lines belong to; it is no line itself."""
ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
NAUTILUS: Final = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z) \[(?P<level>[A-Z]+)\] "
    r"(?P<trader>[\w-]+)\.(?P<logger>[^:]+): (?P<says>.*)",
    re.DOTALL,
)
LEVELS: Final = {"WARN": "warning", "ERROR": "error", "INFO": "info", "DEBUG": "debug", "TRACE": "trace"}

type Document = dict[str, Any]


def begins(line: str) -> bool:
    """Return whether a line is the first of a message, and not a later one of the message before."""
    plain = ANSI.sub("", line)
    return plain.startswith("{") or NAUTILUS.match(plain) is not None


def document(message: str, now: str, level: str = "info") -> Document:
    """Return what a message of one or more lines says.

    Parameters
    ----------
    message : str
        A line of JSON that has the schema's names already, one or more lines of Nautilus's, or any text.
    now : str
        When it was read, for what does not say its time (ISO 8601, UTC).
    level : str
        That of what does not say its own.
    """
    plain = ANSI.sub("", message).strip()
    if plain.startswith("{"):
        try:
            spread = _spread(msgspec.json.decode(plain, type=dict[str, Any]))
        except UNDECODABLE:
            spread = {}
        if CONTEXT in spread or "@timestamp" in spread:
            return spread
    found = NAUTILUS.match(plain)
    if found is None:
        return {"@timestamp": now, "log.level": level, "message": plain}
    first, _, trace = found["says"].partition("\nTraceback (most recent call last):")
    made = {
        "@timestamp": found["at"],
        "log.level": LEVELS.get(found["level"], found["level"].lower()),
        "message": first,
        "log.logger": f"nautilus.{found['logger']}",
        "labels.trader": found["trader"],
    }
    return {**made, "error.stack_trace": f"Traceback (most recent call last):{trace}"} if trace else made


def whole(made: Document, context: Document) -> bytes:
    """Return a document's line of JSON: with the version of the schema, and what all lines of the process share."""
    return msgspec.json.encode({**made, "ecs.version": ECS_VERSION, **context})


def _spread(nested: Document, prefix: str = "") -> Document:
    """Return a document with dotted names, which mean the same, so that labels are joined and not replaced."""
    made: Document = {}
    for name, value in nested.items():
        if isinstance(value, dict) and f"{prefix}{name}" != CONTEXT:
            made.update(_spread(value, f"{prefix}{name}."))
        else:
            made[f"{prefix}{name}"] = value
    return made
