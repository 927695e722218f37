"""The venue's truth as the reports that Nautilus reconciles with."""

from decimal import Decimal

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.reports import FillReport, OrderStatusReport, PositionStatusReport
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import (
    LiquiditySide,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    TimeInForce,
    TriggerType,
)
from nautilus_trader.model.identifiers import AccountId, ClientOrderId, TradeId, VenueOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Money

from sagetrade_nautilus.drill.orders import Fill, VenueOrder
from sagetrade_nautilus.drill.venue import Venue

STATUSES = {
    "held": OrderStatus.ACCEPTED,
    "accepted": OrderStatus.ACCEPTED,
    "partially_filled": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "rejected": OrderStatus.REJECTED,
}
TYPES = {"market": OrderType.MARKET, "limit": OrderType.LIMIT, "stop_market": OrderType.STOP_MARKET}


def order_status(order: VenueOrder, instrument: Instrument, account_id: AccountId, ts: int) -> OrderStatusReport:
    """Return what the venue says of an order."""
    filled = order.filled
    cost = sum((trade.quantity * trade.price for trade in order.trades), Decimal(0))
    return OrderStatusReport(
        account_id=account_id,
        instrument_id=instrument.id,
        venue_order_id=VenueOrderId(f"V-{order.number}"),
        client_order_id=ClientOrderId(order.request.client_order_id),
        order_side=OrderSide.SELL if order.request.sells else OrderSide.BUY,
        order_type=TYPES[order.request.kind],
        time_in_force=TimeInForce.GTC,
        order_status=STATUSES[order.status],
        quantity=instrument.make_qty(order.quantity),
        filled_qty=instrument.make_qty(filled),
        price=instrument.make_price(order.price) if order.price is not None else None,
        trigger_price=instrument.make_price(order.trigger) if order.trigger is not None else None,
        trigger_type=TriggerType.LAST_PRICE if order.trigger is not None else TriggerType.NO_TRIGGER,
        avg_px=cost / filled if filled else None,
        reduce_only=order.request.reduce_only,
        report_id=UUID4(),
        ts_accepted=order.accepted,
        ts_last=order.changed,
        ts_init=ts,
    )


def fill(order: VenueOrder, trade: Fill, instrument: Instrument, account_id: AccountId, ts: int) -> FillReport:
    """Return what the venue says of a fill."""
    return FillReport(
        account_id=account_id,
        instrument_id=instrument.id,
        venue_order_id=VenueOrderId(f"V-{order.number}"),
        client_order_id=ClientOrderId(order.request.client_order_id),
        trade_id=TradeId(f"T-{trade.number}"),
        order_side=OrderSide.SELL if order.request.sells else OrderSide.BUY,
        last_qty=instrument.make_qty(trade.quantity),
        last_px=instrument.make_price(trade.price),
        commission=Money(trade.fee, USDT),
        liquidity_side=LiquiditySide.TAKER,
        report_id=UUID4(),
        ts_event=order.changed,
        ts_init=ts,
    )


def position(venue: Venue, symbol: str, instrument: Instrument, account_id: AccountId, ts: int) -> PositionStatusReport:
    """Return what the venue says of the position in `symbol`, all owners together."""
    net = venue.net(symbol)
    side = PositionSide.FLAT if net == 0 else PositionSide.LONG if net > 0 else PositionSide.SHORT
    return PositionStatusReport(
        account_id=account_id,
        instrument_id=instrument.id,
        position_side=side,
        quantity=instrument.make_qty(abs(net)),
        avg_px_open=average(venue, symbol) if net else None,
        report_id=UUID4(),
        ts_last=ts,
        ts_init=ts,
    )


def average(venue: Venue, symbol: str) -> Decimal:
    """Return the average price of what is held of `symbol`, weighted over its owners."""
    held = [holding for (_, name), holding in venue.holdings.items() if name == symbol and holding.signed]
    size = sum((abs(holding.signed) for holding in held), Decimal(0))
    return sum((abs(holding.signed) * holding.average for holding in held), Decimal(0)) / size
