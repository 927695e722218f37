"""Alpaca's own switch: suspends trading of the whole account at the broker, whatever runs here.

The account's `suspend_trade` setting (https://docs.alpaca.markets/reference/patchaccountconfig-1) refuses new orders.
Orders that rest stay, so stops go on protecting; `cancel_all` takes them away as well.
"""

import time
from collections.abc import Generator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import stamina

from sagetrade_nautilus.errors import ConfigError, KillSwitchError
from sagetrade_nautilus.secrets import Secret

PAPER_URL = "https://paper-api.alpaca.markets"
LIVE_URL = "https://api.alpaca.markets"
KEY_NAME, SECRET_NAME = "APCA_API_KEY_ID", "APCA_API_SECRET_KEY"
CONFIGURATION = "/v2/account/configurations"
ORDERS = "/v2/orders"
TIMEOUT_S = 5.0
ATTEMPTS = 3
WAIT_S_MAX = 60.0
ANSWER_BYTES_MAX = 4_000_000
LOCAL = ("localhost", "127.0.0.1", "::1")


class _Configuration(msgspec.Struct):
    suspend_trade: bool


class _Cancel(msgspec.Struct):
    id: str
    status: int


class _Order(msgspec.Struct):
    id: str


class _Keys(httpx.Auth):
    """Puts the keys on each request, and nowhere else."""

    def __init__(self, key: Secret, secret: Secret) -> None:
        self._key = key
        self._secret = secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["APCA-API-KEY-ID"] = self._key.reveal()
        request.headers["APCA-API-SECRET-KEY"] = self._secret.reveal()
        yield request


class AlpacaSwitch:
    """Suspends an Alpaca account and cancels its orders. It never lifts a suspension.

    Each call asks at most three times: again after a broken connection, a 5xx answer or a 429, for which it waits as
    long as it is told to, up to a minute. A key that is refused is not tried again.

    Parameters
    ----------
    key, secret : Secret
        The account's API key.
    base_url : str
        `PAPER_URL`, `LIVE_URL`, or a server on this machine.
    timeout_s : float
        Seconds for each step of a request, and for the whole of its answer.

    Raises
    ------
    ConfigError
        The address is neither encrypted nor on this machine.
    """

    def __init__(self, key: Secret, secret: Secret, base_url: str = PAPER_URL, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "https" and parts.hostname not in LOCAL:
            raise ConfigError(f"{base_url}: the broker is only spoken to over https")
        self._timeout_s = timeout_s
        self._client = httpx.Client(base_url=base_url, auth=_Keys(key, secret), timeout=timeout_s)

    def suspend(self) -> None:
        """Ask the broker to take no new orders.

        Raises
        ------
        KillSwitchError
            The broker did not answer, or not with yes.
        ConfigError
            It refused the key.
        """
        self._ask("PATCH", CONFIGURATION, _Configuration, json={"suspend_trade": True})

    def is_suspended(self) -> bool:
        """Return whether the broker says that it takes no new orders. Raises as `suspend` does."""
        return self._ask("GET", CONFIGURATION, _Configuration).suspend_trade

    def cancel_all(self) -> None:
        """Cancel every order that rests, those that protect a position too, and make sure that none is left.

        Raises
        ------
        KillSwitchError
            As `suspend`; or orders are still open, as they are for a moment after they were asked to go.
        ConfigError
            The key was refused.
        """
        refused = [cancel for cancel in self._ask("DELETE", ORDERS, list[_Cancel]) if cancel.status >= 400]
        left = len(self._ask("GET", ORDERS, list[_Order], params={"status": "open", "limit": 500}))
        if left:
            raise KillSwitchError(f"Alpaca: {left} orders are still open, {len(refused)} cancels were refused")

    def _ask[Answer](self, method: str, path: str, kind: type[Answer], **options: Any) -> Answer:
        """Return the broker's answer as a `kind`. What cannot be asked or understood is a `KillSwitchError`."""
        what = f"Alpaca: {method} {path}"
        try:
            tries = stamina.retry_context(
                on=_wait_s, attempts=ATTEMPTS, timeout=None, wait_initial=0.2, wait_jitter=0.1
            )
            for attempt in tries:
                with attempt:
                    raw = self._send(method, path, **options)
            return msgspec.json.decode(raw or b"[]", type=kind)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise ConfigError(
                    f"{what}: refused ({status}); look at {KEY_NAME} and {SECRET_NAME}, and whether they belong to "
                    f"{self._client.base_url.host}"
                ) from None
            raise KillSwitchError(f"{what}: answered {status}") from None
        except httpx.HTTPError as error:
            raise KillSwitchError(f"{what}: {type(error).__name__}: {error}") from None
        except msgspec.MsgspecError:
            raise KillSwitchError(f"{what}: the answer makes no sense") from None

    def _send(self, method: str, path: str, **options: Any) -> bytes:
        """Return the body of a good answer, which must be whole in time."""
        deadline = time.monotonic() + self._timeout_s
        raw = b""
        with self._client.stream(method, path, **options) as response:
            if not response.is_success:
                raise httpx.HTTPStatusError("refused", request=response.request, response=response)
            for chunk in response.iter_bytes():
                raw += chunk
                if time.monotonic() > deadline or len(raw) > ANSWER_BYTES_MAX:
                    raise httpx.ReadTimeout("the answer does not end")
        return raw


def _wait_s(error: Exception) -> bool | float:
    """Return whether to ask again and, where the broker says so, after how many seconds."""
    if not isinstance(error, httpx.HTTPStatusError):
        return isinstance(error, httpx.TransportError)
    status = error.response.status_code
    if status != HTTPStatus.TOO_MANY_REQUESTS:
        return status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return _retry_after_s(error.response.headers.get("Retry-After", ""))


def _retry_after_s(text: str) -> bool | float:
    """Return the seconds that a Retry-After header asks for (RFC 9110, 10.2.3); ``True`` if it says nothing."""
    try:
        if text.isdecimal():
            return min(float(text), WAIT_S_MAX)
        until = parsedate_to_datetime(text) - datetime.now(UTC)
        return min(max(until.total_seconds(), 0.0), WAIT_S_MAX)
    except (ValueError, TypeError):
        return True
