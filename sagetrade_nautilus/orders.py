"""From a decision to Nautilus orders: a quantity that the venue accepts, an entry with its two exits, and its close.

And the orders of a command, and a copy of one for whoever begins with it anew.
"""

from datetime import datetime
from decimal import Decimal

from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.execution.messages import SubmitOrder, SubmitOrderList
from nautilus_trader.model.enums import OrderSide, OrderType, TimeInForce
from nautilus_trader.model.events import OrderInitialized
from nautilus_trader.model.identifiers import ClientOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order, OrderList, OrderUnpacker
from nautilus_trader.model.position import Position

from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.model.one_exit import can_be_sold, has_one_exit
from sagetrade_nautilus.model.records import ENTRY, STOP_LOSS, TAKE_PROFIT
from sagetrade_nautilus.model.sizing import quantity
from sagetrade_nautilus.model.ticks import on_tick
from sagetrade_nautilus.sizes import smallest


def whole_quantity(instrument: Instrument, notional: float, price: float) -> Quantity | None:
    """Return the quantity for a notional, rounded down to the instrument's step; ``None`` if below its minimum.

    A quantity above the instrument's maximum is cut to it. One of coins that could not be sold again once the fee of
    its purchase is taken is below the minimum too.
    """
    amount = quantity(notional, price, instrument.size_increment.as_decimal())
    if instrument.max_quantity is not None:
        amount = min(amount, instrument.max_quantity.as_decimal())
    least_notional = instrument.min_notional.as_double() if instrument.min_notional is not None else 0.0
    least = smallest(instrument)
    if amount < least or float(amount) * price < least_notional:
        return None
    if has_one_exit(instrument.id.value) and not can_be_sold(amount, least):
        return None
    return Quantity.from_decimal(amount)


def lone_entry(
    factory: OrderFactory,
    cache: CacheFacade,
    decision: Decision,
    signal: CompositeSignal,
    amount: Quantity,
    trade_id: str,
    expiry: datetime | None,
) -> Order:
    """Return an entry whose exits are sent when it is filled: the terms are those of `bracket`."""
    side, tags = OrderSide.BUY if decision.side == "buy" else OrderSide.SELL, [trade_id, ENTRY]
    if decision.order_type != "limit":
        return factory.market(signal.instrument_id, side, amount, tags=tags)
    tick = cache.instrument(signal.instrument_id).price_increment.as_decimal()
    price = Price.from_decimal(on_tick(Decimal(str(signal.price)), tick, up=side == OrderSide.SELL))
    return factory.limit(
        signal.instrument_id, side, amount, price, time_in_force=TimeInForce.GTD, expire_time=expiry, tags=tags
    )


def bracket(
    factory: OrderFactory,
    cache: CacheFacade,
    decision: Decision,
    signal: CompositeSignal,
    amount: Quantity,
    trade_id: str,
    expiry: datetime | None,
) -> OrderList:
    """Return an entry with its take-profit and stop-loss, tagged ``[trade_id, role]``.

    A limit entry rests at the signal's price until `expiry`; both exits can only reduce.
    """
    instrument = cache.instrument(signal.instrument_id)
    resting = decision.order_type == "limit"
    return factory.bracket(
        instrument_id=signal.instrument_id,
        order_side=OrderSide.BUY if decision.side == "buy" else OrderSide.SELL,
        quantity=amount,
        entry_order_type=OrderType.LIMIT if resting else OrderType.MARKET,
        entry_price=instrument.make_price(signal.price) if resting else None,
        time_in_force=TimeInForce.GTD if resting else TimeInForce.GTC,
        expire_time=expiry,
        tp_price=instrument.make_price(decision.tp),
        tp_post_only=False,
        sl_trigger_price=instrument.make_price(decision.sl),
        entry_tags=[trade_id, ENTRY],
        tp_tags=[trade_id, TAKE_PROFIT],
        sl_tags=[trade_id, STOP_LOSS],
    )


def closing_side(position: Position) -> OrderSide:
    """Return the side on which an order reduces `position`."""
    return OrderSide.SELL if position.is_long else OrderSide.BUY


def closing_order(factory: OrderFactory, position: Position, tags: list[str]) -> Order:
    """Return a market order that closes `position`."""
    return factory.market(
        position.instrument_id, closing_side(position), position.quantity, reduce_only=True, tags=tags
    )


def orders_of(command: object) -> list[Order]:
    """Return the orders that a command sends; none where it is another kind of command."""
    if isinstance(command, SubmitOrderList):
        return list(command.order_list.orders)
    return [command.order] if isinstance(command, SubmitOrder) else []


def unsent_copy(order: Order, name: ClientOrderId | None = None) -> Order:
    """Return an order of the same terms that has not been sent, under another `name` if one is given.

    It follows the order as it is now, not as it began.
    """
    values = OrderInitialized.to_dict(order.init_event)
    options = dict(values["options"] or {})
    if order.has_price:
        options["price"] = str(order.price)
    if order.has_trigger_price:
        options["trigger_price"] = str(order.trigger_price)
    values |= {
        "client_order_id": (name or order.client_order_id).value,
        "order_type": order.type_string(),
        "quantity": str(order.quantity),
        "options": options,
        "emulation_trigger": "NO_TRIGGER",
        "exec_algorithm_id": None,
        "exec_algorithm_params": None,
        "exec_spawn_id": None,
    }
    return OrderUnpacker.from_init(OrderInitialized.from_dict(values))
