"""The kill switch's states, the record that its file holds, and the record of a change. Pure: bytes in, values out."""

import hashlib
from enum import StrEnum

import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE

TEXT_CHARS_MAX = 1000


class State(StrEnum):
    """What may trade. Compares by strictness: ``RUNNING < NO_ENTRIES < REDUCE_ONLY < HALTED``; `max` is the strictest.

    RUNNING
        Whatever passes the limits.
    NO_ENTRIES
        Nothing that opens or enlarges. Entries that already rest at the venue stay there.
    REDUCE_ONLY
        Nothing that opens or enlarges, and resting entries are cancelled.
    HALTED
        Nothing but cancels, and the guard's own closing orders where the record says `flatten`.
    """

    RUNNING = "running"
    NO_ENTRIES = "no_entries"
    REDUCE_ONLY = "reduce_only"
    HALTED = "halted"

    @property
    def strictness(self) -> int:
        """The place in the order, 0 for `RUNNING`."""
        return _STRICTNESS[self.value]

    # A StrEnum would compare by the alphabet, in which "running" is above "halted".
    def __lt__(self, other: str) -> bool:
        return self.strictness < State(other).strictness

    def __le__(self, other: str) -> bool:
        return self.strictness <= State(other).strictness

    def __gt__(self, other: str) -> bool:
        return self.strictness > State(other).strictness

    def __ge__(self, other: str) -> bool:
        return self.strictness >= State(other).strictness


_STRICTNESS = {"running": 0, "no_entries": 1, "reduce_only": 2, "halted": 3}


class LatchRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the kill switch says.

    Parameters
    ----------
    state : State
        What may trade.
    reason : str
        Why; for a fault, what is wrong with the file.
    by : str
        Who set it: ``cli:anna``, ``guard``; ``fault`` where no sound file says anything.
    ts : int
        When it was set, UNIX nanoseconds; 0 for a fault.
    sequence : int
        Rises with every change, also across a file that was lost; 0 for a fault.
    flatten : bool
        Whether open positions are to be closed.
    previous : str
        The `digest` of what the kill switch said before.
    """

    state: State
    reason: str
    by: str
    ts: int
    sequence: int
    flatten: bool = False
    previous: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether this stands for a file that is missing, damaged or unreadable."""
        return self.sequence == 0

    @property
    def digest(self) -> str:
        """SHA-256 of everything that the record says, in hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    def covers(self, state: State, flatten: bool) -> bool:
        """Return whether this is at least as strict as `state` and, where `flatten`, closes positions."""
        return self.state >= state and self.flatten >= flatten


class StateChange(msgspec.Struct, frozen=True, kw_only=True, tag="state_change", tag_field="type"):
    """One line of the journal: the kill switch was asked to change, and what became of it.

    `ts` is UNIX nanoseconds. `problem` is empty, or says what the disk refused: the state holds all the same, but it
    may be stricter than was asked, or not survive a loss of power.
    """

    ts: int
    before: State
    after: State
    reason: str
    by: str
    sequence: int
    flatten: bool
    changed: bool
    problem: str = ""

    @classmethod
    def between(cls, before: LatchRecord, after: LatchRecord, ts: int, problem: str = "") -> "StateChange":
        """Return the change from `before` to `after`, made or noticed at `ts`."""
        return cls(
            ts=ts,
            before=before.state,
            after=after.state,
            reason=after.reason,
            by=after.by,
            sequence=after.sequence,
            flatten=after.flatten,
            changed=before != after,
            problem=problem,
        )


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    record: LatchRecord
    sha256: str


_DECODER = msgspec.json.Decoder(_Sealed)


def encode(record: LatchRecord) -> bytes:
    """Return the file that holds `record`: one line of JSON with its own checksum."""
    return msgspec.json.encode(_Sealed(record, record.digest)) + b"\n"


def decode(raw: bytes) -> LatchRecord:
    """Return the record in `raw`, or the fault that it stands for. Any byte that differs from `encode` is a fault."""
    if not raw:
        return fault("the file is empty")
    try:
        record = _DECODER.decode(raw).record
        is_whole = encode(record) == raw
    except UNDECODABLE as error:
        return fault(f"the file is corrupt: {error}")
    if not is_whole or record.sequence < 1:
        return fault("the file is corrupt: its checksum is wrong")
    return record


def fault(why: str) -> LatchRecord:
    """Return what a latch answers that no sound file backs: halted."""
    return LatchRecord(state=State.HALTED, reason=why, by="fault", ts=0, sequence=0)


def change(
    before: LatchRecord, state: State, *, reason: str, by: str, now_ns: int, flatten: bool = False
) -> LatchRecord:
    """Return the record that follows `before`. Its sequence is higher, even where `before` is a fault."""
    return LatchRecord(
        state=state,
        reason=_printable(reason),
        by=_printable(by),
        ts=now_ns,
        sequence=max(before.sequence + 1, now_ns),
        flatten=flatten,
        previous=before.digest,
    )


def tighten(before: LatchRecord, state: State, *, reason: str, by: str, now_ns: int, flatten: bool) -> LatchRecord:
    """Return what follows when somebody asks for at least `state`: never looser than `before`.

    It is `before` itself where nothing would change: somebody asks for less than there is, or for the same again.
    """
    said = (before.reason, before.by) == (_printable(reason), _printable(by))
    looser = before.state > state and not before.is_fault
    if before.covers(state, flatten) and (looser or said):
        return before
    strictest = max(before.state, state)
    return change(before, strictest, reason=reason, by=by, now_ns=now_ns, flatten=flatten or before.flatten)


def _printable(text: str) -> str:
    """Return `text` on one line, without what a terminal obeys and what UTF-8 cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:TEXT_CHARS_MAX])
