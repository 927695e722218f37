"""From what Alpaca says of orders, executions and positions to Nautilus's reports. Pure."""

import uuid
from decimal import ROUND_CEILING, Decimal
from typing import Final

from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.reports import FillReport, OrderStatusReport, PositionStatusReport
from nautilus_trader.model.enums import (
    ContingencyType,
    LiquiditySide,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
)
from nautilus_trader.model.identifiers import AccountId, ClientOrderId, TradeId, VenueOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Money, Price, Quantity

from adapters.alpaca import schemas
from adapters.alpaca.orders import TIMES, TYPES
from adapters.alpaca.parsing import is_crypto, nanos, plain
from sagetrade_nautilus import sizes
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.one_exit import FEE_SHARE_MAX, blur

CLOSED: Final = {
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "expired": OrderStatus.EXPIRED,
    "rejected": OrderStatus.REJECTED,
}
_TYPES: Final = {name: kind for kind, name in TYPES.items()}
_TIMES: Final = {name: kind for kind, name in TIMES.items()}
_EXECUTIONS: Final = uuid.UUID("b4a6a7f3-1f6e-4f0c-9d53-6f1d60a3c7d1")
BPS: Final = Decimal(10_000)
OURS: Final = "A-"
PRECISION_MAX: Final = 9


def trade_id(order_id: str, cumulative: Decimal) -> TradeId:
    """Return the name of the execution after which an order had `cumulative` in all.

    The stream and the list of past executions name one execution differently; this is the same in both, whatever
    comes twice or in another order.
    """
    return TradeId(OURS + uuid.uuid5(_EXECUTIONS, f"{order_id}/{plain(cumulative.normalize())}").hex)


def is_real(name: TradeId) -> bool:
    """Tell whether an execution has a name from `trade_id`; those that Nautilus makes up have not."""
    return bool(name.value.startswith(OURS))


