"""Records of a journal by hand, for views that need no engine."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import JournalRecord, OrderRecord, RunRecord, TextRecord
from sagetrade_nautilus.messages import DecisionRecord, Verdict
from sagetrade_nautilus.model.readings import Component

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


def writer(folder: Path) -> Write:
    """Return what writes records to a sound journal in `folder` and returns its path; called again it goes on."""

    def write(*records: JournalRecord, path: Path = folder / "decisions.jsonl") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        journal = Journal(path, RunRecord(ts=T0, name="hand", config_digest="d", code_version="c"))
        for record in records:
            journal.write(record)
        journal.close()
        return path

    return write
