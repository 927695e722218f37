"""From the fills of one trade to what it earned and cost."""

from collections.abc import Sequence
from math import fsum, isclose
from typing import Any

import msgspec

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.decision import Side
from sagetrade_nautilus.model.records import FillRecord, RoundTrip

QUANTITY_TOLERANCE = 1e-9


class TradeAmounts(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one closed trade; fields as in `RoundTrip`."""

    side: Side
    entry_ts: int
    exit_ts: int
    quantity: float
    entry_price: float
    exit_price: float
    gross_pnl: float
    fees: float
    slippage_cost: float
    net_pnl: float


def is_closed(fills: Sequence[FillRecord]) -> bool:
    """Tell whether a trade's fills leave nothing open: something has entered, and as much has left."""
    entered, left = (fsum(fill.quantity for fill in fills if fill.is_entry is is_entry) for is_entry in (True, False))
    return entered > 0.0 and isclose(entered, left, rel_tol=QUANTITY_TOLERANCE)


def trade_amounts(fills: Sequence[FillRecord]) -> TradeAmounts:
    """Add up the fills of one closed trade.

    Raises
    ------
    ReportError
        Entries or exits are missing, or their quantities differ.
    """
    entries = [fill for fill in fills if fill.is_entry]
    exits = [fill for fill in fills if not fill.is_entry]
    bought, sold = (fsum(fill.quantity for fill in side) for side in (entries, exits))
    if not is_closed(fills):
        name = fills[0].trade_id if fills else "?"
        raise ReportError(
            f"trade {name} is listed as closed but entered {bought} and left {sold}; give its fills in full"
        )
    paid, received = (fsum(fill.quantity * fill.price for fill in side) for side in (entries, exits))
    gross_pnl = received - paid if entries[0].side == "buy" else paid - received
    fees = fsum(fill.commission for fill in fills)
    return TradeAmounts(
        side=entries[0].side,
        entry_ts=min(fill.ts for fill in entries),
        exit_ts=max(fill.ts for fill in exits),
        quantity=bought,
        entry_price=entries[0].price if len(entries) == 1 else paid / bought,
        exit_price=exits[0].price if len(exits) == 1 else received / sold,
        gross_pnl=gross_pnl,
        fees=fees,
        slippage_cost=fsum(fill.slippage_cost for fill in fills),
        net_pnl=gross_pnl - fees,
    )


def round_trip(fills: Sequence[FillRecord], **context: Any) -> RoundTrip:
    """Build a closed trade from its fills and from what was known at entry and exit.

    `context` holds the remaining fields of `RoundTrip`: regime, confidence, size_pct, signals, exit_reason
    and expected_edge_bps.

    Raises
    ------
    ReportError
        As `trade_amounts`.
    """
    amounts = msgspec.structs.asdict(trade_amounts(fills))
    first = fills[0]
    return RoundTrip(trade_id=first.trade_id, strategy=first.strategy, symbol=first.symbol, **amounts, **context)
