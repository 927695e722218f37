"""Where a process's log goes: as it is to the terminal, or as JSON lines in the Elastic Common Schema's names.

The variable SAGETRADE_LOGS decides: unset for the terminal, '-' for JSON on standard output (containers), or a folder.
Everything is caught, Nautilus's own lines and tracebacks too, since both streams of the process run into `ops.sink`.
"""

import datetime as dt
import errno
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import ConfigError, cause
from sagetrade_nautilus.ops.behind import Behind
from sagetrade_nautilus.ops.ecs import CONTEXT

VARIABLE: Final = "SAGETRADE_LOGS"
EVENTS: Final = "sagetrade.events"
DRAIN_S: Final = 5.0
QUIET_LOGGERS: Final = ("httpx", "httpcore", "telegram", "telethon", "urllib3")
"""They tell whole addresses at INFO."""
_diverted: Final[list[int]] = []
"""Where lines of events go while the log is diverted."""
_behind: Final[list[Behind]] = []
"""What reads the streams meanwhile."""


@contextmanager
def diverted(name: str, target: str | None) -> Iterator[None]:
    """Have all that the process says go to `target` as JSON lines, while the block runs; as it is where it is ``None``.

    Parameters
    ----------
    name : str
        What the process does, as 'paper'.

    Raises
    ------
    ConfigError
        `target` is a folder that cannot be written to.
    """
    if not target:
        yield
        return
    _require_writable(target)
    kept = os.dup(1), os.dup(2)
    out, err = os.pipe(), os.pipe()
    command = [sys.executable, "-m", "sagetrade_nautilus.ops.sink", target, name, str(err[0])]
    behind = Behind(command, out[0], err[0], kept)
    _flush()
    for pipe, number in ((out, 1), (err, 2)):
        os.dup2(pipe[1], number)
        os.close(pipe[1])
    _behind.append(behind)
    handler = _log_as_ecs(os.fdopen(2, "w", buffering=1, closefd=False))
    try:
        with events_to(2):
            yield
    finally:
        logging.getLogger().removeHandler(handler)
        _flush()
        for old, number in zip(kept, (1, 2), strict=True):
            os.dup2(old, number)
        _behind.remove(behind)
        behind.end(DRAIN_S)
        for old in kept:
            os.close(old)


def _require_writable(target: str) -> None:
    """Refuse a folder that no log can be written into, before anything is said into it."""
    if target == "-":
        return
    try:
        Path(target).mkdir(mode=durable.FOLDER_MODE, parents=True, exist_ok=True)
        if not os.access(target, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ConfigError(f"{VARIABLE}: {target}: no log can be written there: {cause(error)}") from None


def is_diverted() -> bool:
    """Return whether lines of events go anywhere."""
    return bool(_diverted)


def tell_event(level: str, says: str, action: str, labels: Mapping[str, str | None]) -> None:
    """Write a line about something that happened, past Python's logging, which would hold the loop for longer."""
    made = {
        "@timestamp": dt.datetime.now(dt.UTC).isoformat(),
        "log.level": level,
        "message": says,
        "log.logger": EVENTS,
        "event.action": action,
        **{f"labels.{name}": label for name, label in labels.items() if label},
    }
    os.write(_diverted[-1], msgspec.json.encode(made) + b"\n")


@contextmanager
def events_to(descriptor: int) -> Iterator[None]:
    """Have events written to an open file or pipe while the block runs."""
    _diverted.append(descriptor)
    try:
        yield
    finally:
        _diverted.remove(descriptor)


def _log_as_ecs(stream: TextIO) -> logging.Handler:
    """Have Python's logging write JSON lines in the schema's names to `stream`, and return the handler that does."""
    from ecs_logging import StdlibFormatter  # noqa: PLC0415 - every command would wait for it

    root = logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(StdlibFormatter(exclude_fields=["process", "log.original", "log.origin"]))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("sagetrade").setLevel(logging.INFO)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler


def identify(**labels: str) -> None:
    """Say what all later lines of this process belong to, as ``run="paper"``; to a terminal nothing is said."""
    if os.environ.get(VARIABLE):
        line = json.dumps({CONTEXT: {f"labels.{name}": value for name, value in labels.items()}})
        print(line, flush=True)
        for behind in _behind:
            behind.tell_again(f"{line}\n".encode())


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
