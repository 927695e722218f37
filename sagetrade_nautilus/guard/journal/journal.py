"""The journal: one JSON line for every event that matters, in the order in which they happened, hash-chained.

Who can read a decision here can also check it: `chain` says how.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import GuardError, JournalError, cause
from sagetrade_nautilus.guard.journal import chain
from sagetrade_nautilus.guard.journal.chain import Head, VerifyResult
from sagetrade_nautilus.guard.journal.records import JournalRecord, RunRecord, StateRecord

HEAD_SUFFIX = ".head"
BUFFER_BYTES = 1 << 20
Fsync = Literal["close", "beat", "every"]


class Journal:
    """Appends records to a JSON Lines file, each chained to the one before; its first is the run's.

    A file that is there already is continued. A line that a crash left unfinished is dropped, and that is journaled.
    One process at a time may write a journal.

    Parameters
    ----------
    path : Path
        The file to append to; its folder must exist. The head is kept beside it, with the suffix ``.head``.
    run : RunRecord
        What runs.
    fsync : {'close', 'beat', 'every'}
        When lines are put on the disk. 'close' buffers them until `sync` or `close`: for backtests, which can be run
        again. 'beat' hands each to the operating system before `write` returns, so that the death of the process
        loses none, and `sync` puts them on the disk: a node calls it with every heartbeat, so a power cut loses at
        most what came since the last. 'every' puts each line on the disk before `write` returns; it costs
        milliseconds a line, for which cancels wait too. The head beside the file is written by `sync` and `close`
        alone.

    Raises
    ------
    GuardError
        The file was altered, or it cannot be written: nothing may be decided that is not written down.
    """

    def __init__(self, path: Path, run: RunRecord, *, fsync: Fsync = "close") -> None:
        self._path = path
        self._fsync = fsync
        self._encoder = msgspec.json.Encoder()
        self._failed = False
        self._count = 0
        self._last = chain.START
        dropped_bytes = self._resume()
        try:
            self._file: BinaryIO = path.open("ab", buffering=BUFFER_BYTES)
        except OSError as error:
            raise self._unwritable(error) from error
        self.write(run)
        if dropped_bytes:
            state = f"dropped an unfinished line of {dropped_bytes} bytes"
            self.write(StateRecord(ts=run.ts, subject="journal", state=state, by="journal"))

    @property
    def head(self) -> Head:
        """The last line's number and hash."""
        return Head(self._count - 1, self._last)

    def write(self, record: JournalRecord) -> None:
        """Append one record.

        Raises
        ------
        GuardError
            The disk does not take it. Every later call raises as well: part of a line may stand in the file.
        """
        if self._failed:
            raise GuardError(
                f"{self._path}: the journal could not be written; nothing more may happen in this run; "
                "make room, and start it anew"
            )
        line, digest = chain.link(self._encoder.encode(record), self._count, self._last)
        try:
            self._file.write(line)
            if self._fsync == "every":
                self._to_disk()
            elif self._fsync == "beat":
                self._file.flush()
        except OSError as error:
            self._failed = True
            raise self._unwritable(error) from error
        self._count += 1
        self._last = digest

    def sync(self) -> None:
        """Put on the disk what is buffered, then the head beside it."""
        if self._failed:
            return
        try:
            self._to_disk()
            made = self._path.with_name(f".{self._path.name}{HEAD_SUFFIX}")
            made.write_text(f"{self.head}\n", encoding="ascii", newline="\n")
            made.replace(head_path(self._path))
        except OSError as error:
            raise self._unwritable(error) from error

    def close(self) -> None:
        """Sync and close the file. Closing twice does no harm."""
        if self._file.closed:
            return
        try:
            self.sync()
        finally:
            with suppress(OSError):  # nothing is buffered any more, or the disk's refusal was told already
                self._file.close()

    def _resume(self) -> int:
        """Take up the chain where the file ends; return the bytes of an unfinished line that were cut off."""
        try:
            begun = self._path.exists() and self._path.stat().st_size > 0
            if not begun and not head_path(self._path).exists():
                return 0
            result = check(self._path)
            if result.fault is not None:
                raise GuardError(f"{self._path}: {result.detail}; keep the file as it is, and begin a new journal")
            if result.head is not None:
                self._count, self._last = result.lines, result.head.hash
            if result.unfinished_bytes:
                os.truncate(self._path, self._path.stat().st_size - result.unfinished_bytes)
        except OSError as error:
            raise self._unwritable(error) from error
        except JournalError as error:
            raise GuardError(str(error)) from error
        return result.unfinished_bytes

    def _to_disk(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def _unwritable(self, error: OSError) -> GuardError:
        return GuardError(f"{self._path}: the journal cannot be written: {error.strerror}; free space or name another")


def head_path(path: Path) -> Path:
    """Return where the head of the journal at `path` is kept: 'decisions.head' beside 'decisions.jsonl'."""
    return path.with_suffix(HEAD_SUFFIX)


def kept_head(path: Path) -> Head | None:
    """Return the head that is kept beside the journal at `path`, ``None`` if there is none.

    Raises
    ------
    JournalError
        What stands there is no head, or cannot be read.
    """
    beside = head_path(path)
    try:
        return Head.parse(beside.read_bytes().decode("ascii", errors="replace"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(f"{beside}: the head cannot be read: {cause(error)}") from None
    except JournalError:
        raise JournalError(
            f"{beside}: damaged, it holds no head; keep it as it is, and find out who changed it. "
            "`sagetool journal verify --head` takes one that you have noted"
        ) from None


def check(path: Path, head: Head | None = None) -> VerifyResult:
    """Verify the journal at `path` against `head`, or against the one beside it where there is one.

    Raises
    ------
    JournalError
        The file cannot be read, or the head beside it is none.
    """
    head = head or kept_head(path)
    try:
        if not path.exists() and head is not None:
            raise JournalError(f"{path}: the journal is gone; its head {head} says that it was there")
        with path.open("rb") as lines:
            return chain.verify(lines, head)
    except OSError as error:
        raise JournalError(f"{path}: the journal cannot be read: {cause(error)}") from None


def read(path: Path) -> list[JournalRecord]:
    """Return the records of the journal at `path`, oldest first; an unfinished last line is left out.

    The chain is not looked at: `check` does that.

    Raises
    ------
    JournalError
        The file cannot be read, or a line is no record; the message names the line.
    """
    return [record for record, _ in walk(path)]


def walk(path: Path, offset: int = 0) -> Iterator[tuple[JournalRecord, int]]:
    """Yield the records from byte `offset` on, each with the offset at which its line ends; as `read` does.

    Raises
    ------
    JournalError
        As `read`; lines are counted from `offset`.
    """
    decoder = msgspec.json.Decoder(JournalRecord)
    number = 0
    try:
        with path.open("rb") as lines:
            lines.seek(offset)
            for number, line in enumerate(lines, start=1):  # noqa: B007 - the message names it
                if line.endswith(b"\n"):
                    offset += len(line)
                    yield decoder.decode(line), offset
    except OSError as error:
        raise JournalError(f"{path}: the journal cannot be read: {cause(error)}") from None
    except UNDECODABLE as error:
        raise JournalError(f"{path}, line {number}: not a record of a journal: {error}") from None
