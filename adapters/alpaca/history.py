"""Alpaca's market data of the past: pages of bars, trades and quotes, joined to one list."""

from typing import Final, Literal

import msgspec

from adapters.alpaca import schemas
from adapters.alpaca.constants import PAGE_ROWS, StockFeed
from adapters.alpaca.http import AlpacaHttp
from adapters.alpaca.parsing import is_pair, rfc3339

STOCKS_PATH: Final = "/v2/stocks"
CRYPTO_PATH: Final = "/v1beta3/crypto/us"
Kind = Literal["bars", "trades", "quotes"]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """What of a symbol's past is asked for.

    Parameters
    ----------
    symbol : str
        'AAPL', or 'BTC/USD' for crypto.
    start_ns, end_ns : int, optional
        UNIX nanoseconds, both included. Alpaca itself begins with the present day, and ends now.
    limit : int
        The most rows, 0 for all. The latest are taken, as Nautilus asks for them.
    """

    symbol: str
    start_ns: int | None = None
    end_ns: int | None = None
    limit: int = 0


class HistoryApi:
    """What can be asked of the past. Every call raises an `AlpacaError`.

    Parameters
    ----------
    http : AlpacaHttp
        Who asks.
    feed : StockFeed
        Where prices of stocks come from.
    adjustment : str
        Whether bars of stocks are corrected for splits and dividends: 'raw', 'split', 'dividend' or 'all'.
    """

    def __init__(self, http: AlpacaHttp, feed: StockFeed = StockFeed.IEX, adjustment: str = "raw") -> None:
        self._http = http
        self._feed = feed
        self._adjustment = adjustment

    async def bars(self, span: Span, timeframe: str) -> list[schemas.Bar]:
        """Return bars of a `timeframe` ('5Min') that open within the span, the oldest first."""
        params = {"timeframe": timeframe} | ({} if is_pair(span.symbol) else {"adjustment": self._adjustment})
        rows: list[schemas.Bar] = await self._rows("bars", span, params)
        return rows

    async def trades(self, span: Span) -> list[schemas.Trade]:
        """Return the trades within the span, the oldest first."""
        rows: list[schemas.Trade] = await self._rows("trades", span, {})
        return rows

    async def quotes(self, span: Span) -> list[schemas.Quote]:
        """Return the quotes within the span, the oldest first."""
        rows: list[schemas.Quote] = await self._rows("quotes", span, {})
        return rows

    async def _rows(self, kind: Kind, span: Span, params: dict[str, str]) -> list:  # type: ignore[type-arg]
        crypto = is_pair(span.symbol)
        path = f"{CRYPTO_PATH if crypto else STOCKS_PATH}/{kind}"
        asked: dict[str, str | int] = {**params, "symbols": span.symbol, "limit": _page_rows(span.limit)}
        asked["sort"] = "desc" if span.limit else "asc"
        if not crypto:
            asked["feed"] = self._feed.value
        if span.start_ns is not None:
            asked["start"] = rfc3339(span.start_ns)
        if span.end_ns is not None:
            asked["end"] = rfc3339(span.end_ns)
        found: list = []  # type: ignore[type-arg]
        while True:
            page = await self._http.ask("GET", path, schemas.Page, params=asked, data=True)
            found += (getattr(page, kind) or {}).get(span.symbol, [])
            if not page.next_page_token or (span.limit and len(found) >= span.limit):
                break
            asked["page_token"] = page.next_page_token
        return found[: span.limit][::-1] if span.limit else found


def _page_rows(limit: int) -> int:
    return min(limit, PAGE_ROWS) if limit else PAGE_ROWS
