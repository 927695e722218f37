"""What is different of crypto at Alpaca: which orders there are, what backs a sale, what a fee is taken of.

https://docs.alpaca.markets/docs/crypto-trading, https://docs.alpaca.markets/docs/crypto-fees
"""

from decimal import Decimal
from typing import Any

from tests.support.alpaca_server.refusal import RefusalError

TYPES = ("market", "limit", "stop_limit")
TIMES = ("gtc", "ioc")
LEAST = Decimal("0.00002")
TAKER_FEE = Decimal("0.0025")
"""Of what an execution credits: coins of a purchase, money of a sale."""


def is_crypto(symbol: str) -> bool:
    return "/" in symbol


def refuse_strange(body: dict[str, Any]) -> None:
    """Refuse an order of a class, a type or a time in force that crypto has not."""
    if body.get("order_class", "simple") != "simple" or body["time_in_force"] not in TIMES:
        raise RefusalError(422, 42210000, "invalid crypto time_in_force or order_class")
    if body["type"] not in TYPES:
        raise RefusalError(422, 40010001, "invalid order type for crypto order")
    if body.get("qty") and Decimal(body["qty"]) < LEAST:
        raise RefusalError(403, 40310000, f"minimal qty of order {LEAST}")


def refuse_uncovered(symbol: str, qty: Decimal, available: Decimal) -> None:
    """Refuse a sale of more coins than are there and back no sale that rests: nobody sells short."""
    if qty > available:
        coin = symbol.partition("/")[0]
        raise RefusalError(403, 40310000, f"insufficient balance for {coin} (requested: {qty}, available: {available})")
