"""A websocket to Alpaca that is opened again whenever it is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from adapters.common.retry import TransientError, retry
from sagetrade_nautilus.errors import SageTradeError

HELLO_S: Final = 10.0
PING_S: Final = 10.0
FRAME_BYTES_MAX: Final = 16_000_000

logging.getLogger("websockets").setLevel(logging.INFO)  # at DEBUG it logs every frame, keys in them too


class StreamRefusedError(SageTradeError):
    """Alpaca does not let us in, and will not until somebody changes something: a key, or the plan that is paid for."""


class Stream:
    """Keeps one connection open and hands on what comes.

    A connection that is lost, silent for two pings or not opened is opened again, for ever, with growing waits.

    Parameters
    ----------
    url : str
        Its address.
    hello : callable
        Introduces us on a new connection: keys, subscriptions. It raises `StreamRefusedError` to give up.
    on_message : callable
        Is handed each message, one after the other.
    tell : callable
        Is told in one line when the connection is lost, and when it is back.
    backoff_s : float
        The first wait before another try.
    on_change : callable
        Is called with whether the connection stands, whenever that has changed; not at the end.
    """

    def __init__(
        self,
        url: str,
        hello: Callable[[ClientConnection], Awaitable[None]],
        on_message: Callable[[str | bytes], Awaitable[None]],
        tell: Callable[[str], None],
        backoff_s: float = 2.0,
        on_change: Callable[[bool], None] = lambda stands: None,
    ) -> None:
        self._url = url
        self._hello = hello
        self._on_message = on_message
        self._tell = tell
        self._backoff_s = backoff_s
        self._on_change = on_change
        self._reopen = retry(max_attempts=None, backoff_seconds=backoff_s)(self._open)
        self._connection: ClientConnection | None = None
        self._up = asyncio.Event()

    async def opened(self) -> None:
        """Wait until the connection stands."""
        await self._up.wait()

    async def send(self, message: str) -> None:
        """Send a message if the connection stands. If it does not, `hello` will say what is to be said."""
        if self._connection is not None:
            try:
                await self._connection.send(message)
            except WebSocketException:
                return  # it is lost, and `run` opens another

    async def run(self) -> None:
        """Keep the connection open until this is cancelled.

        Raises
        ------
        StreamRefusedError
            Alpaca does not let us in.
        """
        while True:
            connection = await self._reopen()
            self._connection = connection
            self._up.set()
            self._on_change(True)
            try:
                async for message in connection:
                    await self._on_message(message)
                why = f"closed by the server ({connection.close_code})"
            except WebSocketException as error:
                why = f"lost ({type(error).__name__})"
            finally:
                self._connection = None
                self._up.clear()
                await connection.close()
            self._tell(f"the stream {self._url} was {why}; it is opened again")
            self._on_change(False)
            await asyncio.sleep(self._backoff_s)

    async def _open(self) -> ClientConnection:
        """Return a connection on which we have been introduced."""
        try:
            connection = await connect(
                self._url, open_timeout=HELLO_S, ping_interval=PING_S, ping_timeout=PING_S, max_size=FRAME_BYTES_MAX
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            raise TransientError(f"{self._url}: cannot be opened ({type(error).__name__})") from None
        try:
            await asyncio.wait_for(self._hello(connection), HELLO_S)
        except (OSError, TimeoutError, WebSocketException) as error:
            await connection.close()
            raise TransientError(f"{self._url}: no answer to our keys ({type(error).__name__})") from None
        except BaseException:
            await connection.close()
            raise
        return connection
