"""Where a process's log goes: as it is to the terminal, or as JSON lines in the Elastic Common Schema's names.

The variable SAGETRADE_LOGS decides: unset for the terminal, '-' for JSON on standard output (containers), or a folder.
Everything is caught, Nautilus's own lines and tracebacks too, since both streams of the process run into `ops.sink`.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ecs_logging import StdlibFormatter

from sagetrade_nautilus.ops.ecs import CONTEXT

VARIABLE: Final = "SAGETRADE_LOGS"
EVENTS: Final = "sagetrade.events"
DRAIN_S: Final = 5.0
QUIET_LOGGERS: Final = ("httpx", "httpcore", "telegram", "telethon", "urllib3")
"""They tell whole addresses at INFO."""


@contextmanager
def diverted(name: str, target: str | None) -> Iterator[None]:
    """Have all that the process says go to `target` as JSON lines, while the block runs; as it is where it is ``None``.

    Parameters
    ----------
    name : str
        What the process does, as 'paper'.
    """
    if not target:
        yield
        return
    kept = os.dup(1), os.dup(2)
    out, err = os.pipe(), os.pipe()
    command = [sys.executable, "-m", "sagetrade_nautilus.ops.sink", target, name, str(err[0])]
    sink = subprocess.Popen(command, stdin=out[0], pass_fds=[err[0]], start_new_session=True)  # noqa: S603
    _flush()
    for pipe, number in ((out, 1), (err, 2)):
        os.dup2(pipe[1], number)
        os.close(pipe[0])
        os.close(pipe[1])
    handler = _log_as_ecs()
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        _flush()
        for old, number in zip(kept, (1, 2), strict=True):
            os.dup2(old, number)
            os.close(old)
        _wait(sink)


def identify(**labels: str) -> None:
    """Say what all later lines of this process belong to, as ``run="paper"``; to a terminal nothing is said."""
    if os.environ.get(VARIABLE):
        print(json.dumps({CONTEXT: {f"labels.{name}": value for name, value in labels.items()}}), flush=True)


def _log_as_ecs() -> logging.Handler:
    root = logging.getLogger()
    handler = logging.StreamHandler(os.fdopen(2, "w", buffering=1, closefd=False))
    handler.setFormatter(StdlibFormatter(exclude_fields=["process", "log.original", "log.origin"]))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("sagetrade").setLevel(logging.INFO)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _wait(sink: "subprocess.Popen[bytes]") -> None:
    """Wait until the last line is written; not for ever, since a child of ours may still hold the streams."""
    try:
        sink.wait(DRAIN_S)
    except subprocess.TimeoutExpired:
        return
