"""New posts of some subreddits, by praw on a thread of its own."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import praw
import prawcore

from adapters.news.polling import Answer, PollingSource, in_thread
from adapters.news.post import Post
from adapters.news.source import Clock, Secret, SourceError, SourceOffError, require_keys
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

KEYS: Final = ("REDDIT_CLIENT_ID", "REDDIT_CLIENT_SECRET")
USER_AGENT: Final = "python:sagetrade:0.1 (read-only)"
LIMIT: Final = 100
SOURCE: Final = "reddit"
_REFUSED: Final = frozenset({401, 403})


class RedditSource(PollingSource):
    """The newest posts of all `subreddits` together. Since anyone can post, they count for one source: 'reddit'.

    praw keeps Reddit's rate limit by the ``x-ratelimit-*`` headers.

    Parameters
    ----------
    subreddits : sequence of str
        Their names without 'r/'.
    secret : callable
        Gives REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET of an application that only reads.
    interval_s : float
        Seconds between two questions.
    connect : callable
        Makes praw's client from the two keys.
    """

    def __init__(
        self,
        subreddits: Sequence[str],
        secret: Secret,
        interval_s: float = 30.0,
        *,
        connect: Callable[[str, str], praw.Reddit] | None = None,
        clock: Clock = time.time_ns,
        **settings: Any,
    ) -> None:
        super().__init__("reddit", interval_s, clock=clock, **settings)
        self._path = "+".join(subreddits)
        self._secret = secret
        self._connect = connect or client
        self._reddit: praw.Reddit | None = None

    async def ask(self) -> Answer:
        keys = require_keys(self._secret, *KEYS)
        return Answer(await in_thread(lambda: self._posts(*keys)))

    def _posts(self, client_id: str, client_secret: str) -> tuple[Post, ...]:
        if self._reddit is None:
            self._reddit = self._connect(client_id, client_secret)
        try:
            return tuple(map(post, self._reddit.subreddit(self._path).new(limit=LIMIT)))
        except prawcore.PrawcoreException as error:
            raise told(error) from None
        except Exception:  # noqa: BLE001 - praw raises whatever it stumbles on in what it did not expect
            raise SourceError("its answer cannot be read") from None


def client(client_id: str, client_secret: str, **settings: Any) -> praw.Reddit:
    """Return a client that can read and nothing else."""
    reddit = praw.Reddit(
        client_id=client_id,
        client_secret=client_secret,
        user_agent=USER_AGENT,
        check_for_updates=False,
        check_for_async=False,
        **settings,
    )
    reddit.read_only = True
    return reddit


def post(submission: Any) -> Post:
    """Return one of praw's submissions as a post; its address is that of the discussion."""
    return Post(
        key=str(submission.id),
        source=SOURCE,
        title=str(submission.title),
        body=str(submission.selftext or ""),
        url=f"https://www.reddit.com{submission.permalink}",
        published_ns=int(submission.created_utc) * NANOS_PER_SECOND,
    )


def told(error: prawcore.PrawcoreException) -> SourceError:
    """Say what one of praw's errors means, without what the server sent."""
    response = getattr(error, "response", None)
    status = response.status_code if response is not None else None
    if status in _REFUSED or isinstance(error, prawcore.OAuthException):
        return SourceOffError(f"it answered {status}: {' or '.join(KEYS)} is refused")
    if isinstance(error, prawcore.TooManyRequests):
        return SourceError("it answered 429", float(error.retry_after or 0.0))
    if status is not None:
        return SourceError(f"it answered {status}")
    return SourceError(f"it cannot be reached ({type(error).__name__})")
