"""The journal gives back what it was told, in order."""

from pathlib import Path

from sagetrade_nautilus.guard.journal import DenialRecord, Journal, JournalRecord, read
from sagetrade_nautilus.messages import Verdict, decision_record
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.selection import FULL
from tests.support.signals import signal


def _records() -> list[JournalRecord]:
    decision = Decision(
        side="buy",
        size_pct=1.0,
        tp=110.0,
        sl=90.0,
        target_duration=60.0,
        expected_edge_bps=30.0,
        reason='a "quoted" reason\nwith a line break and ✓ ب',
        signal_ids=("s",),
    )
    taken = decision_record(
        "s", decision, signal(0.5, 100.0), ts=1, verdict=Verdict.TAKEN, why="w", cost_bps=22.0, grant=FULL
    )
    denial = DenialRecord(ts=2, client_order_id="O-1", strategy="s-001", instrument_id="A.V", tags=("t",), reason="r")
    return [taken, denial, taken]


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    for record in _records():
        journal.write(record)
    journal.close()
    assert read(tmp_path / "j.jsonl") == _records()


def test_every_record_is_one_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.jsonl")
    for record in _records():
        journal.write(record)
    journal.close()
    assert len((tmp_path / "j.jsonl").read_bytes().splitlines()) == 3


def test_a_journal_is_appended_to_never_replaced(tmp_path: Path) -> None:
    for record in _records():
        journal = Journal(tmp_path / "j.jsonl")
        journal.write(record)
        journal.close()
    assert read(tmp_path / "j.jsonl") == _records()


def test_a_record_names_the_texts_behind_the_signal() -> None:
    record = _records()[0]
    assert record.sources == ()  # type: ignore[union-attr]
    assert record.signal_ids == ("s",)  # type: ignore[union-attr]
