"""What an account holds: cash, and of each symbol how much at which average price."""

from decimal import Decimal
from typing import Any

from tests.support.alpaca_server import crypto

OPEN = ("new", "accepted", "partially_filled", "held", "pending_new", "pending_cancel")
Json = dict[str, Any]


class Holdings:
    """What is held. An execution of crypto costs the share `crypto_fee` of what it credits."""

    def __init__(self) -> None:
        self.cash = Decimal(100_000)
        self.orders: dict[str, Json] = {}
        self.positions: dict[str, list[Decimal]] = {}
        self.crypto_fee = crypto.TAKER_FEE

    def open_orders(self) -> list[Json]:
        return [order for order in self.orders.values() if order["status"] in OPEN]

    def _book(self, order: Json, qty: Decimal, price: Decimal) -> None:
        sign = 1 if order["side"] == "buy" else -1
        held, average = self.positions.get(order["symbol"], [Decimal(0), Decimal(0)])
        kept = 1 - self.crypto_fee if crypto.is_crypto(order["symbol"]) else 1
        self.cash -= sign * qty * price * (kept if sign < 0 else 1)
        qty *= kept if sign > 0 else 1
        total = held + sign * qty
        if held * sign >= 0:
            average = (abs(held) * average + qty * price) / abs(total)
        elif total * sign > 0:
            average = price
        self.positions[order["symbol"]] = [total, average]

    def held(self, symbol: str) -> Decimal:
        return self.positions.get(symbol, [Decimal(0)])[0]

    def available(self, symbol: str) -> Decimal:
        """What is held and backs no sale that rests."""
        sales = [order for order in self.open_orders() if order["symbol"] == symbol and order["side"] == "sell"]
        return self.held(symbol) - sum((Decimal(sale["qty"] or 0) - Decimal(sale["filled_qty"]) for sale in sales), 0)
