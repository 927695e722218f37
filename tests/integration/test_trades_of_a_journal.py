"""Trades that fill in parts, late, and are taken back: the journal tells of them what the engine's own orders do."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.trades import Trades
from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.model.records import PriceSeries, RoundTrip
from sagetrade_nautilus.model.round_trips import TradeAmounts
from sagetrade_nautilus.run import collect
from tests.support.engine import BTC, START
from tests.support.micro_market import PRICE, fill_late, play, thin, wild

END_S = 5_990.0


def told_of(trade: RoundTrip | TradeAmounts) -> tuple[object, ...]:
    return (trade.side, trade.entry_ts, trade.exit_ts, trade.quantity, trade.gross_pnl, trade.fees, trade.net_pnl)


def both(folder: Path, books: Any, **how: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the closed trades of a run, by its orders as a report counts them, and by its journal."""
    kept: list[Any] = []
    how["at"] = {**how.get("at", {}), END_S: lambda made: kept.extend(made.cache.orders())}
    play(folder, books, **how)
    records = read(folder / "decisions.jsonl")
    taken = {record.trade_id: record for record in records if isinstance(record, DecisionRecord) if record.trade_id}
    orders = SimpleNamespace(cache=SimpleNamespace(orders=lambda: kept, orders_closed=lambda: kept))
    price = {BTC: PriceSeries(BTC, np.array([START]), np.array([PRICE]))}
    trips = collect.round_trips(orders, collect.fills(orders, taken, price), taken)  # type: ignore[arg-type]
    trades = Trades()
    for record in records:
        trades.hear(record)
    return (
        {trip.trade_id: (told_of(trip), trip.exit_reason) for trip in trips},
        {trade.trade_id: (told_of(trade.amounts), trade.exit_purpose) for trade in trades.closed},
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_trade_of_many_parts_is_told_as_the_report_counts_it(tmp_path: Path, seed: int) -> None:
    books, latency_ns, execution, score = wild(seed)
    reported, told = both(tmp_path, books, execution=execution, latency_ns=latency_ns, scores={1: score})
    assert told == reported


def test_a_fill_that_comes_late_is_told_as_the_report_counts_it(tmp_path: Path) -> None:
    books = [thin(n, 50.0, PRICE * 1.01) for n in range(299, 330)]
    reported, told = both(tmp_path, books, at={400.0: fill_late})
    assert [end for _, end in told.values()] == ["late_fill"]
    assert told == reported
