"""What Binance can be asked before a start, without a key: whether it answers, and its time."""

from typing import Final

import httpx
import msgspec

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
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                answer = await client.get(f"{self._url}/api/v3/time")
            answer.raise_for_status()
            return msgspec.json.decode(answer.content, type=_Time).serverTime * NANOS_PER_MILLISECOND
        except httpx.HTTPStatusError as error:
            raise RunError(f"{self._url}: answers {error.response.status_code}") from None
        except httpx.HTTPError as error:
            raise RunError(f"{self._url}: does not answer: {type(error).__name__}") from None
        except msgspec.MsgspecError:
            raise RunError(f"{self._url}: answers with what is no time") from None

    async def account_status(self) -> str | None:
        """Return ``None``: nothing of an account is asked here."""
        return None
