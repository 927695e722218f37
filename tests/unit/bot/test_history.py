"""The journal is read as it grows: closed trades, changes of the kill switch, orders that were held back."""

import asyncio
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagetrade_nautilus.bot.history import History
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import DenialRecord, RunRecord
from tests.support.bot_node import NOW, decision, fill

TRADES = [
    record
    for number in range(3)
    for record in (
        decision(f"p-{number}"),
        fill(NOW, "entry", "buy", 43_000.0, tags=(f"p-{number}", "entry")),
        fill(NOW + 1, "stop_loss", "sell", 42_900.0, tags=(f"p-{number}", "stop_loss"), last_qty=0.1),
        fill(NOW + 2, "time_exit", "sell", 42_950.0, tags=(f"p-{number}", "time_exit"), last_qty=0.15),
    )
]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "decisions.jsonl", RunRecord(), fsync="beat")


def read(history: History) -> History:
    return asyncio.run(history.read())


@settings(max_examples=20)
@given(st.lists(st.integers(0, len(TRADES)), max_size=4))
def test_however_a_journal_is_read_in_parts_its_trades_are_those_of_the_whole(cuts: list[int]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "decisions.jsonl"
        journal, history = Journal(path, RunRecord(), fsync="beat"), History(path)
        for begin, end in pairwise((0, *sorted(cuts), len(TRADES))):
            for record in TRADES[begin:end]:
                journal.write(record)
            read(history)
        journal.close()
        assert history.trades == read(History(path)).trades
    assert [trade.trade_id for trade in history.trades] == ["p-0", "p-1", "p-2"]


def test_what_the_guard_held_back_is_remembered(journal: Journal, tmp_path: Path) -> None:
    journal.write(
        DenialRecord(
            ts=1,
            client_order_id="O-1",
            strategy="p",
            instrument_id="BTCUSDT.BINANCE",
            tags=("p-1", "entry"),
            reason="max_open_trades: 5 against 4",
        )
    )
    assert read(History(tmp_path / "decisions.jsonl")).denials[0].client_order_id == "O-1"


def test_a_line_that_is_being_written_waits_for_its_end(journal: Journal, tmp_path: Path) -> None:
    history = History(tmp_path / "decisions.jsonl")
    read(history)
    with (tmp_path / "decisions.jsonl").open("ab") as file:
        file.write(b'{"type":"state"')
    assert list(read(history).changes) == []


def test_a_journal_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        read(History(tmp_path / "nothing.jsonl"))