def quantity(text: str | None, market: Instrument) -> Quantity:
    """Return a quantity as the instrument counts, rounded down."""
    step = market.size_increment.as_decimal()
    return sizes.exact(abs(Decimal(text or 0)) // step * step, market.size_precision)


def price(text: str | None, market: Instrument) -> Price | None:
    """Return a price as the instrument counts; ``None`` where there is none."""
    return Price(Decimal(text), market.price_precision) if text else None


def exact_price(text: str, market: Instrument) -> Price:
    """Return the price of an execution with all its decimals: it may lie between two ticks."""
    exact = plain(Decimal(text))
    return Price(Decimal(text), max(market.price_precision, min(len(exact.partition(".")[2]), PRECISION_MAX)))


def exact_quantity(text: str, market: Instrument) -> Quantity:
    """Return the quantity of an execution.

    Raises
    ------
    DataError
        It has more decimals than the instrument: a part of a share where whole ones are traded.
    """
    exact = sizes.exact(Decimal(text), market.size_precision)
    if exact.as_decimal() != Decimal(text):
        raise DataError(f"{market.id}: an execution of {text} has more decimals than the instrument; set `fractional`")
    return exact


def commission(side: str, qty: Decimal, at: Decimal, market: Instrument, crypto_fee_bps: Decimal) -> Money:
    """Return what an execution costs: nothing for stocks; for crypto a share of what is received, in its currency.

    How Alpaca rounds is not documented. What it takes in coins is rounded up here, to whole steps of the instrument: so
    our books never hold more than is there, and what they hold can be sold.
    """
    if not is_crypto(market.id):
        return Money(0, market.quote_currency)
    rate = crypto_fee_bps / BPS
    if side == "buy":
        grain = max(market.size_increment.as_decimal(), Decimal(1).scaleb(-market.base_currency.precision))
        return Money.from_decimal((qty * rate / grain).to_integral_value(ROUND_CEILING) * grain, market.base_currency)
    return Money.from_decimal(qty * at * rate, market.quote_currency)


def order_status(
    order: schemas.Order, market: Instrument, account_id: AccountId, ts: int, name: str, executed: Decimal | None = None
) -> OrderStatusReport:
    """Return what Alpaca says of an order.

    Parameters
    ----------
    name : str
        Our id of it.
    executed : Decimal, optional
        What was executed of it and of the orders that it has replaced, where it has replaced any.
    """
    filled = quantity(order.filled_qty, market)
    whole = quantity(order.qty, market) if order.qty else filled  # an order for an amount of money has no quantity
    if executed is not None:
        left = whole.as_decimal() - filled.as_decimal()
        filled = quantity(str(executed), market)
        whole = quantity(str(executed + left), market)
    status = CLOSED.get(order.status, OrderStatus.PARTIALLY_FILLED if filled.as_decimal() else OrderStatus.ACCEPTED)
    trail = order.trail_price or order.trail_percent
    stamps = [nanos(moment) for moment in (order.submitted_at or order.created_at, order.updated_at) if moment]
    return OrderStatusReport(
        account_id=account_id,
        instrument_id=market.id,
        client_order_id=ClientOrderId(name),
        venue_order_id=VenueOrderId(order.id),
        order_side=side_of(order.side),
        order_type=_TYPES.get(order.type, OrderType.MARKET),
        time_in_force=_TIMES.get(order.time_in_force, TimeInForce.GTC),
        order_status=status,
        contingency_type=ContingencyType.NO_CONTINGENCY,
        price=price(order.limit_price, market),
        trigger_price=price(order.stop_price, market),
        trigger_type=TriggerType.DEFAULT if order.stop_price else TriggerType.NO_TRIGGER,
        trailing_offset=Decimal(trail) * (1 if order.trail_price else 100) if trail else None,
        trailing_offset_type=_offset_type(order),
        quantity=whole,
        filled_qty=filled,
        avg_px=Decimal(order.filled_avg_price) if order.filled_avg_price else None,
        report_id=UUID4(),
        ts_accepted=stamps[0] if stamps else ts,
        ts_last=stamps[-1] if stamps else ts,
        ts_init=ts,
    )


def _offset_type(order: schemas.Order) -> TrailingOffsetType:
    if order.trail_price:
        return TrailingOffsetType.PRICE
    return TrailingOffsetType.BASIS_POINTS if order.trail_percent else TrailingOffsetType.NO_TRAILING_OFFSET


def fill(
    execution: schemas.Fill, market: Instrument, account_id: AccountId, ts: int, name: str | None, fee: Money
) -> FillReport:
    """Return what Alpaca says of an execution; `name` is our id of its order."""
    return FillReport(
        account_id=account_id,
        instrument_id=market.id,
        client_order_id=ClientOrderId(name) if name else None,
        venue_order_id=VenueOrderId(execution.order_id),
        trade_id=trade_id(execution.order_id, Decimal(execution.cum_qty)),
        order_side=side_of(execution.side),
        last_qty=exact_quantity(execution.qty, market),
        last_px=exact_price(execution.price, market),
        commission=fee,
        liquidity_side=LiquiditySide.NO_LIQUIDITY_SIDE,
        report_id=UUID4(),
        ts_event=nanos(execution.transaction_time),
        ts_init=ts,
    )


def agreed(theirs: Decimal, ours: Decimal, market: Instrument) -> Decimal:
    """Return how many coins count as held, where Alpaca says `theirs` and our books say `ours`.

    Theirs; but ours where Alpaca has so few more that no order could sell them: rounding the fees has left those. Where
    both are so few, ours again; and where Nautilus itself cannot tell the two apart.
    """
    least = sizes.smallest(market)
    is_rounding = -blur(ours) <= theirs - ours < least or (0 <= theirs < least and 0 <= ours < least)
    return ours if is_rounding and ours >= 0 else theirs


def covered(order_qty: Decimal, held: schemas.Position | None, market: Instrument) -> Quantity | None:
    """Return how many coins can be sold where Alpaca holds fewer than an order asks for, by less than a fee could be.

    ``None`` where it holds enough, far fewer, or too few for any order: then it has refused for another reason.
    """
    there = sizes.whole(market, Decimal((held.qty_available or held.qty) if held else 0))
    few = order_qty * (1 - FEE_SHARE_MAX)
    return there if there is not None and few <= there.as_decimal() < order_qty else None


def position(
    held: schemas.Position | None, market: Instrument, account_id: AccountId, ts: int, qty: Decimal | None = None
) -> PositionStatusReport:
    """Return what Alpaca says of a position; ``None`` says that there is none. `qty` stands for what it says it is."""
    if qty is None:
        qty = Decimal(held.qty) if held else Decimal(0)
    side = PositionSide.FLAT if not qty else PositionSide.LONG if qty > 0 else PositionSide.SHORT
    return PositionStatusReport(
        account_id=account_id,
        instrument_id=market.id,
        position_side=side,
        quantity=quantity(str(qty), market),
        avg_px_open=Decimal(held.avg_entry_price) if held and held.avg_entry_price else None,
        report_id=UUID4(),
        ts_last=ts,
        ts_init=ts,
    )


def side_of(text: str) -> OrderSide:
    """Return the side of an order: 'buy', 'sell' or 'sell_short'."""
    return OrderSide.BUY if text == "buy" else OrderSide.SELL
