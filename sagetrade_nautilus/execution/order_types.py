"""The orders that can be made, and what each of them takes: plain values in, a Nautilus order out.

Quantities are rounded down to the instrument's step. Prices of buys are rounded down to the tick and those of sells up,
so that no order pays more, and no stop triggers later, than was asked.
"""

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

import msgspec
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OrderSide, TimeInForce, TrailingOffsetType, TriggerType
from nautilus_trader.model.identifiers import ExecAlgorithmId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order

from sagetrade_nautilus.errors import OrderError
from sagetrade_nautilus.model.ticks import on_tick
from sagetrade_nautilus.sizes import smallest

Number = Decimal | float | int | str
SIDES = {"buy": OrderSide.BUY, "sell": OrderSide.SELL}
PRICES = frozenset({"price", "trigger_price", "activation_price"})


class _Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every order takes.

    `expire_in_s` is needed by 'gtd' and by nothing else. `lifetime_s` is after how many seconds the order manager
    cancels what is left, whatever the venue would do.
    """

    time_in_force: Literal["gtc", "ioc", "fok", "day", "gtd"] = "gtc"
    expire_in_s: float | None = None
    lifetime_s: float | None = None
    reduce_only: bool = False
    tags: list[str] = []
    algorithm: str | None = None
    algorithm_params: dict[str, str] | None = None


class _Market(_Params, frozen=True, kw_only=True):
    time_in_force: Literal["gtc", "ioc", "fok", "day"] = "gtc"


class _MarketToLimit(_Params, frozen=True, kw_only=True):
    display_qty: Decimal | None = None


class _Limit(_Params, frozen=True, kw_only=True):
    price: Decimal
    post_only: bool = False
    display_qty: Decimal | None = None


class _Stop(_Params, frozen=True, kw_only=True):
    trigger_price: Decimal
    trigger_type: Literal["default", "last_price", "bid_ask", "mid_point", "mark_price", "index_price"] = "default"


class _StopLimit(_Stop, frozen=True, kw_only=True):
    price: Decimal
    post_only: bool = False
    display_qty: Decimal | None = None


class _TrailingStop(_Params, frozen=True, kw_only=True):
    trailing_offset: Decimal
    trailing_offset_type: Literal["price", "basis_points", "ticks"] = "price"
    activation_price: Decimal | None = None
    trigger_price: Decimal | None = None
    trigger_type: Literal["default", "last_price", "bid_ask", "mid_point", "mark_price", "index_price"] = "default"


class _TrailingStopLimit(_TrailingStop, frozen=True, kw_only=True):
    limit_offset: Decimal
    price: Decimal | None = None
    post_only: bool = False
    display_qty: Decimal | None = None


ORDER_TYPES: dict[str, type[_Params]] = {
    "market": _Market,
    "limit": _Limit,
    "market_to_limit": _MarketToLimit,
    "stop_market": _Stop,
    "stop_limit": _StopLimit,
    "market_if_touched": _Stop,
    "limit_if_touched": _StopLimit,
    "trailing_stop_market": _TrailingStop,
    "trailing_stop_limit": _TrailingStopLimit,
}


def read_params(kind: str, params: dict[str, Any]) -> _Params:
    """Return the checked parameters of an order of this type.

    Raises
    ------
    OrderError
        There is no such type, or it has no such parameter, lacks one, or one is not what it should be.
    """
    if kind not in ORDER_TYPES:
        raise OrderError(f"there is no order type {kind!r}; there are: {', '.join(ORDER_TYPES)}")
    struct = ORDER_TYPES[kind]
    try:
        checked = msgspec.convert(params, struct)
    except msgspec.ValidationError as error:
        known = ", ".join(struct.__struct_fields__)
        raise OrderError(f"parameters of a {kind} order: {error}; it has: {known}") from None
    for name in checked.__struct_fields__:
        value = getattr(checked, name)
        odd = isinstance(value, Decimal | float) and not (Decimal(value).is_finite() and value > 0)
        if odd:
            raise OrderError(f"parameters of a {kind} order: {name} must be a number above 0, got {value}")
    if (checked.expire_in_s is None) == (checked.time_in_force == "gtd"):
        raise OrderError(f"parameters of a {kind} order: 'gtd' needs expire_in_s, and nothing else takes it")
    return checked


def make_order(
    factory: OrderFactory, instrument: Instrument, side: str, qty: Number, kind: str, params: _Params, now: dt.datetime
) -> Order:
    """Return an order that has not been sent.

    Raises
    ------
    OrderError
        The side is unknown, the size lies outside what the instrument trades, or a price is below one tick.
    """
    if side not in SIDES:
        raise OrderError(f"side must be 'buy' or 'sell', got {side!r}")
    given = {name: getattr(params, name) for name in params.__struct_fields__}
    del given["lifetime_s"]
    expire_in_s, algorithm = given.pop("expire_in_s"), given.pop("algorithm")
    options = {name: _option(name, value, instrument, side) for name, value in given.items() if value is not None}
    options["exec_algorithm_params"] = options.pop("algorithm_params", None)
    options["exec_algorithm_id"] = ExecAlgorithmId(algorithm) if algorithm else None
    if expire_in_s is not None:
        options["expire_time"] = now + dt.timedelta(seconds=expire_in_s)
    amount = whole_steps(qty, instrument)
    try:
        return getattr(factory, kind)(instrument.id, SIDES[side], amount, **options)
    except ValueError as error:  # what Nautilus itself does not accept, such as a display_qty above the quantity
        raise OrderError(f"{instrument.id}: not a {kind} order: {error}") from None


def whole_steps(qty: Number, instrument: Instrument) -> Quantity:
    """Return `qty` rounded down to the instrument's step.

    Raises
    ------
    OrderError
        It is no number above 0, or lies outside what the instrument trades.
    """
    wish = _decimal(qty)
    if wish is None or wish <= 0:
        raise OrderError(f"{instrument.id}: qty must be a number above 0, got {qty!r}")
    step = instrument.size_increment.as_decimal()
    amount = wish // step * step
    least = smallest(instrument)
    if amount < least:
        raise OrderError(f"{instrument.id}: qty {qty} is below the minimum of {least}")
    if instrument.max_quantity is not None and amount > instrument.max_quantity.as_decimal():
        raise OrderError(f"{instrument.id}: qty {qty} is above the maximum of {instrument.max_quantity}")
    return Quantity.from_decimal(amount)


def _option(name: str, value: Any, instrument: Instrument, side: str) -> Any:
    if name in PRICES:
        return _price(value, instrument, side)
    if name == "display_qty":
        return whole_steps(value, instrument)
    if name == "time_in_force":
        return TimeInForce[value.upper()]
    if name == "trigger_type":
        return TriggerType[value.upper()]
    if name == "trailing_offset_type":
        return TrailingOffsetType[value.upper()]
    return value


def _price(value: Decimal, instrument: Instrument, side: str) -> Price:
    tick = instrument.price_increment.as_decimal()
    if side == "buy" and value < tick:
        raise OrderError(f"{instrument.id}: a price of {value} is below one tick of {tick}")
    return Price.from_decimal(on_tick(value, tick, up=side == "sell"))


def _decimal(value: Number) -> Decimal | None:
    """Return the decimal that `value` prints as; ``None`` for what is no finite number."""
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
