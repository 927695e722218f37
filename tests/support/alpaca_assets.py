"""A stock and a pair of coins, as Alpaca lists them and as instruments."""

from nautilus_trader.model.identifiers import AccountId

from adapters.alpaca import parsing, schemas

STOCK = schemas.Asset("x", "us_equity", "AAPL", "active", True, fractionable=True)
COIN = schemas.Asset(
    *("x", "crypto", "BTC/USD", "active", True),
    min_order_size="0.0000265",
    min_trade_increment="0.000000001",
    price_increment="0.2500",
)
AAPL = parsing.instrument(STOCK, fractional=False, ts=1)
PARTS = parsing.instrument(STOCK, fractional=True, ts=1)
BTC = parsing.instrument(COIN, fractional=False, ts=1)
ACCOUNT = AccountId("ALPACA-1")
