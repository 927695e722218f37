"""From Nautilus's orders to Alpaca's. Pure: what Alpaca has nothing for is refused here, before anything is sent.

https://docs.alpaca.markets/docs/orders-at-alpaca
"""

from decimal import Decimal
from typing import Any, Final

import msgspec
from nautilus_trader.execution.messages import ModifyOrder
from nautilus_trader.model.enums import (
    ContingencyType,
    OrderSide,
    OrderType,
    TimeInForce,
    TrailingOffsetType,
    TriggerType,
    order_type_to_str,
    time_in_force_to_str,
    trailing_offset_type_to_str,
)
from nautilus_trader.model.orders import Order

from adapters.alpaca.parsing import is_crypto, plain, plain_name
from sagetrade_nautilus.errors import OrderError

TYPES: Final = {
    OrderType.MARKET: "market",
    OrderType.LIMIT: "limit",
    OrderType.STOP_MARKET: "stop",
    OrderType.STOP_LIMIT: "stop_limit",
    OrderType.TRAILING_STOP_MARKET: "trailing_stop",
}
TIMES: Final = {
    TimeInForce.DAY: "day",
    TimeInForce.GTC: "gtc",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
    TimeInForce.AT_THE_OPEN: "opg",
    TimeInForce.AT_THE_CLOSE: "cls",
}
CRYPTO_TYPES: Final = frozenset({"market", "limit", "stop_limit"})
CRYPTO_TIMES: Final = frozenset({"gtc", "ioc"})
STOPS: Final = frozenset({"stop", "stop_limit"})
SUFFIX: Final = "~"
"""Between our id of an order and the number of its replacement: Alpaca makes a new order of each change."""
CLIENT_ID_MAX: Final = 128
Body = dict[str, Any]


class Habits(msgspec.Struct, frozen=True):
    """How orders are sent unless they say otherwise.

    Parameters
    ----------
    extended_hours : bool
        Whether limit orders for the day are worked outside the exchange's hours too.
    gtd_as_gtc : bool
        Whether an order that ends at a given time is sent as one that rests until it is cancelled.
    """

    extended_hours: bool = False
    gtd_as_gtc: bool = False


def base_id(client_order_id: str) -> str:
    """Return our own id of the order that `client_order_id` is, or is a replacement of, as Nautilus can hold it."""
    return plain_name(client_order_id.partition(SUFFIX)[0])


def change_number(client_order_id: str) -> int:
    """Return the how-manieth replacement of an order of ours `client_order_id` is; 0 for none."""
    number = client_order_id.partition(SUFFIX)[2]
    return int(number) if number.isascii() and number.isdecimal() else 0


def order_body(order: Order, habits: Habits, extended_hours: bool | None = None) -> Body:
    """Return what is sent for an order.

    Parameters
    ----------
    extended_hours : bool, optional
        What the order itself says about the hours outside the exchange's.

    Raises
    ------
    OrderError
        Alpaca has no such order. The message says what to do instead.
    """
    crypto = is_crypto(order.instrument_id)
    kind, tif = _type(order, crypto), _time(order, crypto, habits)
    _check(order, kind, tif, crypto)
    body: Body = {
        "symbol": order.instrument_id.symbol.value,
        "side": "buy" if order.side == OrderSide.BUY else "sell",
        "type": kind,
        "time_in_force": tif,
        "client_order_id": order.client_order_id.value,
        "notional" if order.is_quote_quantity else "qty": plain(order.quantity.as_decimal()),
        **_prices(order),
    }
    dated = kind == "limit" and tif == "day" and not crypto
    if extended_hours and not dated:
        raise OrderError("Alpaca: outside the exchange's hours only limit orders with DAY are worked")
    if dated and (habits.extended_hours if extended_hours is None else extended_hours):
        body["extended_hours"] = True
    return body


def _type(order: Order, crypto: bool) -> str:
    kind = TYPES.get(order.order_type)
    if kind is None:
        raise OrderError(f"Alpaca has no {order_type_to_str(order.order_type)}; have Nautilus emulate it")
    if crypto and kind not in CRYPTO_TYPES:
        raise OrderError(f"Alpaca has no {order_type_to_str(order.order_type)} for crypto; STOP_LIMIT it has")
    return kind


