"""What the paper venue has, as the reports that Nautilus reconciles with."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from nautilus_trader.core.datetime import unix_nanos_to_dt
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.reports import FillReport, OrderStatusReport, PositionStatusReport
from nautilus_trader.model.enums import OmsType, OrderStatus, PositionSide
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import AccountId, InstrumentId, VenueOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.orders import Order
from nautilus_trader.model.position import Position

from sagetrade_nautilus import sizes


def order_report(order: Order, number: VenueOrderId, account_id: AccountId, now: int) -> OrderStatusReport:
    """Return what the venue says of an order, its `number` there. One that still travels or waits is accepted."""
    waiting = order.status in (OrderStatus.INITIALIZED, OrderStatus.SUBMITTED)
    return OrderStatusReport(
        account_id=account_id,
        instrument_id=order.instrument_id,
        venue_order_id=number,
        client_order_id=order.client_order_id,
        order_list_id=order.order_list_id,
        venue_position_id=order.position_id,
        linked_order_ids=order.linked_order_ids,
        parent_order_id=order.parent_order_id,
        contingency_type=order.contingency_type,
        order_side=order.side,
        order_type=order.order_type,
        time_in_force=order.time_in_force,
        order_status=OrderStatus.ACCEPTED if waiting else order.status,
        quantity=order.quantity,
        filled_qty=order.filled_qty,
        price=order.price if order.has_price else None,
        trigger_price=order.trigger_price if order.has_trigger_price else None,
        **({"trigger_type": order.trigger_type} if order.has_trigger_price else {}),
        **_trailing(order),
        avg_px=Decimal(str(order.avg_px)) if order.filled_qty else None,
        expire_time=_expiry(order),
        post_only=bool(getattr(order, "is_post_only", False)),
        reduce_only=order.is_reduce_only,
        report_id=UUID4(),
        ts_accepted=order.ts_accepted or order.ts_submitted,
        ts_last=order.ts_last,
        ts_init=now,
    )


def _expiry(order: Order) -> datetime | None:
    return unix_nanos_to_dt(order.expire_time_ns) if getattr(order, "expire_time_ns", 0) else None


def _trailing(order: Order) -> dict[str, Any]:
    names = ("trailing_offset", "trailing_offset_type", "limit_offset")
    return {name: getattr(order, name) for name in names if getattr(order, name, None) is not None}


def fill_reports(order: Order, account_id: AccountId, now: int) -> list[FillReport]:
    """Return what the venue says of the fills of an order, oldest first."""
    return [
        FillReport(
            account_id=account_id,
            instrument_id=fill.instrument_id,
            venue_order_id=fill.venue_order_id,
            client_order_id=fill.client_order_id,
            venue_position_id=fill.position_id,
            trade_id=fill.trade_id,
            order_side=fill.order_side,
            last_qty=fill.last_qty,
            last_px=fill.last_px,
            commission=fill.commission,
            liquidity_side=fill.liquidity_side,
            report_id=UUID4(),
            ts_event=fill.ts_event,
            ts_init=now,
        )
        for fill in order.events
        if isinstance(fill, OrderFilled)
    ]


def position_reports(
    positions: Iterable[Position], instrument: Instrument, oms_type: OmsType, account_id: AccountId, now: int
) -> list[PositionStatusReport]:
    """Return what the venue says of the open positions in an instrument: each, or where they net, the sum of them."""
    found = list(positions)
    if oms_type == OmsType.HEDGING:
        return [_report(position.signed_decimal_qty(), position, instrument, account_id, now) for position in found]
    net = sum((position.signed_decimal_qty() for position in found), Decimal(0))
    return [_report(net, None, instrument, account_id, now)]


def _report(
    signed: Decimal, position: Position | None, instrument: Instrument, account_id: AccountId, now: int
) -> PositionStatusReport:
    side = PositionSide.FLAT if not signed else PositionSide.LONG if signed > 0 else PositionSide.SHORT
    return PositionStatusReport(
        account_id=account_id,
        instrument_id=instrument.id,
        position_side=side,
        quantity=sizes.exact(abs(signed), instrument.size_precision),
        venue_position_id=None if position is None else position.id,
        avg_px_open=None if position is None else Decimal(str(position.avg_px_open)),
        report_id=UUID4(),
        ts_last=now,
        ts_init=now,
    )


def wanted(instrument_id: InstrumentId | None, orders: Iterable[Order]) -> list[Order]:
    """Return the orders in an instrument, or all."""
    return [order for order in orders if instrument_id in (None, order.instrument_id)]
