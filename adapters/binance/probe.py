"""What Binance can be asked before a start, without a key: its time, and when a symbol was last traded."""

from typing import Final

import msgspec

from adapters.binance.http import URL, VENUE, BinanceHttp, checked_url
from adapters.common.retry import TransientError
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import DataError, RunError
from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND

TIMEOUT_S: Final = 5.0
MAX_ATTEMPTS: Final = 3


class _Time(msgspec.Struct):
    serverTime: int  # noqa: N815 - Binance's name


class _Trade(msgspec.Struct):
    time: int


class BinanceProbe:
    """Asks Binance's public interface.

    Parameters
    ----------
    url : str
        Its address.
    backoff_seconds : float
        The first wait before a request is repeated.

    Raises
    ------
    ConfigError
        The address is none.
    """

    keys: tuple[str, ...] = ()

    def __init__(self, url: str = URL, backoff_seconds: float = 0.5) -> None:
        self._url = checked_url(url)
        self._backoff_seconds = backoff_seconds

    async def time_ns(self) -> int:
        """Return the venue's time, UNIX nanoseconds.

        Raises
        ------
        RunError
            It does not answer even when asked again, refuses, or answers with something else.
        """
        return (await self._ask("/api/v3/time", {}, _Time)).serverTime * NANOS_PER_MILLISECOND

    async def newest_ns(self, symbol: str) -> int | None:
        """Return when `symbol` was last traded, UNIX nanoseconds; raises as `time_ns`."""
        found = await self._ask("/api/v3/trades", {"symbol": symbol, "limit": "1"}, list[_Trade])
        return found[-1].time * NANOS_PER_MILLISECOND if found else 0

    async def _ask[Answer](self, path: str, params: dict[str, str], kind: type[Answer]) -> Answer:
        asking = BinanceHttp(
            self._url, timeout_s=TIMEOUT_S, max_attempts=MAX_ATTEMPTS, backoff_seconds=self._backoff_seconds
        )
        try:
            async with asking as http:
                return msgspec.json.decode(await http.get(path, params), type=kind)
        except (DataError, TransientError) as error:
            raise RunError(f"{self._url}: {error}") from None
        except UNDECODABLE:
            raise RunError(f"{self._url}: {VENUE} answers {path} with what is no answer to it") from None

    async def account_status(self) -> str | None:
        """Return ``None``: nothing of an account is asked here."""
        return None
