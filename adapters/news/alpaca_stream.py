"""Alpaca's news (Benzinga and others) as it is published, by its websocket."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from adapters.alpaca.constants import DATA_URL
from adapters.common.headers import retry_after_s
from adapters.news.alpaca import KEYS, AlpacaNews, Article, post_of
from adapters.news.post import Post, Seen
from adapters.news.source import Clock, Secret, SourceError, SourceOffError, require_keys
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.decoding import UNDECODABLE

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

STREAM_URL: Final = "wss://stream.data.alpaca.markets/v1beta1/news"
MAX_BYTES: Final = 1_000_000
LOG_IN_S: Final = 10.0
HEARTBEAT_S: Final = 20.0
CLOSE_S: Final = 2.0
UNREADABLE_MAX: Final = 20
TOO_MANY_PAUSE_S: Final = 60.0
_REFUSED_STATUS: Final = frozenset({401, 403})
_REFUSED_CODES: Final = frozenset({402, 409})
_TOO_MANY: Final = 406
_TOO_BIG: Final = 1009

_SILENT: Final = logging.getLogger("sagetrade.alpaca_stream")
_SILENT.setLevel(logging.CRITICAL)  # at DEBUG websockets logs what it sends, keys in it too


class _Head(msgspec.Struct, rename={"kind": "T"}):
    kind: str
    code: int = 0


class AlpacaStream:
    """Articles about some symbols, or about all, as they are published.

    On every connection the latest are asked for by REST as well, so that a gap of up to 50 articles is filled. What
    cannot be read is skipped.

    Parameters
    ----------
    symbols : sequence of str
        As Alpaca writes them ('BTCUSD', 'AAPL'); none for all.
    secret : callable
        Gives APCA_API_KEY_ID and APCA_API_SECRET_KEY.
    log_in_s : float
        How long logging in may take, in seconds.
    heartbeat_s : float
        A connection that does not answer a ping within this many seconds is given up; one is sent as often.

    Attributes
    ----------
    skipped : int
        Messages that were none that Alpaca documents, or articles without a time.
    """

    def __init__(
        self,
        symbols: Sequence[str],
        secret: Secret,
        *,
        url: str = STREAM_URL,
        base_url: str = DATA_URL,
        log_in_s: float = LOG_IN_S,
        heartbeat_s: float = HEARTBEAT_S,
        clock: Clock = time.time_ns,
    ) -> None:
        self.name = "alpaca-stream"
        self.skipped = 0
        self._symbols = tuple(symbols) or ("*",)
        self._secret = secret
        self._url = url
        self._log_in_s = log_in_s
        self._heartbeat_s = heartbeat_s
        self._clock = clock
        self._seen = Seen()
        self._latest = AlpacaNews(symbols, secret, base_url=base_url, clock=clock)
        self._connection: ClientConnection | None = None

    async def texts(self) -> AsyncIterator[RawText]:
        """Yield articles as they come. Errors as in `Source.texts`."""
        keys = require_keys(self._secret, *KEYS)
        websockets = import_websockets()
        try:
            self._connection = connection = await _connect(self._url, self._heartbeat_s)
            async with connection:
                await self._log_in(connection, keys)
                answer = await self._latest.ask()
                for post in sorted(answer.posts, key=lambda post: post.published_ns):
                    if self._is_wanted(post):
                        yield post.raw_text(self._clock())
                async for post in self._live(connection):
                    if self._is_wanted(post):
                        yield post.raw_text(self._clock())
            raise SourceError("it closed the connection")
        except (websockets.exceptions.WebSocketException, OSError) as error:
            raise told(error) from None

    async def aclose(self) -> None:
        await self._latest.aclose()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def _log_in(self, connection: "ClientConnection", keys: tuple[str, ...]) -> None:
        key, secret = keys
        try:
            async with asyncio.timeout(self._log_in_s):
                await _expect(connection, "success")
                await _send(connection, {"action": "auth", "key": key, "secret": secret})
                await _expect(connection, "success")
                await _send(connection, {"action": "subscribe", "news": self._symbols})
                await _expect(connection, "subscription")
        except TimeoutError:
            raise SourceError(f"it did not let us in within {self._log_in_s:g} s") from None

    async def _live(self, connection: "ClientConnection") -> AsyncIterator[Post]:
        unreadable = 0
        async for frame in connection:
            posts, skipped = read(frame)
            self.skipped += skipped
            unreadable = unreadable + skipped if skipped and not posts else 0
            if unreadable >= UNREADABLE_MAX:
                raise SourceError(f"its last {unreadable} messages cannot be read")
            for post in posts:
                yield post

    def _is_wanted(self, post: Post) -> bool:
        self.skipped += not post.is_dated
        return post.is_dated and self._seen.is_new(post)


def read(frame: str | bytes) -> tuple[tuple[Post, ...], int]:
    """Return the articles of a frame, and how many of its messages cannot be read.

    Raises
    ------
    SourceError
        One of them says that the stream cannot go on.
    """
    try:
        messages = msgspec.json.decode(frame, type=list[msgspec.Raw])
    except UNDECODABLE:
        return (), 1
    posts, skipped = [], 0
    for message in messages:
        try:
            head = msgspec.json.decode(message, type=_Head)
            if head.kind == "n":
                posts.append(post_of(msgspec.json.decode(message, type=Article)))
        except UNDECODABLE:
            skipped += 1
            continue
        if head.kind == "error":
            raise refusal(head.code)
    return tuple(posts), skipped


def refusal(code: int) -> SourceError:
    """Say what one of Alpaca's error messages means, without what the server sent."""
    if code in _REFUSED_CODES:
        return SourceOffError(f"it answered {code}: {' or '.join(KEYS)} is refused, or does not allow this")
    if code == _TOO_MANY:
        return SourceError(f"it answered {code}: another connection of this account is open", TOO_MANY_PAUSE_S)
    return SourceError(f"it answered {code}")


