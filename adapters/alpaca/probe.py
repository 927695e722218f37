"""What Alpaca can be asked before a start: its time, how fresh its prices are, and whether the account may trade."""

from adapters.alpaca.check import ask_account, check_may_trade
from adapters.alpaca.constants import DATA_URL, KEY_NAME, SECRET_NAME
from adapters.alpaca.history import HistoryApi, Span
from adapters.alpaca.http import AlpacaHttp
from adapters.alpaca.parsing import is_pair, nanos
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.nanos import NANOS_PER_HOUR, NANOS_PER_MINUTE
from sagetrade_nautilus.secrets import read_secret


class AlpacaProbe:
    """Asks Alpaca's trading interface, with the account's keys.

    Parameters
    ----------
    url : str
        Of paper trading, or of the account with money in it.
    data_url : str
        Of market data.
    """

    keys: tuple[str, ...] = (KEY_NAME, SECRET_NAME)

    def __init__(self, url: str, data_url: str = DATA_URL) -> None:
        self._url = url
        self._data_url = data_url

    async def time_ns(self) -> int:
        """Return the broker's time, UNIX nanoseconds.

        Raises
        ------
        ConfigError
            A key is not set.
        AlpacaError
            Alpaca refuses, or does not answer.
        """
        async with AlpacaHttp(read_secret(KEY_NAME), read_secret(SECRET_NAME), self._url) as http:
            return nanos((await TradingApi(http).clock()).timestamp)

    async def newest_ns(self, symbol: str) -> int | None:
        """Return when the last minute of `symbol` with a trade ended, UNIX nanoseconds; 0 if none did within an hour.

        ``None`` where the stock market is closed. Raises as `time_ns`.
        """
        keys = read_secret(KEY_NAME), read_secret(SECRET_NAME)
        async with AlpacaHttp(*keys, self._url, self._data_url) as http:
            clock = await TradingApi(http).clock()
            if not is_pair(symbol) and not clock.is_open:
                return None
            now = nanos(clock.timestamp)
            found = await HistoryApi(http).bars(Span(symbol=symbol, start_ns=now - NANOS_PER_HOUR, end_ns=now), "1Min")
        return nanos(found[-1].t) + NANOS_PER_MINUTE if found else 0

    async def account_status(self) -> str:
        """Return the account's status, 'ACTIVE'; raises as `time_ns`, and a `ConfigError` where it may not trade."""
        account = await ask_account(read_secret(KEY_NAME), read_secret(SECRET_NAME), self._url)
        check_may_trade(account)
        return account.status
