"""What Binance can be asked before a start, without a key: its time, and when a symbol was last traded."""

from typing import Final

import httpx
import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError, RunError

URL: Final = "https://api.binance.com"
TIMEOUT_S: Final = 5.0
NANOS_PER_MILLISECOND: Final = 1_000_000


def checked_url(url: str) -> str:
    """Return an address of Binance's that may be used.

    Raises
    ------
    ConfigError
        It is neither encrypted nor on this machine.
    """
    if not url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise ConfigError(f"{url!r}: Binance's address begins with https://")
    return url.rstrip("/")


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

    Raises
    ------
    ConfigError
        The address is none.
    """

    keys: tuple[str, ...] = ()

    def __init__(self, url: str = URL) -> None:
        self._url = checked_url(url)

    async def time_ns(self) -> int:
        """Return the venue's time, UNIX nanoseconds.

        Raises
        ------
        RunError
            It does not answer, or with something else.
        """
        return (await self._ask("/api/v3/time", {}, _Time)).serverTime * NANOS_PER_MILLISECOND

    async def newest_ns(self, symbol: str) -> int | None:
        """Return when `symbol` was last traded, UNIX nanoseconds; raises as `time_ns`."""
        found = await self._ask("/api/v3/trades", {"symbol": symbol, "limit": "1"}, list[_Trade])
        return found[-1].time * NANOS_PER_MILLISECOND if found else 0

    async def _ask[Answer](self, path: str, params: dict[str, str], kind: type[Answer]) -> Answer:
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                answer = await client.get(f"{self._url}{path}", params=params)
            answer.raise_for_status()
            return msgspec.json.decode(answer.content, type=kind)
        except httpx.HTTPStatusError as error:
            raise RunError(f"{self._url}: answers {error.response.status_code}") from None
        except httpx.HTTPError as error:
            raise RunError(f"{self._url}: does not answer ({type(error).__name__}); is there a network?") from None
        except UNDECODABLE:
            raise RunError(f"{self._url}: answers {path} with what is no answer to it") from None

    async def account_status(self) -> str | None:
        """Return ``None``: nothing of an account is asked here."""
        return None