def told(error: Exception) -> SourceError:
    """Say what an error of the connection means."""
    response = getattr(error, "response", None)
    if response is not None:
        status = response.status_code
        if status in _REFUSED_STATUS:
            return SourceOffError(f"it answered {status}: {' or '.join(KEYS)} is refused")
        return SourceError(f"it answered {status}", retry_after_s(response.headers, time.time()))
    sent = getattr(error, "sent", None)
    if sent is not None and sent.code == _TOO_BIG:
        return SourceError(f"it sent a message longer than {MAX_BYTES} bytes")
    return SourceError(f"its connection broke, or could not be made ({type(error).__name__})")


async def _connect(url: str, heartbeat_s: float) -> "ClientConnection":
    from websockets.asyncio.client import connect  # noqa: PLC0415 - an extra

    class Direct(connect):
        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc  # the keys would go along

    return await Direct(
        url,
        max_size=MAX_BYTES,
        ping_interval=heartbeat_s,
        ping_timeout=heartbeat_s,
        close_timeout=CLOSE_S,
        logger=_SILENT,
    )


async def _send(connection: "ClientConnection", message: Any) -> None:
    await connection.send(msgspec.json.encode(message).decode())


async def _expect(connection: "ClientConnection", kind: str) -> None:
    """Wait for a message of this kind."""
    while True:
        frame = await connection.recv()
        try:
            heads = msgspec.json.decode(frame, type=list[_Head])
        except UNDECODABLE:
            raise SourceError("it sent what cannot be read while logging in") from None
        for head in heads:
            if head.kind == "error":
                raise refusal(head.code)
            if head.kind == kind:
                return


def import_websockets() -> Any:
    """Return websockets, or say how to get it."""
    try:
        import websockets.exceptions  # noqa: PLC0415 - an extra
    except ImportError:
        raise SourceOffError("websockets is not installed: pip install 'sagetrade-nautilus[news]'") from None
    return websockets
