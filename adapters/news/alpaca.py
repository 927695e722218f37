"""Alpaca's news (Benzinga and others), by its REST interface."""

import datetime as dt
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adapters.alpaca.constants import DATA_URL, KEY_NAME, SECRET_NAME
from adapters.common.headers import pause_s
from adapters.news.http import create_client, fetch
from adapters.news.polling import Answer, PollingSource
from adapters.news.post import Post
from adapters.news.source import Clock, Secret, SourceError, SourceOffError, require_keys
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

KEYS: Final = (KEY_NAME, SECRET_NAME)
PAGE: Final = "50"


class Article(msgspec.Struct):
    """One article as Alpaca documents it."""

    id: int
    created_at: dt.datetime
    headline: str = ""
    summary: str = ""
    url: str | None = None
    source: str = ""


class _Page(msgspec.Struct):
    news: list[Article] | None = None


class AlpacaNews(PollingSource):
    """The latest articles about some symbols, or about all.

    Parameters
    ----------
    symbols : sequence of str
        As Alpaca writes them ('BTCUSD', 'AAPL'); none for all.
    secret : callable
        Gives APCA_API_KEY_ID and APCA_API_SECRET_KEY.
    interval_s : float
        Seconds between two questions. Alpaca allows 200 a minute.
    """

    def __init__(
        self,
        symbols: Sequence[str],
        secret: Secret,
        interval_s: float = 5.0,
        *,
        base_url: str = DATA_URL,
        clock: Clock = time.time_ns,
        **settings: Any,
    ) -> None:
        super().__init__("alpaca", interval_s, clock=clock, **settings)
        self._params = {"limit": PAGE, "sort": "desc"} | ({"symbols": ",".join(symbols)} if symbols else {})
        self._secret = secret
        self._url = f"{base_url}/v1beta1/news"
        self._client = create_client()

    async def ask(self) -> Answer:
        key, secret = require_keys(self._secret, *KEYS)
        headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}
        try:
            reply = await fetch(self._client, self._url, headers, params=self._params, max_redirects=0)
        except SourceError as error:
            if str(error) in {"it answered 401", "it answered 403"}:
                raise SourceOffError(f"{error!s}: {' or '.join(KEYS)} is refused") from None
            raise
        return Answer(articles(reply.body), pause_s(reply.headers, self._clock() / NANOS_PER_SECOND))

    async def aclose(self) -> None:
        await self._client.aclose()


def articles(body: bytes) -> tuple[Post, ...]:
    """Return the articles of an answer.

    Raises
    ------
    SourceError
        It is not what Alpaca documents.
    """
    try:
        page = msgspec.json.decode(body, type=_Page)
    except UNDECODABLE:
        raise SourceError("its answer cannot be read") from None
    return tuple(map(post_of, page.news or ()))


def post_of(article: Article) -> Post:
    """Return one of Alpaca's articles as a post."""
    return Post(
        key=str(article.id),
        source=f"alpaca:{article.source}",
        title=article.headline,
        body=article.summary,
        url=article.url or "",
        published_ns=_nanoseconds(article.created_at),
    )


def _nanoseconds(moment: dt.datetime) -> int:
    """Return UTC nanoseconds, or 0 for a time without an offset, which could mean anything."""
    if moment.tzinfo is None:
        return 0
    whole = moment.replace(microsecond=0)
    return int(whole.timestamp()) * NANOS_PER_SECOND + moment.microsecond * 1_000