def _time(order: Order, crypto: bool, habits: Habits) -> str:
    tif = TIMES.get(order.time_in_force)
    if order.time_in_force == TimeInForce.GTD:
        if not habits.gtd_as_gtc:
            raise OrderError("Alpaca has no GTD; see `gtd_as_gtc` of its client")
        tif = "gtc"
    if tif == "gtc" and order.is_reduce_only and order.order_type == OrderType.MARKET and _in_parts(order, crypto):
        tif = "day"  # it closes a part of a share, and a way out is not to be barred
    if tif is None or (crypto and tif not in CRYPTO_TIMES):
        wanted = "GTC or IOC" if crypto else "DAY, GTC, IOC, FOK, AT_THE_OPEN or AT_THE_CLOSE"
        raise OrderError(f"Alpaca has no {time_in_force_to_str(order.time_in_force)} here; {wanted}")
    return tif


def _check(order: Order, kind: str, tif: str, crypto: bool) -> None:
    """Refuse what Alpaca would take for something else, or refuse with less to say."""
    if order.is_post_only:
        raise OrderError("Alpaca has no post-only orders: it could take liquidity")
    if order.has_trigger_price and order.trigger_type not in (TriggerType.DEFAULT, TriggerType.NO_TRIGGER):
        raise OrderError("Alpaca chooses what triggers a stop; leave `trigger_type` at DEFAULT")
    if getattr(order, "display_qty", None) is not None:
        raise OrderError("Alpaca shows the whole of an order; leave `display_qty` out")
    if order.is_quote_quantity and kind != "market":
        raise OrderError("Alpaca takes an amount of money for market orders only")
    if _in_parts(order, crypto) and (tif != "day" or kind == "trailing_stop"):
        raise OrderError("Alpaca trades parts of shares, and amounts of money, for the DAY only and not trailing")
    client_order_id = order.client_order_id.value
    if SUFFIX in client_order_id or len(client_order_id) > CLIENT_ID_MAX - 10:
        raise OrderError(f"a client order id at Alpaca is without {SUFFIX!r} and at most {CLIENT_ID_MAX - 10} long")


def _in_parts(order: Order, crypto: bool) -> bool:
    """Tell whether an order is for a part of a share, or for an amount of money that may come to one."""
    return not crypto and (order.is_quote_quantity or bool(order.quantity.as_decimal() % 1))


def _prices(order: Order) -> Body:
    body: Body = {}
    if order.order_type == OrderType.TRAILING_STOP_MARKET:
        return _trail(order)
    if order.has_price:
        body["limit_price"] = plain(order.price.as_decimal())
    if order.has_trigger_price:
        body["stop_price"] = plain(order.trigger_price.as_decimal())
    return body


def _trail(order: Order) -> Body:
    if order.activation_price is not None or order.trigger_price is not None:
        raise OrderError("Alpaca trails from the first moment: leave `activation_price` and `trigger_price` out")
    if order.trailing_offset_type == TrailingOffsetType.PRICE:
        return {"trail_price": plain(order.trailing_offset)}
    if order.trailing_offset_type == TrailingOffsetType.BASIS_POINTS:
        return {"trail_percent": plain(order.trailing_offset / 100)}
    offset = trailing_offset_type_to_str(order.trailing_offset_type)
    raise OrderError(f"Alpaca has no trailing offset in {offset}; PRICE or BASIS_POINTS")


