"""The trades of a journal, and why one of them was made."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Final

import msgspec

from sagetrade_nautilus.dashboard.market import MarketView
from sagetrade_nautilus.guard.journal.explain import Explanation, OrderStory
from sagetrade_nautilus.messages import DecisionRecord
from sagetrade_nautilus.model.records import RoundTrip
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

PAGE_MAX: Final = 50
AROUND_S_MIN: Final = 6 * 3_600
AROUND_DURATIONS: Final = 8


class TradeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A closed trade in the list.

    Times are UNIX seconds, `net_bps` is of the entry `notional`, which is `size_pct` of the equity at entry.
    """

    trade: str
    strategy: str
    symbol: str
    side: str
    entry_t: int
    duration_s: float
    size_pct: float
    notional: float
    entry_price: float
    exit_price: float
    net_pnl: float
    net_bps: float
    slippage_cost: float
    exit_reason: str
    regime: str


class TradePage(msgspec.Struct, frozen=True):
    """Some of the trades, the newest first, and how many there are."""

    rows: list[TradeRow]
    total: int


class TextView(msgspec.Struct, frozen=True, kw_only=True):
    """A headline behind a part of the score. Its words are another's."""

    t: int
    source: str
    title: str
    url: str


class PartView(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the composite score: ``contribution == weight * score``."""

    name: str
    kind: str
    value: float
    score: float
    weight: float
    contribution: float
    texts: list[TextView] = []
    missing: list[str] = []


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """One order of the trade with its fills and what else happened to it."""

    client_order_id: str
    role: str
    side: str
    order_type: str
    quantity: float | None
    price: float | None
    trigger_price: float | None
    fills: list[tuple[int, float, float, float]]
    events: list[tuple[int, str, str]]


class TradeView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a trade was made and what became of it.

    `chain_fault` says what is wrong with the journal behind it, '' if its chain holds; `market` is the price around it;
    `currency` is what money is counted in, '' where nobody says; `command` says the same in a terminal.
    """

    trade: str
    currency: str
    decision: DecisionRecord
    row: TradeRow | None
    parts: list[PartView]
    orders: list[OrderView]
    denials: list[tuple[int, str]]
    is_complete: bool
    chain_fault: str
    market: MarketView | None
    command: str


def page(trips: Sequence[RoundTrip], offset: int, count: int = PAGE_MAX) -> TradePage:
    """Return `count` trades, at most `PAGE_MAX`, from the `offset`-th on, the newest first."""
    newest = trips[::-1]
    return TradePage([row(trip) for trip in newest[offset : offset + min(count, PAGE_MAX)]], len(trips))


def row(trip: RoundTrip) -> TradeRow:
    """Return a trade's line of the list."""
    return TradeRow(
        trade=trip.trade_id,
        strategy=trip.strategy,
        symbol=trip.symbol,
        side=trip.side,
        entry_t=trip.entry_ts // NANOS_PER_SECOND,
        duration_s=trip.duration_s,
        size_pct=trip.size_pct,
        notional=trip.entry_notional,
        entry_price=trip.entry_price,
        exit_price=trip.exit_price,
        net_pnl=trip.net_pnl,
        net_bps=trip.net_pnl_bps,
        slippage_cost=trip.slippage_cost,
        exit_reason=trip.exit_reason,
        regime=trip.regime,
    )


def window(found: Explanation, trip: RoundTrip | None) -> tuple[int, int]:
    """Return the time around a trade that is worth a look, UNIX seconds."""
    begin = found.decision.ts // NANOS_PER_SECOND
    end = trip.exit_ts // NANOS_PER_SECOND if trip is not None else begin
    room = max(AROUND_S_MIN, AROUND_DURATIONS * (end - begin))
    return begin - room, end + room


def trade_view(
    trade: str,
    currency: str,
    folder: Path,
    found: Explanation,
    trip: RoundTrip | None,
    chain_fault: str,
    around: MarketView | None,
) -> TradeView:
    """Return the page of a trade whose journal is in `folder`."""
    return TradeView(
        trade=trade,
        currency=currency,
        decision=found.decision,
        row=None if trip is None else row(trip),
        parts=[
            PartView(
                name=part.component.name,
                kind=part.component.kind,
                value=part.component.value,
                score=part.component.score,
                weight=part.component.weight,
                contribution=part.contribution,
                texts=[
                    TextView(t=text.published // NANOS_PER_SECOND, source=text.source, title=text.title, url=text.url)
                    for text in part.texts
                ],
                missing=list(part.missing),
            )
            for part in found.evidence
        ],
        orders=[_order(order) for order in found.orders],
        denials=[(denial.ts // NANOS_PER_SECOND, denial.reason) for denial in found.denials],
        is_complete=found.is_complete,
        chain_fault=chain_fault,
        market=around,
        command=f"sagetool explain {quote(found.decision.trade_id or '')} --run {quote(str(folder))}",
    )


def _order(order: OrderStory) -> OrderView:
    asked = order.asked
    return OrderView(
        client_order_id=order.client_order_id,
        role=order.role,
        side="" if asked is None else asked.side,
        order_type="" if asked is None else asked.order_type,
        quantity=None if asked is None else asked.quantity,
        price=None if asked is None else asked.price,
        trigger_price=None if asked is None else asked.trigger_price,
        fills=[
            (fill.ts // NANOS_PER_SECOND, fill.last_qty or 0.0, fill.last_px or 0.0, fill.commission or 0.0)
            for fill in order.fills
        ],
        events=[(event.ts // NANOS_PER_SECOND, event.event, event.reason) for event in order.events],
    )
