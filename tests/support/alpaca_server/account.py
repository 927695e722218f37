"""An account at a broker that works like Alpaca: orders, brackets, executions, positions, cash."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.support.alpaca_server import crypto
from tests.support.alpaca_server.holdings import OPEN, Holdings
from tests.support.alpaca_server.refusal import RefusalError

CLOSED = ("filled", "canceled", "expired", "rejected", "replaced")
UNSET = (
    *("filled_at", "expired_at", "expires_at", "canceled_at", "failed_at", "replaced_at"),
    *("replaced_by", "replaces", "hwm", "legs"),
)
Json = dict[str, Any]
Update = Callable[[str, Json, Json], None]


def now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"


class Account(Holdings):
    """One account. `tell` hears of each event: its name, the order as it is then, and what an execution adds.

    Orders are worked against `prices` (bid and ask of each symbol): market orders at once, in `pieces` parts; the
    others when `move` takes the price to them. Whether an order that replaces another `carries` what was executed of
    it is not documented.
    """

    def __init__(self, tell: Update) -> None:
        super().__init__()
        self.tell = tell
        self.fills: list[Json] = []
        self.prices: dict[str, tuple[Decimal, Decimal]] = {
            "AAPL": (Decimal("100.00"), Decimal("100.02")),
            "MSFT": (Decimal("300.00"), Decimal("300.05")),
            "BTC/USD": (Decimal("50000.00"), Decimal("50010.00")),
        }
        self.pieces = 1
        self.carries = True
        self.market_waits = False

    # Orders

    def submit(self, body: Json) -> Json:
        name = body.get("client_order_id") or str(uuid.uuid4())
        if any(order["client_order_id"] == name for order in self.orders.values()):
            raise RefusalError(422, 40010001, "client_order_id must be unique")
        self._check(body)
        if body.get("order_class") == "oco":
            body = {**body, "limit_price": body["take_profit"]["limit_price"]}
        order = self._order(body, name)
        order["legs"] = self._legs(body, order)
        self._begin(order)
        return self.orders[order["id"]]

    def _check(self, body: Json) -> None:
        symbol = body["symbol"]
        if symbol not in self.prices:
            raise RefusalError(422, 42210000, f'asset "{symbol}" not found')
        coins = crypto.is_crypto(symbol)
        qty = Decimal(body["qty"]) if body.get("qty") else None
        if coins:
            crypto.refuse_strange(body)
        fractional = body.get("notional") or (qty is not None and qty % 1)
        if not coins and fractional and body["time_in_force"] != "day":
            raise RefusalError(422, 42210000, "fractional orders must be DAY orders")
        if body.get("extended_hours") and (body["type"], body["time_in_force"]) != ("limit", "day"):
            raise RefusalError(422, 42210000, "extended hours order must be DAY limit orders")
        worth = Decimal(body["notional"]) if body.get("notional") else (qty or 0) * self.prices[symbol][1]
        if body["side"] == "buy" and worth > self.cash * (1 if coins else 2):
            raise RefusalError(403, 40310000, "insufficient buying power")
        if coins and body["side"] == "sell":
            crypto.refuse_uncovered(
                symbol, worth / self.prices[symbol][0] if qty is None else qty, self.available(symbol)
            )

    def _order(self, body: Json, name: str, status: str = "accepted") -> Json:
        moment = now()
        order = dict.fromkeys(UNSET)
        order |= {
            "id": str(uuid.uuid4()),
            "client_order_id": name,
            "created_at": moment,
            "updated_at": moment,
            "submitted_at": moment,
            "asset_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, body["symbol"])),
            "symbol": body["symbol"],
            "asset_class": "crypto" if crypto.is_crypto(body["symbol"]) else "us_equity",
            "notional": body.get("notional"),
            "qty": body.get("qty"),
            "filled_qty": "0",
            "filled_avg_price": None,
            "order_class": body.get("order_class", "simple"),
            "order_type": body["type"],
            "type": body["type"],
            "side": body["side"],
            "time_in_force": body["time_in_force"],
            "limit_price": body.get("limit_price"),
            "stop_price": body.get("stop_price"),
            "trail_price": body.get("trail_price"),
            "trail_percent": body.get("trail_percent"),
            "status": status,
            "extended_hours": body.get("extended_hours", False),
            "position_intent": None,
        }
        self.orders[order["id"]] = order
        return order

    def _legs(self, body: Json, parent: Json) -> list[Json] | None:
        if parent["order_class"] not in ("bracket", "oto", "oco"):
            return None
        side = parent["side"] if parent["order_class"] == "oco" else _other(parent["side"])
        legs = []
        common = {"symbol": body["symbol"], "qty": body["qty"], "side": side, "time_in_force": body["time_in_force"]}
        common["order_class"] = parent["order_class"]
        take, stop = body.get("take_profit"), body.get("stop_loss")
        if take and parent["order_class"] != "oco":
            legs.append(common | {"type": "limit", "limit_price": take["limit_price"]})
        if stop:
            kind = "stop_limit" if stop.get("limit_price") else "stop"
            legs.append(
                common | {"type": kind, "stop_price": stop["stop_price"], "limit_price": stop.get("limit_price")}
            )
        return [self._order(leg, str(uuid.uuid4()), "held") for leg in legs]

    def _begin(self, order: Json) -> None:
        order["status"] = "new"
        self._say("new", order)
        self._match(order)

    def replace(self, order_id: str, body: Json) -> Json:
        old = self._known(order_id)
        name = body.get("client_order_id") or str(uuid.uuid4())
        if any(order["client_order_id"] == name for order in self.orders.values()):
            raise RefusalError(422, 40010001, "client_order_id must be unique")
        if old["status"] not in ("new", "partially_filled", "held"):
            raise RefusalError(422, 42210000, f'order in "{old["status"]}" status cannot be replaced')
        if old["notional"] or (body.get("qty") and (Decimal(body["qty"]) % 1 or Decimal(old["qty"]) % 1)):
            raise RefusalError(422, 42210000, "fractional or notional orders cannot be replaced")
        held = old["status"]
        order = self._order({**old, **{key: value for key, value in body.items() if key != "trail"}}, name)
        if body.get("trail"):
            order["trail_price" if old["trail_price"] else "trail_percent"] = body["trail"]
        order.update(replaces=old["id"], legs=old["legs"])
        if self.carries:
            order.update(filled_qty=old["filled_qty"], filled_avg_price=old["filled_avg_price"])
        else:
            order["qty"] = f"{Decimal(order['qty']) - Decimal(old['filled_qty'])}"
        old.update(status="replaced", replaced_by=order["id"], replaced_at=now())
        for parent in self.orders.values():
            legs = parent["legs"] or []
            parent["legs"] = [order if leg is old else leg for leg in legs] or None
        self._say("replaced", old)
        order["status"] = held
        if held != "held":
            self._say("new", order)
            self._match(order)
        return order

    def cancel(self, order_id: str) -> None:
        order = self._known(order_id)
        if order["status"] not in OPEN:
            raise RefusalError(422, 42210000, f'order is already in "{order["status"]}" state')
        self._end(order, "canceled")

    def _end(self, order: Json, how: str) -> None:
        order.update(status=how, updated_at=now())
        order[f"{how}_at"] = now()
        self._say(how, order)
        for leg in order["legs"] or []:
            if leg["status"] in OPEN:
                self._end(leg, "canceled")

    def expire(self, order_id: str) -> None:
        self._end(self._known(order_id), "expired")

    def _known(self, order_id: str) -> Json:
        if order_id not in self.orders:
            raise RefusalError(404, 40410000, f"order not found for {order_id}")
        return self.orders[order_id]

    def of_client(self, name: str) -> Json:
        for order in self.orders.values():
            if order["client_order_id"] == name:
                return order
        raise RefusalError(404, 40410000, f"order not found for {name}")

    # The market

    def move(self, symbol: str, bid: str, ask: str) -> None:
        """Take the price somewhere; what it reaches is filled."""
        self.prices[symbol] = Decimal(bid), Decimal(ask)
        for order in list(self.orders.values()):
            if order["symbol"] == symbol and order["status"] in ("new", "partially_filled"):
                self._match(order)

    def _match(self, order: Json) -> None:
        bid, ask = self.prices[order["symbol"]]
        buys = order["side"] == "buy"
        touch = ask if buys else bid
        limit, stop = (Decimal(order[key]) if order[key] else None for key in ("limit_price", "stop_price"))
        if order["type"] == "market" and self.market_waits:
            return
        if order["type"] in ("stop", "stop_limit") and stop is not None and (touch < stop if buys else touch > stop):
            return
        if order["type"] == "trailing_stop":
            return
        if limit is not None and (touch > limit if buys else touch < limit):
            if order["time_in_force"] in ("ioc", "fok"):
                self._end(order, "canceled")
            return
        whole = self._whole(order, touch) - Decimal(order["filled_qty"])
        for piece in range(self.pieces, 0, -1):
            part = whole if piece == 1 else (whole / piece).quantize(Decimal(1) if whole % 1 == 0 else Decimal("1e-9"))
            whole -= part
            if part:
                self.fill(order["id"], part, touch)

    def _whole(self, order: Json, price: Decimal) -> Decimal:
        if order["qty"]:
            return Decimal(order["qty"])
        return (Decimal(order["notional"]) / price).quantize(Decimal("1e-9"))

    def fill(self, order_id: str, qty: Decimal | str, price: Decimal | str) -> None:
        """Execute a part of an order."""
        order = self._known(order_id)
        qty, price = Decimal(qty), Decimal(price)
        before, done = Decimal(order["filled_qty"]), Decimal(order["filled_qty"]) + qty
        whole = self._whole(order, price)
        assert done <= whole, "the exchange would fill more than was asked"
        average = (Decimal(order["filled_avg_price"] or 0) * before + price * qty) / done
        closed = done == whole
        moment = now()
        order.update(filled_qty=str(done), filled_avg_price=f"{average:.9f}", updated_at=moment)
        order["status"] = "filled" if closed else "partially_filled"
        order["filled_at"] = moment if closed else None
        self._book(order, qty, price)
        execution = str(uuid.uuid4())
        event = "fill" if closed else "partial_fill"
        self.fills.append(
            {
                "id": f"{moment.translate(str.maketrans('', '', '-:.TZ'))[:17]}::{execution}",
                "account_id": "e6fe16f3-64a4-4921-8928-cadf02f92f98",
                "activity_type": "FILL",
                "transaction_time": moment,
                "type": event,
                "price": str(price),
                "qty": str(qty),
                "side": order["side"],
                "symbol": order["symbol"],
                "leaves_qty": str(whole - done),
                "order_id": order["id"],
                "cum_qty": str(done),
                "order_status": order["status"],
            }
        )
        extra = {"execution_id": execution, "price": str(price), "qty": str(qty), "timestamp": moment}
        self._say(event, order, extra | {"position_qty": str(self.held(order["symbol"]))})
        if closed:
            self._after(order)

    def _after(self, order: Json) -> None:
        """A filled entry wakes its exits; a filled exit ends the other."""
        for leg in order["legs"] or []:
            if leg["status"] == "held" and order["order_class"] != "oco":
                self._begin(leg)
            elif leg["status"] in OPEN:
                self._end(leg, "canceled")
        for parent in self.orders.values():
            legs = parent["legs"] or []
            if order in legs:
                for other in [parent, *legs]:
                    if other is not order and other["status"] in OPEN:
                        self._end(other, "canceled")

    def _say(self, event: str, order: Json, extra: Json | None = None) -> None:
        self.tell(event, _copy(order), extra or {"timestamp": now()})


def _copy(order: Json) -> Json:
    legs = order["legs"]
    return {**order, "legs": None if legs is None else [_copy(leg) for leg in legs]}


def _other(side: str) -> str:
    return "sell" if side == "buy" else "buy"
