"""Shares that are traded in parts, which Nautilus's own `Equity` cannot be."""

from decimal import Decimal
from typing import Any

from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AssetClass, InstrumentClass
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import Equity, Instrument
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.serialization.base import register_serializable_type

SHARE_PRECISION = 9
"""Decimals of a quantity of shares at Alpaca."""


class FractionalEquity(Equity):
    """A stock in US dollars whose quantities have nine decimals.

    Parameters
    ----------
    instrument_id : InstrumentId
        As AAPL.ALPACA.
    ts : int
        When it was looked up, UNIX nanoseconds.
    """

    def __init__(self, instrument_id: InstrumentId, ts: int = 0) -> None:
        Instrument.__init__(  # Equity's own would set whole shares
            self,
            instrument_id=instrument_id,
            raw_symbol=instrument_id.symbol,
            asset_class=AssetClass.EQUITY,
            instrument_class=InstrumentClass.SPOT,
            quote_currency=USD,
            is_inverse=False,
            price_precision=2,
            size_precision=SHARE_PRECISION,
            price_increment=Price.from_str("0.01"),
            size_increment=Quantity(Decimal(1).scaleb(-SHARE_PRECISION), SHARE_PRECISION),
            multiplier=Quantity.from_int(1),
            lot_size=None,
            max_quantity=None,
            min_quantity=None,
            max_notional=None,
            min_notional=None,
            max_price=None,
            min_price=None,
            margin_init=Decimal(0),
            margin_maint=Decimal(0),
            maker_fee=Decimal(0),
            taker_fee=Decimal(0),
            ts_event=ts,
            ts_init=ts,
        )


def _to_dict(stock: FractionalEquity) -> dict[str, Any]:
    return {"type": "FractionalEquity", "id": stock.id.value, "ts": stock.ts_init}


def _from_dict(values: dict[str, Any]) -> FractionalEquity:
    return FractionalEquity(InstrumentId.from_str(values["id"]), values["ts"])


register_serializable_type(FractionalEquity, _to_dict, _from_dict)
