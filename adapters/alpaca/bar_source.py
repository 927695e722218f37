"""Alpaca's past bars, as `sagetool fetch bars` asks for them."""

from adapters.alpaca.constants import ALPACA
from adapters.alpaca.history import HistoryApi, Span
from adapters.alpaca.http import AlpacaHttp
from adapters.alpaca.parsing import nanos, timeframe
from catalog.bartypes import BarRow, BarSpec
from catalog.instruments import Definition
from sagetrade_nautilus.errors import DataError


class AlpacaBars:
    """Asks for bars of stocks.

    Parameters
    ----------
    http : AlpacaHttp
        Who asks.
    """

    venue = ALPACA

    def __init__(self, http: AlpacaHttp) -> None:
        self._http = http
        self._history = HistoryApi(http)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def definition(self, symbol: str) -> Definition | None:
        """Return ``None``: a stock's is known.

        Raises
        ------
        DataError
            It is no stock.
        """
        if "/" in symbol:
            raise DataError(f"{symbol}: only stocks are fetched from Alpaca; fetch crypto from its own exchange")
        return None

    async def bars(self, symbol: str, spec: BarSpec, start_ns: int, end_ns: int) -> list[BarRow]:
        """Return the bars that open at `start_ns` or later and before `end_ns`, the oldest first.

        Raises
        ------
        AlpacaError
            Alpaca refuses, or does not answer even when asked again.
        """
        frame, _ = timeframe(spec.bar_type(f"{symbol}.{ALPACA}"))
        found = await self._history.bars(Span(symbol=symbol, start_ns=start_ns, end_ns=end_ns - 1), frame)
        return [(nanos(bar.t), bar.o, bar.h, bar.l, bar.c, bar.v) for bar in found]
