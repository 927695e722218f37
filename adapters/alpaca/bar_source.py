"""Alpaca's past bars, as `sagetool fetch bars` asks for them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from adapters.alpaca.constants import ALPACA, KEY_NAME, SECRET_NAME
from adapters.alpaca.history import HistoryApi, Span
from adapters.alpaca.http import AlpacaHttp, AlpacaRefusedError
from adapters.alpaca.parsing import is_pair, nanos, plain, timeframe
from adapters.alpaca.schemas import Asset, Day
from adapters.alpaca.trading import TradingApi
from catalog.bartypes import BarRow, BarSpec
from catalog.instruments import Definition
from sagetrade_nautilus.errors import ConfigError, DataError
from sagetrade_nautilus.model.sessions import Session, new_york_ns
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_MINUTE, NANOS_PER_SECOND

SETTLES_NS: Final = NANOS_PER_MINUTE
"""Trades that are reported late change a minute's bar half a minute after its end, says Alpaca."""
KEYS_REFUSED: Final = (401, 403)


class AlpacaBars:
    """Asks for bars of stocks and of crypto.

    Parameters
    ----------
    http : AlpacaHttp
        Who asks.
    """

    venue = ALPACA
    settles_ns = SETTLES_NS

    def __init__(self, http: AlpacaHttp) -> None:
        self._http = http
        self._history = HistoryApi(http)
        self._trading = TradingApi(http)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def definition(self, symbol: str) -> Definition | None:
        """Return what a pair of currencies is, by Alpaca's own increments; ``None`` for a stock, as that is known.

        Raises
        ------
        DataError
            Alpaca knows no such pair, or says of it what is not documented.
        ConfigError, AlpacaError
            As for `sessions`.
        """
        if not is_pair(symbol):
            return None
        try:
            asset = await self._trading.asset(symbol)
        except AlpacaRefusedError as error:
            raise self._explained(error) from None
        if asset is None:
            raise DataError(f"Alpaca knows no {symbol}; pairs of currencies are written BTC/USD")
        return _definition(asset)

    async def sessions(self, symbol: str, start_ns: int, end_ns: int) -> list[Session] | None:
        """Return the days of the exchange's calendar that touch a span, ``None`` for crypto, which never closes.

        Raises
        ------
        DataError
            The answer is not what is documented.
        ConfigError
            The keys are another account's.
        AlpacaError
            Alpaca refuses, or does not answer even when asked again.
        """
        if is_pair(symbol):
            return None
        first, last = (_day(ns) for ns in (start_ns - NANOS_PER_DAY, end_ns))
        try:
            found = await self._trading.calendar(first, last)
        except AlpacaRefusedError as error:
            raise self._explained(error) from None
        return sorted(_session(day) for day in found)

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

    def _explained(self, error: AlpacaRefusedError) -> Exception:
        if error.status not in KEYS_REFUSED:
            return error
        return ConfigError(
            f"Alpaca refuses the keys at {self._http.trading_url} ({error.status}); look at {KEY_NAME} and "
            f"{SECRET_NAME}, and say `--account live` if they are those of an account with money in it"
        )


def _day(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns // NANOS_PER_SECOND, UTC):%Y-%m-%d}"


def _session(day: Day) -> Session:
    try:
        moments = (day.open, day.close, day.session_open, day.session_close)
        found = Session(*(new_york_ns(day.date, moment) for moment in moments))
    except ValueError:
        raise DataError(f"Alpaca's calendar says of {day.date[:20]!r} what is not documented") from None
    if not found.first_ns <= found.opens_ns < found.closes_ns <= found.last_ns:
        raise DataError(f"Alpaca's calendar says of {day.date} hours that contradict one another")
    return found


def _definition(asset: Asset) -> Definition:
    if not (asset.price_increment and asset.min_trade_increment):
        raise DataError(f"Alpaca: {asset.symbol} comes without its increments")
    try:
        precisions = [_decimals(step) for step in (asset.price_increment, asset.min_trade_increment)]
    except ArithmeticError:
        raise DataError(f"Alpaca: {asset.symbol} comes with increments that are no amounts") from None
    return Definition(price_precision=precisions[0], size_precision=precisions[1], quote=asset.symbol.partition("/")[2])


def _decimals(step: str) -> int:
    return len(plain(Decimal(step)).partition(".")[2])
