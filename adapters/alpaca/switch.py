"""Alpaca's own switch: suspends trading of the whole account at the broker, whatever runs here.

The account's `suspend_trade` setting (https://docs.alpaca.markets/reference/patchaccountconfig-1) refuses new orders.
Orders that rest stay, so stops go on protecting; `cancel_all` takes them away as well.
"""

import asyncio
from http import HTTPStatus
from typing import Any

import msgspec

from adapters.alpaca.constants import CONFIGURATION, KEY_NAME, ORDERS, ORDERS_MAX, PAPER_URL, SECRET_NAME, checked_url
from adapters.alpaca.http import AlpacaError, AlpacaHttp, AlpacaRefusedError
from sagetrade_nautilus.errors import ConfigError, KillSwitchError
from sagetrade_nautilus.secrets import Secret

TIMEOUT_S = 5.0
BACKOFF_S = 0.2


class _Configuration(msgspec.Struct):
    suspend_trade: bool


class _Cancel(msgspec.Struct):
    id: str
    status: int


class _Order(msgspec.Struct):
    id: str


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
        Seconds for a request and the whole of its answer.

    Raises
    ------
    ConfigError
        The address is neither encrypted nor on this machine.
    """

    def __init__(self, key: Secret, secret: Secret, base_url: str = PAPER_URL, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url = checked_url(base_url)
        self._key = key
        self._secret = secret
        self._timeout_s = timeout_s

    def suspend(self) -> None:
        """Ask the broker to take no new orders.

        Raises
        ------
        KillSwitchError
            The broker did not answer, or not with yes.
        ConfigError
            It refused the key.
        """
        self._ask("PATCH", CONFIGURATION, _Configuration, body={"suspend_trade": True})

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
        cancels = self._ask("DELETE", ORDERS, list[_Cancel] | None) or []  # type: ignore[arg-type]
        refused = [cancel for cancel in cancels if cancel.status >= HTTPStatus.BAD_REQUEST]
        left = len(self._ask("GET", ORDERS, list[_Order], params={"status": "open", "limit": ORDERS_MAX}))
        if left:
            raise KillSwitchError(f"Alpaca: {left} orders are still open, {len(refused)} cancels were refused")

    def _ask[Answer](self, method: str, path: str, kind: type[Answer], **options: Any) -> Answer:
        """Return the broker's answer as a `kind`. What cannot be asked or understood is a `KillSwitchError`."""

        async def once() -> Answer:
            http = AlpacaHttp(self._key, self._secret, self._url, timeout_s=self._timeout_s, backoff_seconds=BACKOFF_S)
            async with http:
                return await http.ask(method, path, kind, **options)

        try:
            return asyncio.run(once())
        except AlpacaRefusedError as error:
            if error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise ConfigError(
                    f"Alpaca: {method} {path}: refused ({error.status}); look at {KEY_NAME} and {SECRET_NAME}, and "
                    f"whether they belong to {self._url}"
                ) from None
            raise KillSwitchError(str(error)) from None
        except AlpacaError as error:
            raise KillSwitchError(str(error)) from None
