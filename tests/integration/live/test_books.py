"""What is done where a node's books and the venue's come to differ, or cannot be written."""

import shutil
from decimal import Decimal
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import Bar

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import Gate
from sagetrade_nautilus.guard.journal.journal import Journal, read
from sagetrade_nautilus.guard.journal.records import DenialRecord, StateRecord
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run.files import JOURNAL
from sagetrade_nautilus.run.live import live
from sagetrade_nautilus.run.startup.approval import subject
from strategies.momentum_scalper import MomentumScalper
from tests.support.alpaca_server.server import AlpacaServer
from tests.support.live_wall import AAPL, clients, let_trade, replace, wish
from tests.support.signers import approval, key_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client"),
]


def test_a_node_that_left_a_position_finds_its_own_books_again(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MomentumScalper, "on_new_signal", partialmethod(wish, target_duration=3_600.0))
    leave = replace(config, node=replace(config.node, on_stop="leave"))
    for person in ("anna@desk", "omar@desk"):
        store.write(approval(Gate.B, person, subject(leave), key_of(person, Path()), "2026-11-26T10:00:00Z"))
    calm = bars[349:350] * 50

    def at(index: int, bar: Bar) -> None:
        if index == 10 and Latch(desk / "latch.json").read().state is State.HALTED:
            let_trade(desk)

    live(leave, desk, lambda line: None, lambda: None, clients(server, bars[:350], at))
    held = server.account.held("AAPL")
    assert held > 0
    count = len(server.asked("POST", "/v2/orders"))
    told: list[str] = []
    live(leave, desk, told.append, lambda: None, clients(server, calm, at))
    assert told[0] == "live is up; Ctrl-C stops it"
    assert server.account.held("AAPL") == held
    assert len(server.asked("POST", "/v2/orders")) == count
    assert "taken_up" in [line.state for line in read(desk / JOURNAL) if isinstance(line, StateRecord)]


def test_books_that_come_to_differ_are_only_reduced_until_they_agree(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar]
) -> None:
    def at(index: int, bar: Bar) -> None:
        if index == 10:
            let_trade(desk)
        if index == 200:
            server.account.positions["AAPL"] = [server.account.held("AAPL") + 7, Decimal(100)]
        if index == 450:
            server.account.positions["AAPL"] = [server.account.held("AAPL") - 7, Decimal(100)]

    live(config, desk, lambda line: None, lambda: None, clients(server, bars, at))
    lines = list(read(desk / JOURNAL))
    notes = [line for line in lines if isinstance(line, StateRecord) and line.subject == f"reconciliation:{AAPL}"]
    assert [note.state for note in notes][:2] == ["reduce_only", "released"]
    denied = [line for line in lines if isinstance(line, DenialRecord) and "owned_positions" in line.reason]
    assert denied
    assert all(notes[0].ts <= line.ts <= notes[1].ts for line in denied)


def test_a_node_that_ends_since_its_journal_cannot_be_written_cancels_what_rests(
    config: RunConfig, desk: Path, server: AlpacaServer, bars: list[Bar], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, write, left = server.account, Journal.write, []
    monkeypatch.setattr(MomentumScalper, "on_new_signal", partialmethod(wish, order_type="limit"))
    monkeypatch.setattr(account, "_match", lambda order: None)  # so that it rests

    def refuse(journal: Journal, record: Any) -> None:
        if left:
            raise GuardError("the disk is full")
        write(journal, record)

    def at(index: int, bar: Bar) -> None:
        if index == 60:
            let_trade(desk)
        if index > 60 and not left:
            left.extend(account.open_orders())

    monkeypatch.setattr(Journal, "write", refuse)
    with pytest.raises(GuardError, match="the disk is full"):
        live(config, desk, lambda line: None, lambda: None, clients(server, bars, at), account="paper")
    assert left
    assert account.open_orders() == []
