"""Closed trades come out of the journal as it grows, with the results that their fills have."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.bot.history import History
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal import Journal
from sagetrade_nautilus.guard.records import DenialRecord, OrderRecord, RunRecord
from sagetrade_nautilus.messages import DecisionRecord, Verdict


def decision(trade_id: str, **changes: Any) -> DecisionRecord:
    fields: dict[str, Any] = dict.fromkeys(
        (
            "score",
            "confidence",
            "volatility",
            "price",
            "expected_edge_bps",
            "cost_bps",
            "size_pct",
            "share",
            "notional",
        ),
        0.0,
    )
    fields |= {"ts": 1, "decision_id": "d", "trade_id": trade_id, "strategy": "p", "instrument_id": "BTCUSDT.BINANCE"}
    fields |= {"verdict": Verdict.TAKEN, "why": "", "side": "buy", "reason": "", "regime": "", "equity": 1_000.0}
    fields |= {"policy_row": 0, "signal_ids": (), "signals": (), "sources": ()}
    return DecisionRecord(**{**fields, **changes})


def fill(trade_id: str, role: str, side: str, quantity: float, price: float, ts: int, fee: float = 1.0) -> OrderRecord:
    return OrderRecord(
        ts=ts,
        event="filled",
        client_order_id=f"O-{ts}",
        tags=(trade_id, role),
        instrument_id="BTCUSDT.BINANCE",
        side=side,
        last_qty=quantity,
        last_px=price,
        commission=fee,
        currency="USDT",
    )


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "decisions.jsonl", RunRecord(), fsync="beat")


def read(history: History) -> History:
    return asyncio.run(history.read())


def test_a_trade_is_closed_when_as_much_has_left_as_has_entered(journal: Journal, tmp_path: Path) -> None:
    history = History(tmp_path / "decisions.jsonl")
    journal.write(decision("p-1"))
    journal.write(fill("p-1", "entry", "buy", 0.1, 100.0, 2))
    journal.write(fill("p-1", "entry", "buy", 0.2, 100.0, 3))
    assert list(read(history).trades) == []
    journal.write(fill("p-1", "stop_loss", "sell", 0.3, 90.0, 4))
    trade = read(history).trades[0]
    assert (trade.trade_id, trade.exit_role, trade.equity) == ("p-1", "stop_loss", 1_000.0)
    assert trade.net_pnl == pytest.approx(0.3 * -10.0 - 3.0)
    assert len(read(history).trades) == 1


def test_a_late_fill_reopens_a_trade_and_counts_once(journal: Journal, tmp_path: Path) -> None:
    history = History(tmp_path / "decisions.jsonl")
    journal.write(decision("p-1"))
    for side, quantity, price in (("buy", 1.0, 100.0), ("sell", 1.0, 101.0), ("buy", 1.0, 100.0), ("sell", 1.0, 102.0)):
        journal.write(fill("p-1", "entry" if side == "buy" else "late_fill", side, quantity, price, 5, fee=0.0))
    assert [trade.net_pnl for trade in read(history).trades] == [pytest.approx(3.0)]


def test_an_id_that_a_later_run_uses_again_is_another_trade(journal: Journal, tmp_path: Path) -> None:
    history = History(tmp_path / "decisions.jsonl")
    for ts in (10, 20):
        journal.write(decision("p-1"))
        journal.write(fill("p-1", "entry", "buy", 1.0, 100.0, ts))
        journal.write(fill("p-1", "time_exit", "sell", 1.0, 101.0, ts + 1))
    assert len(read(history).trades) == 2


def test_fills_of_no_decision_and_exits_without_an_entry_are_no_trades(journal: Journal, tmp_path: Path) -> None:
    history = History(tmp_path / "decisions.jsonl")
    journal.write(fill("x-1", "entry", "buy", 1.0, 100.0, 2))
    journal.write(decision("p-1"))
    journal.write(fill("p-1", "flatten", "sell", 1.0, 100.0, 3))
    assert list(read(history).trades) == []


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


def test_a_fee_in_coin_leaves_less_to_sell_and_the_trade_is_closed_all_the_same(
    journal: Journal, tmp_path: Path
) -> None:
    journal.write(decision("p-1"))
    journal.write(msgspec.structs.replace(fill("p-1", "entry", "buy", 1.0, 100.0, 2, fee=0.0025), currency="BTC"))
    journal.write(fill("p-1", "stop_loss", "sell", 0.9975, 110.0, 3, fee=0.1))
    (trade,) = read(History(tmp_path / "decisions.jsonl")).trades
    assert trade.net_pnl == pytest.approx(0.9975 * 110.0 - 100.0 - 0.1)
    assert trade.amounts.fees == pytest.approx(0.25 + 0.1)
