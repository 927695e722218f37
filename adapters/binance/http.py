"""Binance's public interface: one request, asked again where that may help, and no faster than Binance allows."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, Self

import httpx

from adapters.common.addresses import is_safe
from adapters.common.headers import retry_after_s
from adapters.common.retry import NotProcessedError, TransientError, retry
from sagetrade_nautilus.errors import ConfigError, DataError

VENUE: Final = "BINANCE"
URL: Final = "https://api.binance.com"
TIMEOUT_S: Final = 20.0
WEIGHT_HEADER: Final = "x-mbx-used-weight-1m"
WEIGHT_MAX: Final = 4_000
"""Of the 6,000 that an address may use in a minute; the rest is left to whoever trades from here."""
MINUTE_S: Final = 60.0


def checked_url(url: str) -> str:
    """Return an address of Binance's that may be used.

    Raises
    ------
    ConfigError
        It is neither encrypted nor on this machine.
    """
    if not is_safe(url):
        raise ConfigError(f"{url!r}: Binance's address begins with https://")
    return url.rstrip("/")


class BinanceHttp:
    """Asks Binance.

    Parameters
    ----------
    url : str
        Its address.
    timeout_s : float
        How long it may be silent, in seconds.
    max_attempts : int
        Tries in all.
    backoff_seconds : float
        The first wait before a request is repeated.
    sleep, now_s : callable
        Wait for some seconds, and tell the time in UNIX seconds; for tests.
    transport : httpx.AsyncBaseTransport, optional
        What carries requests; for tests.

    Raises
    ------
    ConfigError
        The address is not encrypted.
    """

    def __init__(
        self,
        url: str = URL,
        *,
        timeout_s: float = TIMEOUT_S,
        max_attempts: int = 5,
        backoff_seconds: float = 2.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now_s: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(base_url=checked_url(url), timeout=timeout_s, transport=transport)
        self._again = retry(max_attempts=max_attempts, backoff_seconds=backoff_seconds)(self._get_once)
        self._sleep = sleep
        self._now_s = now_s

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def get(self, path: str, params: Mapping[str, str]) -> bytes:
        """Return what Binance answers.

        Raises
        ------
        DataError
            It refuses.
        TransientError
            It does not answer, or has had enough of us, even when asked again.
        """
        return await self._again(path, params)

    async def _get_once(self, path: str, params: Mapping[str, str]) -> bytes:
        try:
            answer = await self._client.get(path, params=dict(params))
        except httpx.HTTPError as error:
            raise TransientError(
                f"{VENUE} does not answer ({type(error).__name__}); is there a network to reach it by?"
            ) from None
        status = answer.status_code
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.IM_A_TEAPOT):  # 418: banned for having gone on
            wait_s = retry_after_s(answer.headers, self._now_s())
            raise NotProcessedError(f"{VENUE} has had enough of us ({status}); wait, and ask for less at once", wait_s)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TransientError(f"{VENUE} answers {status}; try again later")
        if status != HTTPStatus.OK:
            what = f"{path} of {params['symbol']}" if "symbol" in params else path
            raise DataError(f"{VENUE} refuses {what} ({status}): {answer.text[:200]}")
        if int(answer.headers.get(WEIGHT_HEADER, "0")) > WEIGHT_MAX:
            await self._sleep(MINUTE_S - self._now_s() % MINUTE_S)  # the count begins anew with the minute
        return answer.content
