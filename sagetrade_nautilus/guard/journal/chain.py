"""The chain that makes a journal tamper-evident: each line carries its number, the hash before it and its own.

A line is the record's JSON object with three members at its end: ``seq`` (from 0), ``prev`` (the hash of the line
before, 64 zeros at first) and ``hash``: the SHA-256 (FIPS 180-4), in hexadecimal, of the line as it would be without
its ``hash`` member. Nothing in it is secret, so whoever can write the file can rebuild it: that, and a tail that was
cut at the end of a line, is found by a head that is kept where the file's writer cannot reach.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from hashlib import sha256
from typing import Self

import msgspec

from sagetrade_nautilus.errors import JournalError

START = "0" * 64
"""What stands for the hash before the first line."""
_TAIL = re.compile(rb',"seq":(0|[1-9][0-9]{0,17}),"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}\n\Z')
_HEAD = re.compile(r"(0|[1-9][0-9]{0,17}):([0-9a-f]{64})")


class Fault(StrEnum):
    """What is wrong with the first bad line."""

    EDITED = "edited"
    MISSING = "missing"
    REORDERED = "reordered"
    REPEATED = "repeated"
    REWRITTEN = "rewritten"
    TRUNCATED = "truncated"
    REBUILT = "rebuilt"


_DETAILS = {
    Fault.EDITED: "its content does not give its hash: it was edited, or it never was a line of a journal",
    Fault.MISSING: "one or more lines before it were taken out",
    Fault.REORDERED: "a line that belongs here stands further down",
    Fault.REPEATED: "a line that stands further up was put in again",
    Fault.REWRITTEN: "it does not continue the line before it, which was rewritten together with its hash",
    Fault.TRUNCATED: "the journal ends before this line: its tail was cut off",
    Fault.REBUILT: "it is not the line that the head names: the journal was rebuilt up to here",
}


class Head(msgspec.Struct, frozen=True):
    """The number and the hash of a journal's last line, as ``SEQ:HASH``: what to keep elsewhere."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``SEQ:HASH``.

        Raises
        ------
        JournalError
            `text` is not of that form.
        """
        match = _HEAD.fullmatch(text.strip())
        if match is None:
            raise JournalError(
                f"{text.strip()[:80]!r} is no head; give SEQ:HASH, a line's number and 64 hexadecimal digits, "
                "as `sagetool journal verify` prints it"
            )
        return cls(int(match[1]), match[2])


class VerifyResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found.

    Parameters
    ----------
    lines : int
        How many lines hold, from the first.
    head : Head, optional
        The last line that holds; ``None`` if there is none.
    fault : Fault, optional
        What is wrong with the line after them; ``None`` if nothing is.
    unfinished_bytes : int
        What stands after the last line's end: the process died while it wrote, or somebody cut the file there.
    """

    lines: int
    head: Head | None
    fault: Fault | None = None
    unfinished_bytes: int = 0

    @property
    def detail(self) -> str:
        """The fault in words, with the line's number from 1; empty if there is none."""
        return "" if self.fault is None else f"line {self.lines + 1}: {_DETAILS[self.fault]}"


class _Link(msgspec.Struct, frozen=True, gc=False):
    seq: int
    prev: str
    hash: str


def link(record: bytes, seq: int, prev: str) -> tuple[bytes, str]:
    """Return the line for an encoded record (a JSON object that is not empty), and its hash."""
    unsealed = b'%b,"seq":%d,"prev":"%b"' % (record[:-1], seq, prev.encode())
    digest = sha256(unsealed + b"}").hexdigest()
    return b'%b,"hash":"%b"}\n' % (unsealed, digest.encode()), digest


def verify(lines: Iterable[bytes], head: Head | None = None) -> VerifyResult:
    """Check a journal from its first line on, and stop at the first that does not hold.

    Parameters
    ----------
    lines : iterable of bytes
        The file's lines with their line ends, as iterating over a file gives them.
    head : Head, optional
        A head that was noted earlier. The journal may have grown since. Without one, a tail that was cut at the
        end of a line, lines that were added to the end, and a rebuilt chain cannot be told from a sound journal.
    """
    count = 0
    last = START
    stream = iter(lines)
    for line in stream:
        if not line.endswith(b"\n"):
            return _ended(count, last, head, len(line))
        found = _read(line)
        fault = Fault.EDITED if found is None else _misplaced(found, count, last, stream)
        if fault is None and found is not None:
            fault = Fault.REBUILT if head is not None and head.seq == count and head.hash != found.hash else None
        if fault is not None or found is None:
            return VerifyResult(lines=count, head=_head(count, last), fault=fault)
        count += 1
        last = found.hash
    return _ended(count, last, head, 0)


def _read(line: bytes) -> _Link | None:
    """Return a line's place in the chain, or ``None`` if its content does not give its hash."""
    match = _TAIL.search(line)
    if match is None or sha256(line[: match.end(2) + 1] + b"}").hexdigest().encode() != match[3]:
        return None
    return _Link(int(match[1]), match[2].decode(), match[3].decode())


def _misplaced(found: _Link, count: int, last: str, rest: Iterator[bytes]) -> Fault | None:
    if found.seq < count:
        return Fault.REPEATED
    if found.seq > count:
        later = (_read(line) for line in rest)
        return Fault.REORDERED if any(other is not None and other.seq == count for other in later) else Fault.MISSING
    return None if found.prev == last else Fault.REWRITTEN


def _ended(count: int, last: str, head: Head | None, unfinished_bytes: int) -> VerifyResult:
    cut = count == 0 or (head is not None and head.seq >= count)
    return VerifyResult(
        lines=count,
        head=_head(count, last),
        fault=Fault.TRUNCATED if cut else None,
        unfinished_bytes=unfinished_bytes,
    )


def _head(count: int, last: str) -> Head | None:
    return Head(count - 1, last) if count else None
