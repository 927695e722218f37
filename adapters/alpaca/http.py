"""Alpaca's REST interface: one request, bounded in time and size, and what became of it.

No Nautilus here. What matters of a failure is whether the request had an effect; so each kind has its own error.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Generator, Mapping
from http import HTTPStatus
from typing import Any, Final, Self

import httpx
import msgspec

from adapters.alpaca.constants import DATA_URL, PAPER_URL, checked_url
from adapters.common.headers import pause_s, retry_after_s
from adapters.common.retry import WAIT_S_MAX, NotProcessedError, TransientError, retry
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import DataError, SageTradeError
from sagetrade_nautilus.secrets import MASK, Secret

TIMEOUT_S: Final = 10.0
ANSWER_BYTES_MAX: Final = 32_000_000
REASON_CHARS_MAX: Final = 200
ORDER_PATIENCE_S: Final = 5.0
"""The longest wait that an order is put up with: later it would meet another market than it was made for."""
Params = Mapping[str, str | int]

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it logs whole addresses


class AlpacaError(SageTradeError):
    """Alpaca did not do what it was asked to. Subclasses say whether it may have all the same."""


class AlpacaRefusedError(AlpacaError):
    """Alpaca understood and said no: there was no effect.

    Parameters
    ----------
    status : int
        The HTTP status, 4xx.
    reason : str
        Alpaca's own words, without our keys, shortened.
    """

    def __init__(self, what: str, status: int, reason: str = "") -> None:
        super().__init__(f"{what}: answered {status}" + (f": {reason}" if reason else ""))
        self.status = status
        self.reason = reason or f"answered {status}"


class AlpacaBusyError(AlpacaError, NotProcessedError):
    """Too many requests (429), or nobody could be reached: the request had no effect."""


class AlpacaSilentError(AlpacaError, TransientError):
    """No whole answer, or an error on their side (5xx, 408): nobody knows whether the request had an effect."""


class AlpacaUnwantedError(AlpacaError):
    """Nobody wants it any more: it was not sent (again)."""


class AlpacaNonsenseError(AlpacaError):
    """The answer says yes and is not what is documented: the request had an effect, and nobody knows which."""


TROUBLE: Final = (AlpacaError, DataError, ValueError, ArithmeticError)
"""What an answer of Alpaca's may end in: it does not come, or holds what it should not."""


class _Keys(httpx.Auth):
    """Puts the keys on each request, and nowhere else."""

    def __init__(self, key: Secret, secret: Secret) -> None:
        self._key = key
        self._secret = secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["APCA-API-KEY-ID"] = self._key.reveal()
        request.headers["APCA-API-SECRET-KEY"] = self._secret.reveal()
        yield request

    def masked(self, text: str) -> str:
        for secret in (self._key, self._secret):
            text = text.replace(secret.reveal(), MASK)
        return text


class AlpacaHttp:
    """Asks Alpaca.

    Parameters
    ----------
    key, secret : Secret
        The account's API key.
    trading_url, data_url : str
        Alpaca's addresses, or a server on this machine.
    timeout_s : float
        Seconds for a request and the whole of its answer.
    backoff_seconds : float
        The first wait before a request is repeated.

    Raises
    ------
    ConfigError
        An address is neither encrypted nor on this machine.
    """

    def __init__(
        self,
        key: Secret,
        secret: Secret,
        trading_url: str = PAPER_URL,
        data_url: str = DATA_URL,
        *,
        timeout_s: float = TIMEOUT_S,
        backoff_seconds: float = 2.0,
    ) -> None:
        self.trading_url = checked_url(trading_url)
        self.data_url = checked_url(data_url)
        self._timeout_s = timeout_s
        self._keys = _Keys(key, secret)
        self._client = httpx.AsyncClient(auth=self._keys, timeout=timeout_s, follow_redirects=False)
        self._quiet_until_s = 0.0
        self._repeatable = retry(max_attempts=3, backoff_seconds=backoff_seconds)(self._send)
        self._unrepeatable = retry(
            max_attempts=3, backoff_seconds=backoff_seconds, on=NotProcessedError, patience_seconds=ORDER_PATIENCE_S
        )(self._send)

    async def ask[Answer](
        self,
        method: str,
        path: str,
        kind: type[Answer],
        *,
        params: Params | None = None,
        body: Mapping[str, Any] | None = None,
        data: bool = False,
        repeatable: bool = True,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Return the answer as a `kind`, after at most three tries.

        Parameters
        ----------
        data : bool
            Whether the market data interface is asked instead of the trading interface.
        repeatable : bool
            Whether asking twice does no more than asking once. What is not repeatable is asked again only if it
            surely had no effect, and within `ORDER_PATIENCE_S`.
        wanted : callable
            Asked before each try whether it is still to be sent.

        Raises
        ------
        AlpacaError
            Of the kind that says whether the request had an effect.
        """
        send = self._repeatable if repeatable else self._unrepeatable
        raw = await send(method, (self.data_url if data else self.trading_url) + path, params, body, wanted)
        try:
            return msgspec.json.decode(raw or b"null", type=kind)
        except UNDECODABLE:
            raise AlpacaNonsenseError(f"Alpaca: {method} {path}: the answer makes no sense") from None

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def _send(
        self,
        method: str,
        url: str,
        params: Params | None,
        body: Mapping[str, Any] | None,
        wanted: Callable[[], bool],
    ) -> bytes:
        what = f"Alpaca: {method} {httpx.URL(url).path}"
        if not wanted():
            raise AlpacaUnwantedError(f"{what}: not sent: it was cancelled before it could be")
        if method == "GET":  # an order or a cancel is never held back
            await asyncio.sleep(max(0.0, self._quiet_until_s - time.monotonic()))
        try:
            async with asyncio.timeout(self._timeout_s):
                async with self._client.stream(method, url, params=params, json=body) as response:
                    raw = await _whole(response, what)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise AlpacaBusyError(f"{what}: cannot be reached ({type(error).__name__})") from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise AlpacaSilentError(f"{what}: no whole answer ({type(error).__name__})") from None
        self._note(response.headers)
        return self._checked(what, response, raw)

    def _note(self, headers: Mapping[str, str]) -> None:
        pause = min(pause_s(headers, time.time()), WAIT_S_MAX)
        if pause:
            self._quiet_until_s = time.monotonic() + pause

    def _checked(self, what: str, response: httpx.Response, raw: bytes) -> bytes:
        if response.is_success:
            return raw
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise AlpacaBusyError(f"{what}: answered {status}", retry_after_s(response.headers, time.time()))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            only = {"retry-after": response.headers.get("retry-after", "")}  # the window of requests has nothing to do
            raise AlpacaSilentError(f"{what}: answered {status}", retry_after_s(only, time.time()))
        raise AlpacaRefusedError(what, status, self._keys.masked(_reason(raw)))


class _Refusal(msgspec.Struct):
    message: str = ""


def _reason(raw: bytes) -> str:
    """Return why Alpaca refused, in characters that can be shown."""
    try:
        message = msgspec.json.decode(raw, type=_Refusal).message
    except UNDECODABLE:
        return ""
    return "".join(c for c in message if c.isprintable())[:REASON_CHARS_MAX]


async def _whole(response: httpx.Response, what: str) -> bytes:
    parts, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > ANSWER_BYTES_MAX:
            raise AlpacaSilentError(f"{what}: the answer does not end")
        parts.append(chunk)
    return b"".join(parts)
