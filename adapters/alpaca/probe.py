"""What Alpaca can be asked before a start: its time, and whether the account is active."""

from adapters.alpaca.check import ask_account
from adapters.alpaca.constants import KEY_NAME, SECRET_NAME
from adapters.alpaca.http import AlpacaHttp
from adapters.alpaca.parsing import nanos
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.secrets import read_secret


class AlpacaProbe:
    """Asks Alpaca's trading interface, with the account's keys.

    Parameters
    ----------
    url : str
        Of paper trading, or of the account with money in it.
    """

    keys: tuple[str, ...] = (KEY_NAME, SECRET_NAME)

    def __init__(self, url: str) -> None:
        self._url = url

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

    async def account_status(self) -> str:
        """Return the account's status, 'ACTIVE' where it may trade; raises as `time_ns`."""
        return (await ask_account(read_secret(KEY_NAME), read_secret(SECRET_NAME), self._url)).status
