"""Posts on X that match a query, as they are written: tweepy's filtered stream."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec
import requests

from adapters.news.polling import in_thread
from adapters.news.post import Post, Seen
from adapters.news.source import Clock, Secret, SourceError, SourceOffError, require_keys
from adapters.news.x import KEY, REFUSED, Tweet, import_tweepy, post_of, session, told
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.decoding import UNDECODABLE

BUFFER: Final = 10_000
TOO_MANY_PAUSE_S: Final = 60.0


class _Streamed(msgspec.Struct):
    data: Tweet


class _Handover:
    """Carries items from tweepy's thread to the event loop; where the reader is slow, the thread waits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = threading.Semaphore(BUFFER)
        self._items: asyncio.Queue[Post | SourceError] = asyncio.Queue()
        self._closed = False

    def put(self, item: Post | SourceError) -> None:
        """Called on tweepy's thread."""
        while not self._closed and not self._room.acquire(timeout=1.0):
            pass
        if not self._closed:
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)

    async def get(self) -> Post:
        """Return the next post, or raise the error that came instead."""
        item = await self._items.get()
        self._room.release()
        if isinstance(item, SourceError):
            raise item
        return item

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True


class XStream:
    """The posts that match `query`, as they are written (X's filtered stream). It sets the stream's one rule."""

    def __init__(
        self,
        query: str,
        secret: Secret,
        *,
        connect: Callable[[], requests.Session] = session,
        clock: Clock = time.time_ns,
    ) -> None:
        self.name = "x-stream"
        self._query = query
        self._secret = secret
        self._connect = connect
        self._clock = clock
        self._seen = Seen()
        self._stream: Any = None

    async def texts(self) -> AsyncIterator[RawText]:
        """Yield posts as they come. Errors as in `Source.texts`."""
        (token,) = require_keys(self._secret, KEY)
        handover = _Handover()
        self._stream = stream = _stream(token, handover.put)
        stream.session = self._connect()
        await in_thread(lambda: _set_rule(stream, self._query))
        stream.filter(threaded=True, tweet_fields=["created_at"])
        try:
            while True:
                post = await handover.get()
                if post.is_dated and self._seen.is_new(post):
                    yield post.raw_text(self._clock())
        finally:
            handover.close()
            await self.aclose()

    async def aclose(self) -> None:
        if self._stream is not None:
            self._stream.disconnect()
            self._stream.session.close()


def _set_rule(stream: Any, query: str) -> None:
    """Make `query` the only rule of the stream."""
    tweepy = import_tweepy()
    try:
        rules = stream.get_rules().data or []
        if [rule.value for rule in rules] == [query]:
            return
        if rules:
            stream.delete_rules([rule.id for rule in rules])
        stream.add_rules(tweepy.StreamRule(query))
    except tweepy.HTTPException as error:
        raise told(error.response) from None
    except (requests.RequestException, ValueError) as error:
        raise SourceError(f"it cannot be reached ({type(error).__name__})") from None


def streamed(line: bytes) -> Post | SourceError:
    """Return the post that a line of the stream holds, or that it cannot be read."""
    try:
        return post_of(msgspec.json.decode(line, type=_Streamed).data)
    except UNDECODABLE:
        return SourceError("it sent a line that cannot be read")


def _stream(token: str, put: Callable[[Post | SourceError], None]) -> Any:
    """Return a tweepy stream that hands over posts, and an error when it gives up."""

    class Stream(import_tweepy().StreamingClient):  # type: ignore[misc]
        def on_data(self, raw_data: bytes) -> None:
            put(streamed(raw_data))

        def on_request_error(self, status_code: int) -> None:
            self.disconnect()
            refused = status_code in REFUSED
            put(
                SourceOffError(f"it answered {status_code}: {KEY} is refused")
                if refused
                else SourceError(f"it answered {status_code}", TOO_MANY_PAUSE_S if status_code == 429 else 0.0)
            )

        def on_connection_error(self) -> None:
            self.disconnect()
            put(SourceError("its connection broke"))

        def on_closed(self, response: Any) -> None:
            self.disconnect()
            put(SourceError("it closed the connection"))

        def on_exception(self, exception: Exception) -> None:
            put(SourceError(f"it broke off ({type(exception).__name__})"))

    return Stream(token, daemon=True, max_retries=0)
