"""Posts on X that match a query, by tweepy, asked for in intervals."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
import requests
from requests.adapters import HTTPAdapter

from adapters.common.headers import pause_s, retry_after_s
from adapters.news.polling import Answer, PollingSource, in_thread
from adapters.news.post import Post
from adapters.news.source import Clock, Secret, SourceError, SourceOffError, require_keys
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

KEY: Final = "X_BEARER_TOKEN"
SOURCE: Final = "x"
MAX_RESULTS: Final = 100
TIMEOUT_S: Final = 30.0
_SNOWFLAKE_EPOCH_MS: Final = 1_288_834_974_657
REFUSED: Final = frozenset({401, 403})

logging.getLogger("tweepy").setLevel(logging.CRITICAL)  # at DEBUG it logs the token, at ERROR what a server sent


class Tweet(msgspec.Struct):
    """One post as X documents it."""

    id: str
    text: str = ""
    created_at: dt.datetime | None = None


class _Page(msgspec.Struct):
    data: list[Tweet] = []


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
        tweepy = import_tweepy()
        client = tweepy.Client(token, return_type=requests.Response)
        client.session = self._connect()
        try:
            reply = client.search_recent_tweets(
                self._query, since_id=self._since, max_results=MAX_RESULTS, tweet_fields=["created_at"]
            )
        except tweepy.HTTPException as error:
            raise told(error.response) from None
        except requests.RequestException as error:
            raise SourceError(f"it cannot be reached ({type(error).__name__})") from None
        except ValueError:  # a header that is no number
            raise SourceError("its answer cannot be read") from None
        finally:
            client.session.close()
        posts = tweets(reply.content)
        newest = max((post.key for post in posts), key=int, default=self._since)
        return Answer(posts, pause_s(reply.headers, self._clock() / NANOS_PER_SECOND)), newest


def tweets(body: bytes) -> tuple[Post, ...]:
    """Return the posts of a search's answer.

    Raises
    ------
    SourceError
        It is not what X documents.
    """
    try:
        return tuple(map(post_of, msgspec.json.decode(body, type=_Page).data))
    except UNDECODABLE:
        raise SourceError("its answer cannot be read") from None


def post_of(tweet: Tweet) -> Post:
    """Return one of X's posts as ours."""
    return Post(tweet.id, SOURCE, tweet.text, "", f"https://x.com/i/status/{int(tweet.id)}", _published_ns(tweet))


def _published_ns(tweet: Tweet) -> int:
    """Return `created_at`, or else the time within the id: milliseconds since X's epoch, above its low 22 bits."""
    if tweet.created_at is not None and tweet.created_at.tzinfo is not None:
        return int(tweet.created_at.timestamp() * 1_000) * 1_000_000
    return ((int(tweet.id) >> 22) + _SNOWFLAKE_EPOCH_MS) * 1_000_000


def import_tweepy() -> Any:
    """Return tweepy, or say how to get it."""
    try:
        import tweepy  # noqa: PLC0415 - an extra
    except ImportError:
        raise SourceOffError("tweepy is not installed: pip install 'sagetrade-nautilus[news]'") from None
    return tweepy


def told(response: Any) -> SourceError:
    """Say what an error answer means, without what the server sent."""
    status = response.status_code
    if status in REFUSED:
        return SourceOffError(f"it answered {status}: {KEY} is refused, or does not allow this")
    return SourceError(f"it answered {status}", retry_after_s(response.headers, time.time()))
