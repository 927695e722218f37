"""From a finished engine to plain values: fills, closed trades, prices. Nothing after this knows Nautilus."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.guard.journal.fills import fill_of
from sagetrade_nautilus.guard.journal.scribe import order_record
from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.model.records import (
    ENTRY,
    FillRecord,
    PriceSeries,
    RoundTrip,
    SignalScore,
    read_tags,
)
from sagetrade_nautilus.model.round_trips import is_closed, round_trip

UNKNOWN_EXIT = "unknown"


def fills(
    engine: BacktestEngine, taken: dict[str, DecisionRecord], prices: dict[str, PriceSeries]
) -> tuple[FillRecord, ...]:
    """Return every fill of the run in the order of time (and of order ids within one moment)."""
    found = []
    for order in engine.cache.orders():
        trade_id, role = read_tags(order)
        if not role or order.filled_qty.as_double() == 0.0:
            continue
        record = taken[trade_id]
        reference = record.price if role == ENTRY else _exit_reference(order, prices)
        for event in order.events:
            told = order_record(event, order) if isinstance(event, OrderFilled) else None
            if told is not None and (fill := fill_of(told, trade_id, record.strategy, reference)) is not None:
                found.append((fill.ts, order.client_order_id.value, fill))
    found.sort(key=lambda row: row[:2])
    return tuple(fill for _, _, fill in found)


def _exit_reference(order: Order, prices: dict[str, PriceSeries]) -> float | None:
    """Return the price that an exit aimed at: its limit, its trigger, or the last close when it was sent."""
    if order.has_price:
        return float(order.price.as_double())
    if order.has_trigger_price:
        return float(order.trigger_price.as_double())
    series = prices[order.instrument_id.value]
    index = int(np.searchsorted(series.ts, order.ts_init, side="right")) - 1
    return float(series.close[index]) if index >= 0 else None


def round_trips(
    engine: BacktestEngine,
    all_fills: tuple[FillRecord, ...],
    taken: dict[str, DecisionRecord],
) -> tuple[RoundTrip, ...]:
    """Return the trades whose fills leave nothing open, in the order of their entry."""
    exits = _exit_reasons(engine)
    by_trade: dict[str, list[FillRecord]] = {}
    for fill in all_fills:
        by_trade.setdefault(fill.trade_id, []).append(fill)
    return in_order_of_entry(
        closed_trade(trade_fills, taken[trade_id], exits.get(trade_id, UNKNOWN_EXIT))
        for trade_id, trade_fills in by_trade.items()
        if is_closed(trade_fills)
    )


def closed_trade(trade_fills: Sequence[FillRecord], record: DecisionRecord, exit_reason: str) -> RoundTrip:
    """Return a closed trade from all of its fills and the decision behind it.

    Raises
    ------
    ReportError
        The fills leave something open.
    """
    notional = sum(fill.quantity * fill.price for fill in trade_fills if fill.is_entry)
    return round_trip(
        trade_fills,
        regime=record.regime,
        confidence=record.confidence,
        size_pct=notional / record.equity * 100.0 if record.equity > 0.0 else 0.0,
        signals=_scores(record),
        exit_reason=exit_reason,
        expected_edge_bps=record.expected_edge_bps,
    )


def in_order_of_entry(closed: Iterable[RoundTrip]) -> tuple[RoundTrip, ...]:
    """Return the trades as every report lists them."""
    return tuple(sorted(closed, key=lambda trip: (trip.entry_ts, trip.trade_id)))


def _exit_reasons(engine: BacktestEngine) -> dict[str, str]:
    """Return what closed each trade: the role of the last exit order that filled."""
    filled: list[tuple[int, str, str]] = []
    for order in engine.cache.orders_closed():
        tags = read_tags(order)
        if tags.role not in ("", ENTRY) and order.filled_qty.as_double() > 0.0:
            filled.append((order.ts_last, tags.trade_id, tags.purpose))
    return {trade_id: role for _, trade_id, role in sorted(filled)}


def _scores(record: DecisionRecord) -> tuple[SignalScore, ...]:
    composite = SignalScore("composite", record.score)
    return (composite, *(SignalScore(part.name, part.score) for part in record.signals))


def account_balance(engine: BacktestEngine, venue: Any, currency: Any) -> float:
    """Return the account's balance in `currency` as the venue reports it."""
    account = engine.cache.account_for_venue(venue)
    return float(account.balance_total(currency).as_double())
