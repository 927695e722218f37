"""The process that a process's log runs into: ``python -m sagetrade_nautilus.ops.sink TARGET NAME FD``.

It reads what the other prints (standard input) and its errors (FD), masks secrets, and writes one JSON line a message:
to standard output where TARGET is '-', else to a file in the folder TARGET, in turns. It ends when the other has ended,
however that came, and never makes it wait for a disk that is full: what cannot be written is counted, and told later.
"""

import datetime as dt
import logging
import os
import selectors
import signal
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

from sagetrade_nautilus import durable
from sagetrade_nautilus.ops.ecs import CONTEXT, Document, begins, document, whole
from sagetrade_nautilus.ops.masking import Masker
from sagetrade_nautilus.secrets import present

FILE_BYTES_MAX: Final = 50_000_000
FILES_KEPT: Final = 10
READ_BYTES: Final = 65_536
QUIET_S: Final = 0.1
"""A message of several lines is over when nothing more has come for so long."""


class Stream:
    """One of the two streams: puts lines together to messages."""

    def __init__(self, level: str, *, joins: bool) -> None:
        self._level = level
        self._joins = joins
        self._rest = b""
        self._lines: list[str] = []

    def feed(self, raw: bytes) -> list[Document]:
        """Return the messages that `raw` completes."""
        *lines, self._rest = (self._rest + raw).split(b"\n")
        made: list[Document] = []
        for line in lines:
            text = line.decode("utf-8", errors="replace")
            if self._lines and (not self._joins or begins(text) or self._lines[0].startswith("{")):
                made.extend(self.flush())
            if text.strip():
                self._lines.append(text)
        return made

    def flush(self, *, ended: bool = False) -> list[Document]:
        """Return the message that is not yet complete; where the stream has ended, the unfinished line too."""
        if ended and self._rest.strip():
            self._lines.append(self._rest.decode("utf-8", errors="replace"))
        lines, self._lines = self._lines, []
        return [document("\n".join(lines), _now(), self._level)] if lines else []


class Writer:
    """Masks and writes documents, and knows what they all belong to."""

    def __init__(self, handler: logging.Handler, masker: Masker, context: Document) -> None:
        self._handler = handler
        self._handler.handleError = self._lost  # type: ignore[method-assign]
        self._masker = masker
        self._context = context
        self._lost_count = 0

    def write(self, made: Document) -> None:
        """Write a document, or take up what it says of all later ones."""
        if CONTEXT in made:
            labels = made[CONTEXT] if isinstance(made[CONTEXT], dict) else {}
            self._context.update({name: str(label) for name, label in labels.items() if name.startswith("labels.")})
            return
        lost = self._lost_count
        if lost and not self._emit({"@timestamp": _now(), "log.level": "error", "message": f"{lost} lines were lost"}):
            self._lost_count = lost + 1
            return
        if lost:
            self._lost_count = 0
        self._emit(made)

    def _emit(self, made: Document) -> bool:
        before = self._lost_count
        line = whole(self._masker.mask_all(made), self._context).decode()
        self._handler.emit(logging.LogRecord("", logging.INFO, "", 0, line, None, None))
        return self._lost_count == before

    def _lost(self, record: logging.LogRecord) -> None:
        self._lost_count += 1


def handler_for(target: str, name: str) -> logging.Handler:
    """Return where lines go; a name that another process writes to gets this process's number."""
    if target == "-":
        return logging.StreamHandler(sys.stdout)
    folder = Path(target)
    folder.mkdir(mode=durable.FOLDER_MODE, parents=True, exist_ok=True)
    held = durable.sole(folder.absolute() / f".{name}.lock")
    try:
        held.__enter__()  # until this process ends
    except BlockingIOError:
        name = f"{name}-{os.getppid()}"
    HELD.append(held)
    return RotatingFileHandler(folder / f"{name}.jsonl", maxBytes=FILE_BYTES_MAX, backupCount=FILES_KEPT, delay=True)


HELD: Final[list[Any]] = []


def run(out: int, err: int, writer: Writer) -> None:
    """Read both streams until both have ended."""
    streams = {out: Stream("info", joins=False), err: Stream("error", joins=True)}
    with selectors.DefaultSelector() as selector:
        for descriptor in streams:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(QUIET_S)
            made = [] if ready else [item for stream in streams.values() for item in stream.flush()]
            for key, _ in ready:
                raw = os.read(key.fd, READ_BYTES)
                stream = streams[key.fd]
                made += stream.feed(raw) if raw else stream.flush(ended=True)
                if not raw:
                    selector.unregister(key.fd)
            for item in made:
                writer.write(item)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main(target: str, name: str, err: int) -> None:
    """Serve one process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # its last words are wanted most
    context: Document = {
        "service.name": "sagetrade",
        "service.type": name,
        "process.pid": os.getppid(),
        "event.dataset": f"sagetrade.{name}",
        "host.hostname": os.uname().nodename,
    }
    run(sys.stdin.fileno(), err, Writer(handler_for(target, name), Masker(present()), context))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
