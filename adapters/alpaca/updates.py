"""Alpaca's stream of trade updates: what happens to the account's orders."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from websockets.asyncio.client import ClientConnection

from adapters.alpaca.schemas import TradeUpdate
from adapters.alpaca.stream import Stream, StreamRefusedError
from adapters.common.retry import TransientError
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.secrets import Secret


class _Message(msgspec.Struct):
    stream: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Authorization(msgspec.Struct):
    status: str = ""


_decoder: Final = msgspec.json.Decoder(_Message)


class TradeUpdates:
    """Hears what happens to the account's orders.

    Parameters
    ----------
    url : str
        As wss://paper-api.alpaca.markets/stream.
    key, secret : Secret
        The account's API key.
    on_update : callable
        Is handed each update, one after the other.
    on_up : callable
        Is called whenever the connection stands (again), and may have been away.
    tell : callable
        Is told of trouble in one line.
    backoff_s : float
        The first wait before a lost connection is opened again.
    on_change : callable
        Is called with whether the connection stands, whenever that has changed.
    """

    def __init__(
        self,
        url: str,
        key: Secret,
        secret: Secret,
        on_update: Callable[[TradeUpdate], Awaitable[None]],
        on_up: Callable[[], None],
        tell: Callable[[str], None],
        backoff_s: float,
        on_change: Callable[[bool], None] = lambda stands: None,
    ) -> None:
        self._key = key
        self._secret = secret
        self._on_update = on_update
        self._on_up = on_up
        self._tell = tell
        self._stream = Stream(url, self._hello, self._hear, tell, backoff_s, on_change)

    async def run(self) -> None:
        """Keep the connection open. Raises `StreamRefusedError` as `Stream.run` does."""
        await self._stream.run()

    async def opened(self) -> None:
        """Wait until we listen."""
        await self._stream.opened()

    async def _hello(self, connection: ClientConnection) -> None:
        keys = {"key": self._key.reveal(), "secret": self._secret.reveal()}
        await connection.send(_encode({"action": "auth", **keys}))
        answer = _read(await connection.recv())
        if answer.stream != "authorization":
            raise TransientError("the stream of trade updates does not answer to our keys")
        if _status(answer) != "authorized":
            raise StreamRefusedError("Alpaca's stream of trade updates refuses our keys: are they this account's?")
        await connection.send(_encode({"action": "listen", "data": {"streams": ["trade_updates"]}}))
        while _read(await connection.recv()).stream != "listening":
            pass
        self._on_up()

    async def _hear(self, raw: str | bytes) -> None:
        try:
            message = _decoder.decode(raw)
            update = msgspec.json.decode(message.data, type=TradeUpdate) if message.stream == "trade_updates" else None
        except UNDECODABLE:
            self._tell("a trade update cannot be read; the next sweep asks for what it said")
            return
        if update is not None:
            await self._on_update(update)


def _read(raw: str | bytes) -> _Message:
    try:
        return _decoder.decode(raw)
    except UNDECODABLE:
        raise TransientError("the stream of trade updates cannot be read") from None


def _status(answer: _Message) -> str:
    try:
        return msgspec.json.decode(answer.data, type=_Authorization).status
    except UNDECODABLE:
        raise TransientError("the stream of trade updates cannot be read") from None


def _encode(message: dict[str, Any]) -> str:
    return msgspec.json.encode(message).decode()
