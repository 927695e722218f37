"""Journals as they grow: what was read stays read, and only what was added is read again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from sagetrade_nautilus.dashboard.book import JournalBook
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal import journal
from sagetrade_nautilus.guard.journal.explain import Explanation, explain
from sagetrade_nautilus.guard.journal.records import JournalRecord
from sagetrade_nautilus.messages import DecisionRecord, Verdict

BOOKS_MAX: Final = 8
NONE: Final = "none"
ALWAYS: Final = (b'{"type":"text"', b'{"type":"run"')


class ReadJournal(msgspec.Struct, kw_only=True, eq=False):
    """What is known of one journal.

    Parameters
    ----------
    book : JournalBook
        What its sound lines say.
    lines, offset : int
        How far it was read.
    fault : str
        Why it could not be read further; 'none' where there is no file, '' if nothing is wrong.
    """

    book: JournalBook
    inode: int = 0
    offset: int = 0
    lines: int = 0
    fault: str = ""


class Journals:
    """The journals that were looked into, the last used first to stay. One thread at a time looks."""

    def __init__(self) -> None:
        self._kept: dict[Path, ReadJournal] = {}
        self._checked: dict[Path, tuple[tuple[int, int], str]] = {}
        self._lock = Lock()

    @contextmanager
    def reading(self, path: Path) -> Iterator[ReadJournal]:
        """Give what the journal at `path` says now. A file that cannot be read is a fault, never an exception."""
        with self._lock:
            kept = self._kept.pop(path, None) or ReadJournal(book=JournalBook())
            kept = _grown(path, kept)
            self._kept[path] = kept
            while len(self._kept) > BOOKS_MAX:
                del self._kept[next(iter(self._kept))]
            yield kept

    def fault(self, path: Path) -> str:
        """Return what breaks the journal's chain, '' if it holds. A file that has not changed is not read again."""
        try:
            status = path.stat()
        except OSError:
            return NONE
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._checked.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            found = journal.check(path).detail
        except JournalError as error:
            found = str(error)
        self._checked[path] = (stamp, found)
        return found


def explained(path: Path, trade: str) -> Explanation:
    """Return why a trade was made; `trade` goes by its id, or by the id, '@' and the moment of its decision.

    Only lines that can matter are decoded, so that one of a year is found at once; whether the journal is sound,
    `Journals.fault` says.

    Raises
    ------
    JournalError
        The journal cannot be read, or knows no such trade.
    """
    trade_id, _, moment = trade.partition("@")
    ts = int(moment) if moment.isascii() and moment.isdigit() else None
    records = _about(path, trade_id)
    if not any(isinstance(record, DecisionRecord) for record in records):
        records = journal.read(path)  # for the names that are near
    return explain(trade_id, _until_used_again(records, trade_id, ts))


def _about(path: Path, trade_id: str) -> list[JournalRecord]:
    """Return the texts, the runs, and whatever names the trade."""
    decoder, wanted = msgspec.json.Decoder(JournalRecord), msgspec.json.encode(trade_id)
    try:
        with path.open("rb") as lines:
            return [
                decoder.decode(line)
                for line in lines
                if line.endswith(b"\n") and (line.startswith(ALWAYS) or wanted in line)
            ]
    except OSError as error:
        raise JournalError(f"{path}: the journal cannot be read: {error.strerror}") from None
    except UNDECODABLE as error:
        raise JournalError(f"{path}: a line is not a record of a journal: {error}") from None


def _until_used_again(records: list[JournalRecord], trade_id: str, moment: int | None) -> list[JournalRecord]:
    """Return the records up to where the id is used for a trade later than the one that is meant."""
    seen = 0
    for number, record in enumerate(records):
        if isinstance(record, DecisionRecord) and record.trade_id == trade_id and record.verdict is Verdict.TAKEN:
            seen += 1
            if (moment is None and seen > 1) or (moment is not None and record.ts > moment):
                return records[:number]
    return records


def _grown(path: Path, kept: ReadJournal) -> ReadJournal:
    try:
        with path.open("rb") as file:
            status = path.stat()
            if status.st_ino != kept.inode or status.st_size < kept.offset:
                kept = ReadJournal(book=JournalBook(), inode=status.st_ino)
            if kept.fault:
                return kept
            file.seek(kept.offset)
            _read_on(file.read(), kept)
    except FileNotFoundError:
        return ReadJournal(book=JournalBook(), fault=NONE)
    except OSError as error:
        return ReadJournal(book=JournalBook(), fault=f"{path}: {error.strerror}")
    return kept


def _read_on(raw: bytes, kept: ReadJournal) -> None:
    decoder = msgspec.json.Decoder(JournalRecord)
    whole = raw[: raw.rfind(b"\n") + 1]
    for line in whole.splitlines(keepends=True):
        try:
            record = decoder.decode(line)
        except UNDECODABLE as error:
            kept.fault = f"line {kept.lines + 1}: {error}"
            return
        kept.book.hear(record)
        kept.lines += 1
        kept.offset += len(line)
