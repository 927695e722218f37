"""What Alpaca sends, as far as it is read. Numbers that are money or quantities stay decimal text until they are used.

https://docs.alpaca.markets/reference and https://docs.alpaca.markets/docs/websocket-streaming
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Number = str | int | float
Name = Annotated[str, Meta(pattern=r"\A[!-~]*\Z")]
"""Alpaca's own name of something: visible ASCII, since anything else ends the process within Nautilus."""


class Account(msgspec.Struct, frozen=True):
    """GET /v2/account."""

    id: str
    account_number: Name
    status: str
    equity: str = "0"
    initial_margin: str | None = None
    trading_blocked: bool = False
    account_blocked: bool = False
    trade_suspended_by_user: bool = False


class Asset(msgspec.Struct, frozen=True, rename={"kind": "class"}):
    """GET /v2/assets. The increments are there for crypto only."""

    id: str
    kind: str
    symbol: str
    status: str
    tradable: bool
    fractionable: bool = False
    min_order_size: str | None = None
    min_trade_increment: str | None = None
    price_increment: str | None = None


class Clock(msgspec.Struct, frozen=True):
    """GET /v2/clock: whether the stock market is open now. Times are RFC 3339."""

    timestamp: str
    is_open: bool


class Day(msgspec.Struct, frozen=True):
    """GET /v2/calendar: a trading day and its hours, New York time ('2026-11-27', '09:30', '13:00').

    Before and after them some trade from `session_open` ('0400') to `session_close` ('2000').
    """

    date: str
    open: str
    close: str
    session_open: str = "0400"
    session_close: str = "2000"


class Position(msgspec.Struct, frozen=True):
    """GET /v2/positions. `qty` of a short is below 0; `qty_available` is what no order that rests would sell."""

    symbol: str
    qty: str
    side: str
    qty_available: str | None = None
    asset_class: str = "us_equity"
    avg_entry_price: str | None = None
    unrealized_pl: str | None = None


class Order(msgspec.Struct, frozen=True):
    """An order as Alpaca has it: GET and POST /v2/orders, and inside each trade update."""

    id: Name
    client_order_id: str
    status: str
    symbol: str = ""
    side: str = ""
    type: str = ""
    time_in_force: str = ""
    order_class: str = ""
    qty: str | None = None
    filled_qty: str | None = None
    filled_avg_price: str | None = None
    limit_price: str | None = None
    stop_price: str | None = None
    trail_price: str | None = None
    trail_percent: str | None = None
    extended_hours: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    submitted_at: str | None = None
    expired_at: str | None = None
    canceled_at: str | None = None
    replaced_by: Name | None = None
    replaces: Name | None = None
    legs: tuple[Order, ...] | None = None


class TradeUpdate(msgspec.Struct, frozen=True):
    """What the `trade_updates` stream says of an order. Price and quantity of one execution come with fills only."""

    event: str
    order: Order
    timestamp: str | None = None
    price: str | None = None
    qty: str | None = None


class Fill(msgspec.Struct, frozen=True):
    """GET /v2/account/activities/FILL: one execution. `cum_qty` is what the order had in all after it."""

    id: str
    order_id: Name
    symbol: str
    side: str
    price: str
    qty: str
    cum_qty: str
    transaction_time: str
    type: str = "partial_fill"


class Bar(msgspec.Struct, frozen=True, gc=False):
    """One bar. `t` is when it opens."""

    t: str
    o: float
    h: float
    l: float  # noqa: E741 - Alpaca's name
    c: float
    v: float


class Trade(msgspec.Struct, frozen=True):
    """One trade. `tks` is the taker's side (crypto only): 'B' or 'S'."""

    t: str
    p: float
    s: float
    i: int | str = 0
    x: str = ""
    tks: str = ""


class Quote(msgspec.Struct, frozen=True, rename={"ask_size": "as"}):
    """Best bid and ask."""

    t: str
    bp: float
    bs: float
    ap: float
    ask_size: float


class Page(msgspec.Struct, frozen=True):
    """One answer of the market data interface; which of the three is there depends on what was asked."""

    bars: dict[str, list[Bar]] | None = None
    trades: dict[str, list[Trade]] | None = None
    quotes: dict[str, list[Quote]] | None = None
    next_page_token: str | None = None


class Frame(msgspec.Struct, frozen=True, rename={"kind": "T", "symbol": "S", "ask_size": "as"}):
    """One message of a market data stream: 'b' bar, 't' trade, 'q' quote, 'success', 'error', 'subscription'."""

    kind: str
    symbol: str = ""
    t: str = ""
    o: float = 0.0
    h: float = 0.0
    l: float = 0.0  # noqa: E741 - Alpaca's name
    c: Any = None
    v: float = 0.0
    p: float = 0.0
    s: float = 0.0
    i: int | str = 0
    x: str = ""
    tks: str = ""
    bp: float = 0.0
    bs: float = 0.0
    ap: float = 0.0
    ask_size: float = 0.0
    code: int = 0
    msg: str = ""
