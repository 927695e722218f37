"""Posts on X that match a query, by tweepy: asked for in intervals, or streamed."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Final

import msgspec
import requests
from requests.adapters import HTTPAdapter

from adapters.news.http import pause_s, retry_after_s
from adapters.news.polling import Answer, PollingSource, in_thread
from adapters.news.post import Post, Seen
from adapters.news.source import Clock, Secret, SourceError, SourceOffError, require_keys
from sagetrade_nautilus.data import RawText

KEY: Final = "X_BEARER_TOKEN"
SOURCE: Final = "x"
MAX_RESULTS: Final = 100
TIMEOUT_S: Final = 30.0
STREAM_BUFFER: Final = 10_000
_NANOS: Final = 1_000_000_000
_SNOWFLAKE_EPOCH_MS: Final = 1_288_834_974_657
_REFUSED: Final = frozenset({401, 403})

logging.getLogger("tweepy").setLevel(logging.CRITICAL)  # at DEBUG it logs the token, at ERROR what a server sent


class _Tweet(msgspec.Struct):
    id: str
    text: str = ""
    created_at: dt.datetime | None = None


class _Page(msgspec.Struct):
    data: list[_Tweet] = []


class _Streamed(msgspec.Struct):
    data: _Tweet


class _Timed(HTTPAdapter):
    """tweepy sets no time limit of its own."""

    def send(self, *args: Any, **settings: Any) -> requests.Response:
        settings["timeout"] = settings.get("timeout") or TIMEOUT_S
        return super().send(*args, **settings)


def session() -> requests.Session:
    """Return a session with a time limit that follows no redirect."""
    made = requests.Session()
    made.max_redirects = 0
    made.mount("https://", _Timed())
    return made


class XSearch(PollingSource):
    """The latest posts that match `query`. Since anyone can post, they all count for one source: 'x'.

    Parameters
    ----------
    query : str
        In X's search language ('(bitcoin OR #btc) lang:en -is:retweet').
    secret : callable
        Gives X_BEARER_TOKEN.
    interval_s : float
        Seconds between two questions.
    connect : callable
        Makes the session that requests go through.
    """

    def __init__(
        self,
        query: str,
        secret: Secret,
        interval_s: float = 30.0,
        *,
        connect: Callable[[], requests.Session] = session,
        clock: Clock = time.time_ns,
        **settings: Any,
    ) -> None:
        super().__init__("x", interval_s, clock=clock, **settings)
        self._query = query
        self._secret = secret
        self._connect = connect
        self._since: str | None = None

    async def ask(self) -> Answer:
        (token,) = require_keys(self._secret, KEY)
        answer, self._since = await in_thread(lambda: self._search(token))
        return answer

    def _search(self, token: str) -> tuple[Answer, str | None]:
        tweepy = _tweepy()
        client = tweepy.Client(token, return_type=requests.Response)
        client.session = self._connect()
        try:
            reply = client.search_recent_tweets(
                self._query, since_id=self._since, max_results=MAX_RESULTS, tweet_fields=["created_at"]
            )
        except tweepy.HTTPException as error:
            raise _told(error.response) from None
        except requests.RequestException as error:
            raise SourceError(f"it cannot be reached ({type(error).__name__})") from None
        except ValueError:  # a header that is no number
            raise SourceError("its answer cannot be read") from None
        finally:
            client.session.close()
        posts = tweets(reply.content)
        newest = max((post.key for post in posts), key=int, default=self._since)
        return Answer(posts, pause_s(reply.headers, self._clock() / _NANOS)), newest


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
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[Post | SourceError](STREAM_BUFFER)

        def put(item: Post | SourceError) -> None:
            """From tweepy's thread: wait where the reader is slow, so that nothing is lost."""
            with suppress(RuntimeError):  # the loop is over
                asyncio.run_coroutine_threadsafe(queue.put(item), loop).result()

        self._stream = stream = _stream(token, put)
        stream.session = self._connect()
        await in_thread(lambda: _set_rule(stream, self._query))
        stream.filter(threaded=True, tweet_fields=["created_at"])
        try:
            while True:
                item = await queue.get()
                if isinstance(item, SourceError):
                    raise item
                if self._seen.is_new(item):
                    yield item.raw_text(self._clock())
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        if self._stream is not None:
            self._stream.disconnect()
            self._stream.session.close()


def tweets(body: bytes) -> tuple[Post, ...]:
    """Return the posts of a search's answer.

    Raises
    ------
    SourceError
        It is not what X documents.
    """
    try:
        return tuple(map(_post, msgspec.json.decode(body, type=_Page).data))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise SourceError("its answer cannot be read") from None


def _post(tweet: _Tweet) -> Post:
    return Post(tweet.id, SOURCE, tweet.text, "", f"https://x.com/i/status/{int(tweet.id)}", _published_ns(tweet))


def _published_ns(tweet: _Tweet) -> int:
    """Return `created_at`, or else the time within the id: milliseconds since X's epoch, above its low 22 bits."""
    if tweet.created_at is not None and tweet.created_at.tzinfo is not None:
        return int(tweet.created_at.timestamp() * 1_000) * 1_000_000
    return ((int(tweet.id) >> 22) + _SNOWFLAKE_EPOCH_MS) * 1_000_000


def _tweepy() -> Any:
    try:
        import tweepy  # noqa: PLC0415 - an extra
    except ImportError:
        raise SourceOffError("tweepy is not installed: pip install 'sagetrade-nautilus[news]'") from None
    return tweepy


def _told(response: Any) -> SourceError:
    status = response.status_code
    if status in _REFUSED:
        return SourceOffError(f"it answered {status}: {KEY} is refused, or does not allow this")
    return SourceError(f"it answered {status}", retry_after_s(response.headers, time.time()))


def _set_rule(stream: Any, query: str) -> None:
    """Make `query` the only rule of the stream."""
    tweepy = _tweepy()
    try:
        rules = stream.get_rules().data or []
        if [rule.value for rule in rules] == [query]:
            return
        if rules:
            stream.delete_rules([rule.id for rule in rules])
        stream.add_rules(tweepy.StreamRule(query))
    except tweepy.HTTPException as error:
        raise _told(error.response) from None
    except (requests.RequestException, ValueError) as error:
        raise SourceError(f"it cannot be reached ({type(error).__name__})") from None


def _stream(token: str, put: Callable[[Post | SourceError], None]) -> Any:
    """Return a tweepy stream that hands over posts, and an error when it gives up."""

    class Stream(_tweepy().StreamingClient):  # type: ignore[misc]
        def on_data(self, raw_data: bytes) -> None:
            try:
                put(_post(msgspec.json.decode(raw_data, type=_Streamed).data))
            except (msgspec.DecodeError, ValueError):
                put(SourceError("it sent a line that cannot be read"))

        def on_request_error(self, status_code: int) -> None:
            self.disconnect()
            refused = status_code in _REFUSED
            put(
                SourceOffError(f"it answered {status_code}: {KEY} is refused")
                if refused
                else SourceError(f"it answered {status_code}", 60.0 if status_code == 429 else 0.0)
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
