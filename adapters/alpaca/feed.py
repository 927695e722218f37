"""Alpaca's live market data: one connection for stocks, one for crypto, and what is subscribed to on each."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection

from adapters.alpaca.schemas import Frame
from adapters.alpaca.stream import Stream, StreamRefusedError
from adapters.common.retry import TransientError
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.secrets import Secret

CHANNELS: Final = {"t": "trades", "q": "quotes", "b": "bars"}
KEY_REFUSED, TOO_MANY, PLAN = 402, 406, 409
CLOSING: Final = frozenset({KEY_REFUSED, PLAN})
"""Errors after which another try would end the same way."""

_decoder: Final = msgspec.json.Decoder(list[Frame])


class Feed:
    """One market data connection.

    Parameters
    ----------
    url : str
        As wss://stream.data.alpaca.markets/v2/iex.
    key, secret : Secret
        The account's API key.
    on_frames : callable
        Is handed what came: bars, trades and quotes.
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
        on_frames: Callable[[list[Frame]], Awaitable[None]],
        on_up: Callable[[], None],
        tell: Callable[[str], None],
        backoff_s: float,
        on_change: Callable[[bool], None] = lambda stands: None,
    ) -> None:
        self._key = key
        self._secret = secret
        self._on_frames = on_frames
        self._on_up = on_up
        self._tell = tell
        self._wanted: dict[str, set[str]] = {channel: set() for channel in CHANNELS.values()}
        self._stream = Stream(url, self._hello, self._hear, tell, backoff_s, on_change)

    async def run(self) -> None:
        """Keep the connection open. Raises `StreamRefusedError` as `Stream.run` does."""
        await self._stream.run()

    async def subscribe(self, channel: str, symbol: str) -> None:
        """Begin to listen to 'bars', 'trades' or 'quotes' of a symbol."""
        if symbol not in self._wanted[channel]:
            self._wanted[channel].add(symbol)
            await self._send("subscribe", {channel: [symbol]})

    async def unsubscribe(self, channel: str, symbol: str) -> None:
        """Listen to it no longer."""
        if symbol in self._wanted[channel]:
            self._wanted[channel].remove(symbol)
            await self._send("unsubscribe", {channel: [symbol]})

    async def _send(self, action: str, channels: dict[str, list[str]]) -> None:
        await self._stream.send(_encode({"action": action, **channels}))

    async def _hello(self, connection: ClientConnection) -> None:
        _expect(await connection.recv(), "connected")
        keys = {"key": self._key.reveal(), "secret": self._secret.reveal()}
        await connection.send(_encode({"action": "auth", **keys}))
        _expect(await connection.recv(), "authenticated")
        wanted = {channel: sorted(symbols) for channel, symbols in self._wanted.items() if symbols}
        if wanted:
            await connection.send(_encode({"action": "subscribe", **wanted}))
        self._on_up()

    async def _hear(self, message: str | bytes) -> None:
        try:
            frames = _decoder.decode(message)
        except UNDECODABLE:
            self._tell("a message of the stream cannot be read; it is left out")
            return
        for frame in frames:
            if frame.kind == "error":
                self._tell(f"the stream says: {_error(frame)}")
        data = [frame for frame in frames if frame.kind in CHANNELS]
        if data:
            await self._on_frames(data)


def _encode(message: dict[str, object]) -> str:
    return msgspec.json.encode(message).decode()


def _error(frame: Frame) -> str:
    return f"{frame.code} " + "".join(c for c in frame.msg if c.isprintable())[:100]


def _expect(message: str | bytes, wanted: str) -> None:
    try:
        frame = _decoder.decode(message)[0]
    except (*UNDECODABLE, IndexError):
        raise TransientError("the stream's greeting cannot be read") from None
    if frame.kind == "error" and frame.code in CLOSING:
        raise StreamRefusedError(f"Alpaca's stream refuses us: {_error(frame)}; look at the keys and the data plan")
    if frame.kind != "success" or frame.msg != wanted:
        raise TransientError(f"the stream does not say {wanted!r} but {_error(frame)}")
