"""Binance's bars of the past, and what a market there is: its public interface, which needs no key.

Klines as https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints documents them.
"""

from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.binance.http import URL, VENUE, BinanceHttp
from catalog.bartypes import BarRow, BarSpec
from catalog.instruments import Definition
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND

PAGE_ROWS: Final = 1_000
DIGITS_MAX: Final = 30
INTERVALS: Final = {
    "1-SECOND-LAST": "1s", "1-MINUTE-LAST": "1m", "3-MINUTE-LAST": "3m", "5-MINUTE-LAST": "5m",
    "15-MINUTE-LAST": "15m", "30-MINUTE-LAST": "30m", "1-HOUR-LAST": "1h", "2-HOUR-LAST": "2h",
    "4-HOUR-LAST": "4h", "6-HOUR-LAST": "6h", "8-HOUR-LAST": "8h", "12-HOUR-LAST": "12h", "1-DAY-LAST": "1d",
}  # fmt: skip


class _Symbol(msgspec.Struct):
    quoteAsset: str  # noqa: N815 - Binance's names
    filters: list[dict[str, Any]]


class _Info(msgspec.Struct):
    symbols: list[_Symbol]


class BinanceHistory:
    """Asks for bars.

    Parameters
    ----------
    url : str
        Binance's address.
    **options
        As `BinanceHttp` has them.

    Raises
    ------
    ConfigError
        The address is not encrypted.
    """

    venue = VENUE
    settles_ns = 0

    def __init__(self, url: str = URL, **options: Any) -> None:
        self._http = BinanceHttp(url, **options)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def definition(self, symbol: str) -> Definition:
        """Return what the market `symbol` ('BTCUSDT') is.

        Raises
        ------
        DataError
            There is no such market, or the answer is not what is documented.
        """
        raw = await self._http.get("/api/v3/exchangeInfo", {"symbol": symbol})
        try:
            market = msgspec.json.decode(raw, type=_Info).symbols[0]
            found = {entry["filterType"]: entry for entry in market.filters}
            floor = found.get("NOTIONAL") or found.get("MIN_NOTIONAL")
            return Definition(
                price_precision=_decimals(found["PRICE_FILTER"]["tickSize"]),
                size_precision=_decimals(found["LOT_SIZE"]["stepSize"]),
                quote=market.quoteAsset,
                min_notional=_amount(floor["minNotional"]) if floor else None,
            )
        except (*UNDECODABLE, LookupError, TypeError, ArithmeticError):
            raise DataError(f"{VENUE} says of {symbol} what is not documented; is it a spot market?") from None

    async def sessions(self, symbol: str, start_ns: int, end_ns: int) -> None:
        """Return ``None``: its markets never close."""

    async def bars(self, symbol: str, spec: BarSpec, start_ns: int, end_ns: int) -> list[BarRow]:
        """Return the bars that open at `start_ns` or later and before `end_ns`, the oldest first.

        Raises
        ------
        DataError
            Binance has no such bars or no such market, refuses, or does not answer even when asked again.
        """
        if spec.text not in INTERVALS:
            raise DataError(f"{VENUE} has no bars of {spec.text}; it has {', '.join(INTERVALS)}")
        rows: list[BarRow] = []
        first_ms, last_ms = start_ns // NANOS_PER_MILLISECOND, end_ns // NANOS_PER_MILLISECOND - 1
        while first_ms <= last_ms:
            asked = {"symbol": symbol, "interval": INTERVALS[spec.text], "limit": str(PAGE_ROWS)}
            raw = await self._http.get("/api/v3/klines", {**asked, "startTime": str(first_ms), "endTime": str(last_ms)})
            page = _rows(raw, symbol)
            rows += page
            if len(page) < PAGE_ROWS:
                break
            first_ms = page[-1][0] // NANOS_PER_MILLISECOND + 1
        return rows


def _rows(raw: bytes, symbol: str) -> list[BarRow]:
    try:
        page = msgspec.json.decode(raw, type=list[list[Any]])
        return [_row(*row[:6]) for row in page]
    except (*UNDECODABLE, LookupError, TypeError):
        raise DataError(f"{VENUE} answers with what are no bars of {symbol}; is its address right?") from None


def _row(open_ms: Any, first: Any, high: Any, low: Any, last: Any, volume: Any) -> BarRow:
    return int(open_ms) * NANOS_PER_MILLISECOND, float(first), float(high), float(low), float(last), float(volume)


def _amount(text: str) -> str:
    number = Decimal(text).normalize()
    if not number.is_finite() or abs(number.adjusted()) > DIGITS_MAX:
        raise ValueError(text)
    return f"{number:f}"


def _decimals(step: str) -> int:
    return max(0, -int(Decimal(step).normalize().as_tuple().exponent))
