"""Targets: what the guard reads. What cannot be read must be as strict as it can be."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec

from sagetrade_nautilus.errors import CodeError, GuardError, JournalError, KillSwitchError
from sagetrade_nautilus.guard.breaker import memory
from sagetrade_nautilus.guard.breaker.breaker import Memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.journal import journal
from sagetrade_nautilus.guard.journal.chain import Head, verify
from sagetrade_nautilus.guard.journal.journal import Journal, head_path
from sagetrade_nautilus.guard.journal.records import RunRecord, StateRecord
from sagetrade_nautilus.guard.switch.codes import Codes
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Pulse, Vital, look, parse
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.password import Password
from sagetrade_nautilus.guard.switch.state import LatchRecord, State, decode, encode
from tests.fuzz.target import Target, folder, fresh, put, refused, text_of, untouched

NOW_NS = 1_800_000_000_000_000_000
DEEP = b'{"x":' + b"[" * 30_000
SOUND = encode(LatchRecord(state=State.RUNNING, reason="begin", by="test", ts=NOW_NS, sequence=NOW_NS))
PASSWORD = b'{"algorithm":"scrypt","cost_log2":17,"block":8,"salt":"00ff","key":"00ff"}\n'
LEDGER = b'{"challenge":{"effect":"e","issued_ns":1799999999000000000,"salt":"00ff","mac":"00ff"},"failures":1}\n'
ODD_LEDGERS = (
    LEDGER.replace(b'"salt":"00ff"', b'"salt":"xyz"'),
    LEDGER.replace(b'"mac":"00ff"', '"mac":"\u00e9"'.encode()),
    LEDGER.replace(b'"effect":"e"', b'"effect":"\\ud800e"'),
    LEDGER.replace(b'"failures":1', b'"failures":-9e3'),
)


@cache
def journal_seed() -> bytes:
    path = fresh("journal-seed") / "decisions.jsonl"
    made = Journal(path, RunRecord(name="r"))
    for number in range(3):
        made.write(StateRecord(ts=number, subject="s", state="t", by="u"))
    made.close()
    return path.read_bytes()


def latch_file(raw: bytes) -> None:
    path = put(folder("latch") / "latch.json", raw)
    with untouched(path.parent):
        said = Latch(path).read()
    assert said == decode(raw)
    if encode(said) != raw:
        assert said.is_fault
        assert said.state is State.HALTED
        assert said.reason
    after = Latch(path).engage(State.REDUCE_ONLY, "fuzz", "test", NOW_NS)
    assert after.after >= max(State.REDUCE_ONLY, said.state)
    assert Latch(path).read().state is after.after


def breaker_file(raw: bytes) -> None:
    path = put(folder("breaker") / "breaker.json", raw)
    with untouched(path.parent):
        found = MemoryFile(path).load()
    assert found is None or memory.encode(found) == raw


def heartbeat_file(raw: bytes) -> None:
    path = put(folder("heartbeat") / "latch.heartbeat", raw)
    beat = parse(look(path))
    pulse = Pulse(stale_s=5.0)
    pulse.judge(raw, 0.0)
    assert pulse.judge(raw, 6.0) in ((Vital.STOPPED,) if beat is not None and beat.stopped else (Vital.STALE,))


def codes_file(raw: bytes) -> None:
    path = put(folder("codes") / "latch.confirm", raw)
    codes = Codes(path)
    with refused(CodeError):
        codes.redeem("e", "0000-0000", NOW_NS)
        raise AssertionError("a code was taken that nobody gave out")
    put(path, raw)
    with refused(CodeError):
        assert len(codes.issue("e", NOW_NS)) == 9


def password_file(raw: bytes) -> None:
    path = put(folder("password") / "latch.password", raw)
    with untouched(path.parent), refused(KillSwitchError, naming="latch.password"):
        assert Password(path.with_name("latch.json")).is_set()


def journal_file(raw: bytes) -> None:
    path = put(folder("journal") / "decisions.jsonl", raw)
    head_path(path).unlink(missing_ok=True)
    with untouched(path.parent):
        found = journal.check(path)
        assert (found.fault is None) == (found.detail == "")
        with refused(JournalError, naming="decisions.jsonl"):
            journal.read(path)
        offsets = [0]
        with refused(JournalError, naming="decisions.jsonl"):
            offsets.extend(offset for _, offset in journal.walk(path))
        assert all(first < second <= len(raw) for first, second in pairwise(offsets))
    _continued(path, raw, sound=found.fault is None)


def _continued(path: Path, raw: bytes, *, sound: bool) -> None:
    """A journal is continued where its chain holds; else the file stays as it is."""
    with refused(GuardError, naming="decisions.jsonl"):
        more = Journal(path, RunRecord(name="r"))
        more.close()
        assert sound or not raw
        assert journal.check(path).fault is None
        return
    assert path.read_bytes() == raw


def head_file(raw: bytes) -> None:
    path = put(folder("head") / "decisions.jsonl", journal_seed())
    put(head_path(path), raw)
    with untouched(path.parent), refused(JournalError):
        found = journal.check(path)
        head = journal.kept_head(path)
        assert head is not None
        assert found.fault is not None or verify(journal_seed().splitlines(keepends=True), head).fault is None
    with refused(JournalError):
        assert str(Head.parse(text_of(raw))) == text_of(raw).strip()


TARGETS = {
    "latch": Target((SOUND, SOUND[:-1], b"", b"{}", DEEP), latch_file),
    "breaker": Target((memory.encode(Memory()), memory.encode(Memory(day=1, equity=1.5)), DEEP), breaker_file),
    "heartbeat": Target(
        (msgspec.json.encode(Beat(pid=1, count=2)), b'{"pid":1,"count":1,"stopped":true}', DEEP), heartbeat_file
    ),
    "codes": Target((LEDGER, b"{}", *ODD_LEDGERS, DEEP), codes_file, slow=True),
    "password": Target((PASSWORD, PASSWORD.replace(b"00ff", b"zz"), DEEP), password_file),
    "journal": Target((journal_seed(), journal_seed()[:-9], DEEP + b"\n"), journal_file, slow=True),
    "journal-head": Target((f"3:{'0' * 64}".encode(), b"x", b"\xff"), head_file),
}
