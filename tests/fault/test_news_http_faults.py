"""Feeds over real sockets, with every fault that a server can have."""

import asyncio
import gzip
import logging
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from adapters.news.http import MAX_BYTES, create_client, fetch
from adapters.news.rss import RssSource
from adapters.news.source import SourceError, SourceOffError
from adapters.news.supervisor import SourceState, Supervisor
from sagetrade_nautilus.data import RawText
from tests.support.http_server import Reply, ScriptedServer, serving

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>%s</channel></rss>"""
ITEM = b"""<item><guid>%d</guid><title>Bitcoin %d</title><link>https://e.com/%d</link>
<pubDate>Mon, 03 Jan 2022 10:00:%02d GMT</pubDate></item>"""


def feed(*numbers: int) -> bytes:
    return FEED % b"".join(ITEM % (number, number, number, number) for number in numbers)


def fetched(server: ScriptedServer, path: str = "/", **settings: float) -> bytes:
    async def get() -> bytes:
        async with create_client() as client:
            return (await fetch(client, server.url + path, **settings)).body  # type: ignore[arg-type]

    return asyncio.run(get())


def read(source: RssSource, count: int) -> list[RawText]:
    """Return the first texts that come, under a supervisor that does not wait."""

    async def collect() -> list[RawText]:
        supervisor = Supervisor([source], lambda line: None, sleep=lambda seconds: asyncio.sleep(0))
        found: list[RawText] = []
        async for text in supervisor.texts():
            found.append(text)
            if len(found) == count:
                break
        await supervisor.aclose()
        return found

    return asyncio.run(asyncio.wait_for(collect(), 20))


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("reply", "said", "asked"),
    [
        (Reply(429, headers={"Retry-After": "30"}), "it answered 429", 30.0),
        (Reply(503, headers={"Retry-After": "5"}), "it answered 503", 5.0),
        (Reply(500), "it answered 500", 0.0),
        (Reply(404), "it answered 404", 0.0),
        (Reply(200, b"x" * 1000, cut=10), "cannot be reached", 0.0),
        (Reply(200, b"x" * 100, pause_s=0.05), "did not answer within", 0.0),
        (Reply(200, b"x" * 2001), "longer than 2000 bytes", 0.0),
        (Reply(200, gzip.compress(b"x" * 10_000_000), {"Content-Encoding": "gzip"}), "longer than 2000 bytes", 0.0),
        (Reply(200, b"no gzip", {"Content-Encoding": "gzip"}), "cannot be decompressed", 0.0),
        (Reply(200, gzip.compress(b"x" * 99)[:-9], {"Content-Encoding": "gzip"}), "was cut off", 0.0),
        (Reply(302, headers={"Location": "file:///etc/passwd"}), "redirects to another place", 0.0),
        (Reply(302, headers={"Location": "http://169.254.169.254/latest"}), "redirects to another place", 0.0),
        (Reply(302, headers={"Location": "/again"}), "redirects more than", 0.0),
        (Reply(302), "redirects more than", 0.0),
    ],
)
def test_a_fault_is_told_in_our_words_with_the_pause_that_the_server_asks_for(
    reply: Reply, said: str, asked: float
) -> None:
    with serving(reply) as server, pytest.raises(SourceError, match=said) as caught:
        fetched(server, max_bytes=2000, deadline_s=1.0)
    assert caught.value.retry_after_s == asked
    assert "http" not in str(caught.value).removeprefix("it redirects")


def test_a_server_that_is_not_there_is_told() -> None:
    with serving(Reply()) as server:
        pass
    with pytest.raises(SourceError, match="cannot be reached"):
        fetched(server)


def test_a_redirect_on_the_same_host_is_followed_and_gone_is_for_good() -> None:
    with serving(Reply(301, headers={"Location": "/new"}), Reply(200, b"ok")) as server:
        assert fetched(server) == b"ok"
        assert [request.path for request in server.requests] == ["/", "/new"]
    with serving(Reply(410)) as server, pytest.raises(SourceOffError, match="gone"):
        fetched(server)


def test_gzip_is_read_and_no_other_site_learns_more_than_our_name() -> None:
    with serving(Reply(200, gzip.compress(b"ok"), {"Content-Encoding": "gzip"})) as server:
        assert fetched(server) == b"ok"
        assert server.requests[0].headers["user-agent"].startswith("SageTrade/")


def test_an_unchanged_feed_is_asked_for_by_its_validators() -> None:
    validators = {"ETag": '"v1"', "Last-Modified": "Mon, 03 Jan 2022 10:00:00 GMT"}
    replies = Reply(200, feed(1), validators), Reply(304), Reply(200, feed(1, 2))
    with serving(*replies) as server:
        texts = read(RssSource(server.url + "/feed", sleep=no_sleep), 2)
        asked = [request.headers.get("if-none-match") for request in server.requests[:3]]
        since = server.requests[1].headers.get("if-modified-since")
    assert [text.title for text in texts] == ["Bitcoin 1", "Bitcoin 2"]
    assert asked == [None, '"v1"', '"v1"']
    assert since == "Mon, 03 Jan 2022 10:00:00 GMT"


def test_a_validator_that_cannot_be_sent_back_is_left_out() -> None:
    with serving(Reply(200, feed(1), {"ETag": "\u00e9"}), Reply(200, feed(1, 2))) as server:
        read(RssSource(f"{server.url}/feed", 0.01), 2)
    assert "if-none-match" not in server.requests[1].headers


def test_after_a_failure_a_source_goes_on_where_it_was() -> None:
    with serving(Reply(200, feed(1)), Reply(500), Reply(200, feed(1)[:40]), Reply(200, feed(2, 1))) as server:
        texts = read(RssSource(server.url, sleep=no_sleep), 2)
    assert [text.title for text in texts] == ["Bitcoin 1", "Bitcoin 2"]


def test_a_dead_feed_waits_as_told_while_the_other_goes_on() -> None:
    lines: list[str] = []

    async def scenario() -> tuple[list[str], Supervisor]:
        sources = [RssSource(bad.url + "/bad"), RssSource(good.url + "/good")]
        supervisor = Supervisor(sources, lines.append)
        titles = []
        async with aclosing(supervisor.texts()) as texts:
            async for text in texts:
                titles.append(text.title)
                if len(titles) == 3:
                    break
            while not lines:  # the dead feed may answer after the other one
                await asyncio.sleep(0.01)
        return titles, supervisor

    with serving(Reply(429, headers={"Retry-After": "77"})) as bad, serving(Reply(200, feed(1, 2, 3))) as good:
        titles, supervisor = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert titles == ["Bitcoin 1", "Bitcoin 2", "Bitcoin 3"]
    assert len(lines) == 1
    assert lines[0].endswith("/bad: it answered 429; trying again in 77 s")
    assert [status.state for status in supervisor.status.values()] == [SourceState.WAITING, SourceState.RUNNING]


def test_a_feed_of_a_flood_is_bounded() -> None:
    with serving(Reply(200, FEED % (b"<item>" * (MAX_BYTES // 6)))) as server:
        begun = time.perf_counter()
        with pytest.raises(SourceError, match="longer than"):
            asyncio.run(RssSource(server.url).ask())
    assert time.perf_counter() - begun < 10.0


def test_a_key_in_an_address_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with serving(Reply(200, feed(1)), Reply(500)) as server:
        source = RssSource(server.url + "/feed?key=CANARY", sleep=no_sleep)
        lines: list[str] = []

        async def scenario() -> None:
            async for _ in Supervisor([source], lines.append, sleep=no_sleep).texts():
                pass

        async def until_told() -> None:
            task = asyncio.create_task(scenario())
            while not lines:
                await asyncio.sleep(0.01)
            task.cancel()

        asyncio.run(asyncio.wait_for(until_told(), 20))
        assert "CANARY" in server.requests[0].path
    assert "CANARY" not in source.name + repr(source) + "".join(lines) + caplog.text


def _billion_laughs() -> bytes:
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">%s]>' % entities + (
        b"<rss version='2.0'><channel><item><title>&l9;</title></item></channel></rss>"
    )


def _outside() -> bytes:
    return b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel>
    <item><title>a &x; b</title><pubDate>Mon, 03 Jan 2022 10:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.mark.parametrize("body", [_billion_laughs, _outside])
def test_entities_neither_explode_nor_read_files(body: Callable[[], bytes]) -> None:
    with serving(Reply(200, body())) as server:
        begun = time.perf_counter()
        try:
            answer = asyncio.run(RssSource(server.url).ask())
            titles = "".join(post.title for post in answer.posts)
        except SourceError:
            titles = ""
    assert time.perf_counter() - begun < 10.0
    assert "root:" not in titles
    assert len(titles) < 10_000


def test_a_feed_whose_body_names_a_file_reads_none(tmp_path: Path) -> None:
    secret = tmp_path / "feed.xml"
    secret.write_bytes(feed(1))
    with serving(Reply(200, str(secret).encode())) as server, pytest.raises(SourceError, match="no RSS"):
        asyncio.run(RssSource(server.url).ask())
