"""A stock and pairs of coins, one of which is traded by the million, as Alpaca lists them and as instruments."""

from nautilus_trader.model.identifiers import AccountId

from adapters.alpaca import parsing, schemas

STOCK = schemas.Asset("x", "us_equity", "AAPL", "active", True, fractionable=True)
COIN = schemas.Asset(
    *("x", "crypto", "BTC/USD", "active", True),
    min_order_size="0.0000265",
    min_trade_increment="0.000000001",
    price_increment="0.2500",
)
MANY = schemas.Asset(
    *("x", "crypto", "SHIB/USD", "active", True),
    min_order_size="100",
    min_trade_increment="0.000000001",
    price_increment="0.000000001",
)
AAPL = parsing.instrument(STOCK, fractional=False, ts=1)
PARTS = parsing.instrument(STOCK, fractional=True, ts=1)
BTC = parsing.instrument(COIN, fractional=False, ts=1)
SHIB = parsing.instrument(MANY, fractional=False, ts=1)
ACCOUNT = AccountId("ALPACA-1")
