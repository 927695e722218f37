"""Journals and overviews by hand, for views that need no engine."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.guard.journal import Journal
from sagetrade_nautilus.guard.records import JournalRecord, OrderRecord, RunRecord, TextRecord
from sagetrade_nautilus.guard.view import LimitView, StrategyView
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.readings import Component, Composite, Regime
from sagetrade_nautilus.overview import HeldPosition, LastPrice, LastSignal, Overview
from tests.support.node_views import guard_view, node_overview

BTC = "BTCUSDT.BINANCE"
HOUR = 3_600_000_000_000
T0 = 1_650_000_000_000_000_000
Write = Callable[..., Path]


def decision(ts: int = T0, trade_id: str | None = "m-0001", **changes: object) -> DecisionRecord:
    plain = DecisionRecord(
        ts=ts,
        decision_id=f"m@{ts}",
        trade_id=trade_id,
        strategy="m",
        instrument_id=BTC,
        verdict=Verdict.TAKEN if trade_id else Verdict.REFUSED_EDGE,
        why="",
        side="buy",
        reason="because",
        score=0.5,
        confidence=0.5,
        volatility=0.01,
        regime="low_vol_ranging",
        price=100.0,
        expected_edge_bps=30.0,
        cost_bps=22.0,
        size_pct=10.0,
        equity=10_000.0,
        share=1.0,
        policy_row=0,
        notional=1_000.0,
        signal_ids=(),
        signals=(
            Component("rsi_14", "quant", 30.0, 0.8, 0.5),
            Component("text:Wire", "text", 0.4, 0.4, 0.25, ("text-1",)),
        ),
        sources=("text-1",),
    )
    return msgspec.structs.replace(plain, **changes)


def made(order: str, role: str, trade_id: str = "m-0001", ts: int = T0, **changes: object) -> OrderRecord:
    plain = OrderRecord(
        ts=ts,
        event="initialized",
        client_order_id=order,
        tags=(trade_id, role),
        strategy="m-001",
        instrument_id=BTC,
        side="buy" if role == "entry" else "sell",
        order_type="market" if role == "entry" else "limit",
        quantity=10.0,
    )
    return msgspec.structs.replace(plain, **changes)


def filled(
    order: str, role: str, price: float, trade_id: str = "m-0001", ts: int = T0, qty: float = 10.0
) -> OrderRecord:
    return made(
        order,
        role,
        trade_id,
        ts,
        event="filled",
        quantity=None,
        last_qty=qty,
        last_px=price,
        commission=1.0,
        liquidity="taker",
    )


def trade(trade_id: str = "m-0001", ts: int = T0, entry: float = 100.1, exit_: float = 102.0) -> list[JournalRecord]:
    """A buy of 10 that leaves at its target an hour later."""
    number = f"{trade_id}-{ts}"
    return [
        TextRecord(
            ts=ts, item_id="text-1", source="Wire", title="A headline", url="https://wire.example/1", published=ts
        ),
        decision(ts, trade_id),
        made(f"E{number}", "entry", trade_id, ts),
        made(f"X{number}", "take_profit", trade_id, ts, price=102.0),
        filled(f"E{number}", "entry", entry, trade_id, ts),
        filled(f"X{number}", "take_profit", exit_, trade_id, ts + HOUR),
    ]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write records to a sound journal and return its path; called again it goes on."""

    def write(*records: JournalRecord, path: Path = tmp_path / "decisions.jsonl") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        journal = Journal(path, RunRecord(ts=T0, name="hand", config_digest="d", code_version="c"))
        for record in records:
            journal.write(record)
        journal.close()
        return path

    return write


@pytest.fixture
def overview() -> Overview:
    """A node with one long position, one signal, and limits of every sort."""
    guard = guard_view(
        run="hand",
        latch="state/paper/latch.json",
        journal="state/paper/decisions.jsonl",
        equity=9_900.0,
        day_start=10_000.0,
        peak=10_100.0,
        budget_left=0.5,
        losses_in_a_row=2,
        limits=(
            LimitView("max_exposure_pct", 30.0, 60.0),
            LimitView("max_drawdown_pct", 19.0, 20.0),
            LimitView("max_price_age_s", None, 900.0),
            LimitView("max_open_trades", 0.0, 0.0),
        ),
        strategies=(StrategyView("m", "m-001", True),),
    )
    held = HeldPosition(
        instrument_id=BTC,
        side="long",
        quantity=10.0,
        entry_price=100.0,
        last_price=101.0,
        notional=1_010.0,
        unrealized=10.0,
        opened_ns=T0,
        strategy="m-001",
        trade_id="m-0001",
    )
    reading = Composite(
        0.3,
        1,
        0.4,
        0.01,
        Regime.LOW_VOL_RANGING,
        101.0,
        (Component("rsi_14", "quant", 30.0, 0.2, 0.5), Component("text:Wire", "text", 0.8, 0.8, 0.25, ("text-1",))),
    )
    return node_overview(
        guard,
        ts=T0 + HOUR,
        started_ns=T0,
        balances={"USDT": 9_890.0},
        positions=(held,),
        signals=(LastSignal(instrument_id=BTC, ts=T0, signal_id=f"{BTC}@{T0}", composite=reading),),
        prices=(LastPrice(instrument_id=BTC, price=101.0, age_s=1.0),),
    )
