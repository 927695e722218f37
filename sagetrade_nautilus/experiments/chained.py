"""Files that only grow: one JSON object a line, chained as a journal is, and on the disk before anything follows."""

import os
from pathlib import Path

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ExperimentError, JournalError, cause
from sagetrade_nautilus.guard.journal import chain, journal
from sagetrade_nautilus.guard.journal.chain import Fault, Head, VerifyResult


def read[T: msgspec.Struct](path: Path, kind: type[T]) -> list[T]:
    """Return the records of the file at `path`, oldest first; none if there is no file.

    A line that a crash left unfinished is not counted: nothing can have followed from it.

    Raises
    ------
    ExperimentError
        The file was altered, cut or taken away, cannot be read, or holds something else.
    """
    found = _verified(path)
    decoder = msgspec.json.Decoder(kind)
    try:
        with path.open("rb") as lines:
            return [decoder.decode(line) for line, _ in zip(lines, range(found.lines), strict=False)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ExperimentError(f"{path}: cannot be read: {cause(error)}") from None
    except UNDECODABLE as error:
        raise ExperimentError(f"{path}: a line is no {kind.__name__}: {error}; restore it from a copy") from None


def append(path: Path, *records: msgspec.Struct) -> None:
    """Add `records`, and return once they, and the head beside the file, are on the disk. The caller holds the lock.

    Raises
    ------
    ExperimentError
        The file was altered, cut or taken away, or cannot be written.
    """
    if not records:
        return
    found = _verified(path)
    digest, lines = found.head.hash if found.head is not None else chain.START, b""
    for number, record in enumerate(records, found.lines):
        line, digest = chain.link(msgspec.json.encode(record), number, digest)
        lines += line
    head = Head(found.lines + len(records) - 1, digest)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, durable.FILE_MODE)
        with os.fdopen(descriptor, "r+b") as file:
            file.truncate(os.fstat(descriptor).st_size - found.unfinished_bytes)
            file.seek(0, os.SEEK_END)
            file.write(lines)
            file.flush()
            os.fsync(descriptor)
        durable.sync_folder(path.parent)
        durable.replace(journal.head_path(path), f"{head}\n".encode("ascii"))
        durable.sync_folder(path.parent)
    except OSError as error:
        raise ExperimentError(f"{path}: cannot be written: {cause(error)}; nothing may follow from it") from None


def _verified(path: Path) -> VerifyResult:
    try:
        if not path.exists() and journal.kept_head(path) is None:
            return VerifyResult(lines=0, head=None)
        found = journal.check(path)
        began = found.fault is Fault.TRUNCATED and found.lines == 0 and journal.kept_head(path) is None
    except JournalError as error:
        raise ExperimentError(str(error)) from None
    if found.fault is not None and not began:
        raise ExperimentError(f"{path}: {found.detail}; restore it from a copy, or begin anew where a person allows it")
    return found
