"""RSS and Atom feeds, asked with conditional GET."""

import datetime as dt
import hashlib
import io
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import feedparser

from adapters.common.headers import pause_s
from adapters.news.http import create_client, fetch
from adapters.news.polling import Answer, PollingSource, in_thread
from adapters.news.post import Post
from adapters.news.source import Clock, SourceError
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

MAX_ENTRIES: Final = 1_000
UNREADABLE: Final = "it sent no RSS or Atom feed that can be read"
_DATES: Final = ("published", "created", "updated")
_OFFSET: Final = re.compile(r"([+-]\d\d):?(\d\d)$")
_CUT_OFFSET: Final = re.compile(r"[+-]\d{1,3}$")


class RssSource(PollingSource):
    """One feed. Its texts count for the feed's host.

    A feed that has not changed is not sent again (``ETag``, ``Last-Modified``).

    Parameters
    ----------
    url : str
        Its address, http or https. What stands behind ``?`` may be a key: it is shown nowhere.
    interval_s : float
        Seconds between two questions.

    Raises
    ------
    ConfigError
        `url` is no such address, or has a user name or password in it.
    """

    def __init__(self, url: str, interval_s: float = 60.0, *, clock: Clock = time.time_ns, **settings: Any) -> None:
        host, port, path, query = _parts(url)
        place = _shown(host + (f":{port}" if port else "") + path)
        super().__init__(f"rss:{place}{_mark(query)}", interval_s, clock=clock, **settings)
        self._url = url
        self._host = host.removeprefix("www.")
        self._client = create_client()
        self._validators: dict[str, str] = {}

    async def ask(self) -> Answer:
        reply = await fetch(self._client, self._url, self._validators)
        pause = pause_s(reply.headers, self._clock() / NANOS_PER_SECOND)
        if reply.status == 304:
            return Answer((), pause)
        posts = await in_thread(lambda: parse(reply.body, self._host, reply.headers.get("content-type", "")))
        found = {"If-None-Match": reply.headers.get("etag"), "If-Modified-Since": reply.headers.get("last-modified")}
        self._validators = {name: value for name, value in found.items() if value and value.isascii()}
        return Answer(posts, pause)

    async def aclose(self) -> None:
        await self._client.aclose()


def parse(body: bytes, source: str, content_type: str = "") -> tuple[Post, ...]:
    """Return the entries of a feed, as far as it can be read; a feed that is broken off gives what came before.

    Raises
    ------
    SourceError
        It is no feed, or breaks off before its first entry.
    """
    headers = {"content-type": content_type} if content_type else {}
    # A stream: given bytes or a string, feedparser would first try them as an address, then as a file's name.
    stream = io.BytesIO(body)
    try:
        feed = feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except Exception:  # noqa: BLE001 - feedparser raises whatever it stumbles on in hostile bytes
        raise SourceError(UNREADABLE) from None
    if not feed.entries and (feed.bozo or not feed.get("version")):
        raise SourceError(UNREADABLE)
    return tuple(_post(entry, source) for entry in feed.entries[:MAX_ENTRIES])


def _parts(url: str) -> tuple[str, int | None, str, str]:
    """Return an address's host, port, path and query."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError(
            "`news.feeds`: an address has a host or a port that is none; give https://host/path"
        ) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"`news.feeds`: {_shown(parts.path)!r} is no address; give it as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ConfigError(f"`news.feeds`: the address at {_shown(parts.hostname)!r} holds a user name; leave it out")
    return parts.hostname, port, parts.path, parts.query


def _post(entry: Any, source: str) -> Post:
    link = _text(entry.get("link"))
    content = entry.get("content") or [{}]
    return Post(
        key=_text(entry.get("id")) or link,
        source=source,
        title=_text(entry.get("title")),
        body=_text(entry.get("summary")) or _text(content[0].get("value")),
        url=link,
        published_ns=_published_ns(entry),
    )


def _published_ns(entry: Any) -> int:
    moments = (_moment_ns(_text(entry[name])) for name in _DATES if name in entry)  # get() would warn of a substitute
    return next((moment for moment in moments if moment), 0)


def _moment_ns(text: str) -> int:
    """Return a time of RFC 822 or ISO 8601 in UTC nanoseconds; 0 where it does not say what zone it is in.

    feedparser's own reading takes a zone that it does not know ('BST', 'CEST', 'JST') for UTC, and '+0530' in ISO 8601
    for five hours.
    """
    said = _OFFSET.sub(r"\1\2", text.strip())
    said = f"{said[:-5]}+0000" if said.endswith("-0000") else said  # RFC 5322: UTC, wherever it was written
    try:
        moment: dt.datetime | None = dt.datetime.fromisoformat(said)
    except ValueError:
        moment = None if _CUT_OFFSET.search(said) else _mail_date(said)
    if moment is None or moment.tzinfo is None:
        return 0
    return max(0, int(moment.timestamp())) * NANOS_PER_SECOND


def _mail_date(text: str) -> dt.datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _shown(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:100]


def _mark(query: str) -> str:
    """Tell apart feeds whose addresses differ behind the ``?`` alone, without showing it."""
    return f"?{hashlib.blake2b(query.encode(), digest_size=2).hexdigest()}" if query else ""
