"""The journal gives back what it was told, in order, and continues nothing that was altered."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import GuardError, JournalError
from sagetrade_nautilus.guard.journal.chain import Fault, Head
from sagetrade_nautilus.guard.journal.journal import Fsync, Journal, check, head_path, read
from sagetrade_nautilus.guard.journal.records import (
    DenialRecord,
    JournalRecord,
    OrderRecord,
    RunRecord,
    StateRecord,
    TextRecord,
)
from sagetrade_nautilus.messages import Verdict, decision_record
from sagetrade_nautilus.model.selection import FULL
from tests.support.signals import signal, wish

RUN = RunRecord(ts=7, name="r", config_digest="c", code_version="v", trader="T-1")


def _records() -> list[JournalRecord]:
    decision = wish(reason='a "quoted" reason\nwith a line break and ✓ ب,"hash":"0"}')
    taken = decision_record(
        "s", decision, signal(0.5, 100.0), ts=1, verdict=Verdict.TAKEN, why="w", cost_bps=22.0, grant=FULL
    )
    denial = DenialRecord(ts=2, client_order_id="O-1", strategy="s-001", instrument_id="A.V", tags=("t",), reason="r")
    order = OrderRecord(ts=3, event="filled", client_order_id="O-1", tags=("t", "entry"), last_qty=1.0, last_px=2.0)
    state = StateRecord(ts=4, subject="strategy:s", state="disabled", by="a person")
    text = TextRecord(ts=5, item_id="i", source="s", title="t", url="https://u", published=4)
    return [taken, denial, taken, order, state, text]


def _write(path: Path, *, close: bool = True) -> Journal:
    journal = Journal(path, RUN)
    for record in _records():
        journal.write(record)
    if close:
        journal.close()
    return journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "j.jsonl"


def test_records_come_back_as_they_were_written_after_the_run(path: Path) -> None:
    _write(path)
    assert read(path) == [RUN, *_records()]


def test_every_record_is_one_line(path: Path) -> None:
    _write(path)
    assert path.read_bytes().count(b"\n") == 1 + len(_records())


def test_a_journal_is_appended_to_never_replaced(path: Path) -> None:
    _write(path)
    first = path.read_bytes()
    _write(path)
    assert path.read_bytes().startswith(first)
    assert read(path) == [RUN, *_records()] * 2
    assert check(path).fault is None


def test_the_head_is_kept_beside_the_journal(path: Path) -> None:
    journal = _write(path)
    assert head_path(path) == path.parent / "j.head"
    assert Head.parse(head_path(path).read_text()) == journal.head == check(path).head
    assert journal.head.seq == len(_records())


def test_a_tail_that_was_cut_is_found_by_the_head_beside_it(path: Path) -> None:
    _write(path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert check(path).fault is Fault.TRUNCATED
    head_path(path).unlink()
    assert check(path).fault is None


@pytest.mark.parametrize("raw", [b"", b"258:ffbf", b"[1,2]", b"\xff\x00"])
def test_a_damaged_head_is_named(path: Path, raw: bytes) -> None:
    _write(path)
    head_path(path).write_bytes(raw)
    with pytest.raises(JournalError, match=r"j\.head: damaged, it holds no head"):
        check(path)


def test_an_altered_journal_is_not_continued(path: Path) -> None:
    _write(path)
    altered = path.read_bytes().replace(b'"side":"buy"', b'"side":"sell"', 1)
    path.write_bytes(altered)
    with pytest.raises(GuardError, match=r"line 2: its content does not give its hash.*begin a new journal"):
        Journal(path, RUN)
    assert path.read_bytes() == altered


def test_a_journal_that_is_gone_is_not_begun_again(path: Path) -> None:
    _write(path)
    path.unlink()
    with pytest.raises(GuardError, match="the journal is gone"):
        Journal(path, RUN)


def test_a_line_that_a_crash_left_is_dropped_and_that_is_journaled(path: Path) -> None:
    _write(path)
    with path.open("ab") as file:
        file.write(b'{"type":"decis')
    assert check(path).unfinished_bytes == 14
    assert read(path) == [RUN, *_records()]
    _write(path)
    dropped = StateRecord(ts=7, subject="journal", state="dropped an unfinished line of 14 bytes", by="journal")
    assert read(path) == [RUN, *_records(), RUN, dropped, *_records()]
    assert check(path).fault is None


def test_an_empty_file_may_become_a_journal(path: Path) -> None:
    path.touch()
    _write(path)
    assert check(path).fault is None


@pytest.mark.parametrize(("fsync", "synced"), [("every", True), ("beat", False)])
def test_what_trades_has_each_line_in_the_file_before_write_returns(
    path: Path, fsync: Fsync, synced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    monkeypatch.setattr("sagetrade_nautilus.guard.journal.journal.os.fsync", calls.append)
    journal = Journal(path, RUN, fsync=fsync)
    for number, record in enumerate(_records(), start=1):
        journal.write(record)
        assert len(read(path)) == 1 + number
    assert len(calls) == (1 + len(_records()) if synced else 0)
    journal.close()
    assert calls


def test_with_close_lines_are_in_the_file_after_sync(path: Path) -> None:
    journal = _write(path, close=False)
    assert path.read_bytes() == b""
    journal.sync()
    assert read(path) == [RUN, *_records()]
    journal.write(_records()[0])
    journal.close()
    journal.close()
    assert check(path).lines == len(_records()) + 2


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let no file of this process grow beyond 600 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_what_cannot_be_written_stops_everything_after_it(path: Path) -> None:
    journal = Journal(path, RUN, fsync="every")
    with pytest.raises(GuardError, match="the journal cannot be written: File too large"):
        journal.write(_records()[0])
    with pytest.raises(GuardError, match="nothing more may happen"):
        journal.write(_records()[1])
    journal.close()
    assert check(path).fault is None
    assert check(path).unfinished_bytes


def test_a_file_that_is_no_journal_is_named_with_its_line(path: Path) -> None:
    _write(path)
    with path.open("ab") as file:
        file.write(b"\xff\n")
    with pytest.raises(JournalError, match="line 8: not a record"):
        read(path)
    with pytest.raises(JournalError, match="nowhere: the journal cannot be read: No such file"):
        read(path.parent / "nowhere")
    with pytest.raises(JournalError, match="nowhere: the journal cannot be read: No such file"):
        check(path.parent / "nowhere")


def test_a_record_names_the_texts_behind_the_signal() -> None:
    record = _records()[0]
    assert record.sources == ()  # type: ignore[union-attr]
    assert record.signal_ids == ("s",)  # type: ignore[union-attr]