def list_bodies(orders: list[Order], habits: Habits) -> list[tuple[Body, list[Order]]]:
    """Return what is sent for an order list: each body with its orders, the one that it is named after first.

    A list is a bracket (an entry and its two exits), an entry and one exit (OTO), two exits of which either ends the
    other (OCO), or orders that know nothing of one another.

    Raises
    ------
    OrderError
        Alpaca has no such list.
    """
    if all(order.contingency_type == ContingencyType.NO_CONTINGENCY for order in orders):
        return [(order_body(order, habits), [order]) for order in orders]
    if any(is_crypto(order.instrument_id) for order in orders):
        raise OrderError("Alpaca has no brackets for crypto; a strategy of one's own sends single orders")
    if any(order.quantity.as_decimal() % 1 or order.is_quote_quantity for order in orders):
        raise OrderError("Alpaca's brackets are for whole shares")
    if len({order.quantity for order in orders}) > 1 or len({order.instrument_id for order in orders}) > 1:
        raise OrderError("the orders of an Alpaca bracket have one quantity and one instrument")
    bodies = [order_body(order, habits, extended_hours=False) for order in orders]
    if len({body["time_in_force"] for body in bodies}) > 1 or bodies[0]["time_in_force"] not in ("day", "gtc"):
        raise OrderError("the orders of an Alpaca bracket have one time in force, DAY or GTC")
    return [_linked(orders, bodies)]


def _linked(orders: list[Order], bodies: list[Body]) -> tuple[Body, list[Order]]:
    pairs = list(zip(orders, bodies, strict=True))
    entries = [pair for pair in pairs if pair[0].parent_order_id is None]
    target = [pair for pair in pairs if pair not in entries and pair[1]["type"] == "limit"]
    if len(entries) == len(pairs) == 2:  # two exits of what is held already
        target = [pair for pair in pairs if pair[1]["type"] == "limit"]
        entries = target
    stop = [pair for pair in pairs if pair not in entries and pair[1]["type"] in STOPS]
    exits = len(target) + len(stop) - (entries == target)
    known = len(entries) == 1 and len(target) <= 1 and len(stop) <= 1 and len(entries) + exits == len(pairs)
    if not known or not exits or not _sides_fit(entries, pairs, alone=entries == target):
        raise OrderError("Alpaca has brackets of an entry and one or two exits, and pairs of a limit and a stop")
    entry, body = entries[0]
    if entries != target and body["type"] not in ("market", "limit"):
        raise OrderError("the entry of an Alpaca bracket is a market or a limit order")
    body["order_class"] = "oco" if entries == target else "bracket" if exits == 2 else "oto"
    if target:
        body["take_profit"] = {"limit_price": target[0][1]["limit_price"]}
    if stop:
        prices = {key: stop[0][1][key] for key in ("stop_price", "limit_price") if key in stop[0][1]}
        body["stop_loss"] = prices
    return body, [entry, *(pair[0] for pair in pairs if pair[0] is not entry)]


def _sides_fit(entries: list[tuple[Order, Body]], pairs: list[tuple[Order, Body]], *, alone: bool) -> bool:
    side = entries[0][0].side
    return all((order.side == side) == (alone or order is entries[0][0]) for order, _ in pairs)


def replacement_body(order: Order, command: ModifyOrder, executed: Decimal) -> Body:
    """Return what is sent to change an order, without a name for the new order that Alpaca makes of it.

    Parameters
    ----------
    executed : Decimal
        What of it was executed.

    Raises
    ------
    OrderError
        Alpaca would not change it, or nobody could say what it would make of it.
    """
    body: Body = {}
    if order.is_quote_quantity:
        raise OrderError("Alpaca does not change orders for an amount of money; cancel and send anew")
    if order.order_type == OrderType.TRAILING_STOP_MARKET:
        raise OrderError("Alpaca trails by itself: there is no price to change; cancel and send anew")
    if command.quantity is not None and command.quantity != order.quantity:
        if executed or (command.quantity.as_decimal() % 1 or order.quantity.as_decimal() % 1):
            raise OrderError("Alpaca changes quantities of whole shares, before the first fill; cancel and send anew")
        body["qty"] = plain(command.quantity.as_decimal())
    if command.price is not None and order.has_price and command.price != order.price:
        body["limit_price"] = plain(command.price.as_decimal())
    if command.trigger_price is not None and order.has_trigger_price and command.trigger_price != order.trigger_price:
        body["stop_price"] = plain(command.trigger_price.as_decimal())
    if not body:
        raise OrderError("nothing of the order would change")
    return body
