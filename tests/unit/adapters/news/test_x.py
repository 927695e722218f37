"""tweepy itself, its requests led to a server on this machine."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from adapters.news.polling import Answer
from adapters.news.source import SourceError, SourceOffError
from adapters.news.x import XSearch, session, tweets
from adapters.news.x_stream import XStream
from sagetrade_nautilus.data import RawText
from tests.support.http_server import Reply, Request, serving

pytest.importorskip("tweepy", reason="needs tweepy: pip install 'sagetrade-nautilus[news]'")
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "news"
KEYS = {"X_BEARER_TOKEN": "CANARY"}
PAGE = (FIXTURES / "x_search.json").read_bytes()


class Detour(HTTPAdapter):
    """Leads every request to another server."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: Any, **settings: Any) -> Any:
        request.url = self.url + "/" + request.url.split("/", 3)[3]
        return super().send(request, **settings)


def detoured(url: str) -> requests.Session:
    made = session()
    made.mount("https://", Detour(url))
    return made


def ask(*replies: Reply, keys: dict[str, str] = KEYS, times: int = 1) -> tuple[list[Answer], list[Request]]:
    with serving(*replies) as server:
        source = XSearch("bitcoin lang:en", keys.get, connect=lambda: detoured(server.url))

        async def several() -> list[Answer]:
            return [await source.ask() for _ in range(times)]

        return asyncio.run(several()), server.requests


def test_a_post_is_read_and_dated_by_its_id_where_it_has_no_time() -> None:
    [answer], [request] = ask(Reply(200, PAGE))
    first = answer.posts[0]
    assert first.title == "2022-10-07 22:42:12.637103 tweepy"
    assert abs(first.published_ns - 1_665_182_532_637_000_000) < 2_000_000_000
    assert (first.source, first.url) == ("x", "https://x.com/i/status/1578516068309794817")
    assert request.path.startswith("/2/tweets/search/recent?")
    assert "query=bitcoin+lang%3Aen" in request.path
    assert request.headers["authorization"] == "Bearer CANARY"


def test_a_stated_time_counts_before_that_of_the_id() -> None:
    body = b'{"data": [{"id": "1578516068309794817", "text": "t", "created_at": "2022-10-07T22:42:00.500Z"}]}'
    assert tweets(body)[0].published_ns == 1_665_182_520_500_000_000


def test_only_newer_posts_are_asked_for_the_next_time() -> None:
    _, requests = ask(Reply(200, PAGE), Reply(200, b'{"meta": {"result_count": 0}}'), times=3)
    assert [("since_id=1578516068309794817" in request.path) for request in requests] == [False, True, True]


def test_a_rate_limit_is_kept_by_xs_own_header() -> None:
    reset = str(int(time.time()) + 600)
    with pytest.raises(SourceError, match="429") as caught:
        ask(Reply(429, b"{}", {"x-rate-limit-reset": reset}))
    assert 590 < caught.value.retry_after_s <= 600
    [answer], _ = ask(Reply(200, PAGE, {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}))
    assert 590 < answer.pause_s <= 600


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_turns_the_source_off(status: int) -> None:
    with pytest.raises(SourceOffError, match="X_BEARER_TOKEN") as caught:
        ask(Reply(status, b'{"detail": "CANARY"}'))
    assert "CANARY" not in str(caught.value)


def test_without_a_token_nobody_is_asked() -> None:
    with pytest.raises(SourceOffError, match="X_BEARER_TOKEN not set"):
        ask(Reply(200, PAGE), keys={})


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, b"{}"),
        Reply(200, PAGE, cut=40),
        Reply(302, headers={"Location": "http://127.0.0.1:9/"}),
        Reply(200, b"<html>"),
        Reply(200, b'{"data": [{"id": "x"}]}'),
        Reply(200, b'{"data": 5}'),
        Reply(429, b"{}", {"x-rate-limit-reset": "soon"}),
    ],
)
def test_a_fault_is_an_error_that_may_pass(reply: Reply) -> None:
    with pytest.raises(SourceError) as caught:
        ask(reply)
    assert not isinstance(caught.value, SourceOffError)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("name", ["get_home_timeline", "search_all_tweets", "get_list_tweets", "get_liked_tweets"])
def test_every_post_of_a_captured_answer_is_read(shared_data: Path, name: str) -> None:
    path = shared_data / "captures" / "twitter_tweepy" / f"test_client_{name}.resp1.json"
    body = path.read_bytes()
    assert len(tweets(body)) == len(json.loads(body)["data"]) > 0


def test_tweepy_logs_no_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask(Reply(200, PAGE))
    assert "CANARY" not in caplog.text


def streamed(route: Any, count: int) -> tuple[list[RawText], list[Request]]:
    with serving(route=route) as server:
        source = XStream("bitcoin", KEYS.get, connect=lambda: detoured(server.url))

        async def collect(texts: AsyncIterator[RawText]) -> list[RawText]:
            found: list[RawText] = []
            async with aclosing(texts) as stream:  # type: ignore[type-var]
                async for text in stream:
                    found.append(text)
                    if len(found) == count:
                        break
            return found

        return asyncio.run(asyncio.wait_for(collect(source.texts()), 20)), server.requests


def test_the_stream_sets_its_rule_and_hands_over_what_comes() -> None:
    line = b'{"data": {"id": "%d", "text": "Bitcoin %d", "edit_history_tweet_ids": []}, "matching_rules": []}\r\n'

    def route(request: Request) -> Reply:
        if "rules" not in request.path:
            lines = b"".join(line % (1578516068309794817 + n, n) for n in (0, 1, 1, 2))
            return Reply(200, b"\r\n" + lines + b"\r\n" * 600, {"Content-Length": "100000"})
        if request.method == "GET":
            return Reply(200, b'{"data": [{"id": "7", "value": "old"}]}')
        return Reply(200, b'{"meta": {}}')

    texts, requests = streamed(route, 3)
    assert [text.title for text in texts] == ["Bitcoin 0", "Bitcoin 1", "Bitcoin 2"]
    assert all(text.ts_init > text.ts_event > 0 for text in texts)
    bodies = [json.loads(request.body) for request in requests if request.method == "POST"]
    assert bodies == [{"delete": {"ids": ["7"]}}, {"add": [{"value": "bitcoin"}]}]


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(403, b"{}"), SourceOffError, "refused"),
        (Reply(429, b"{}"), SourceError, "429"),
        (Reply(200, b"\r\n"), SourceError, "closed|broke"),
        (Reply(200, b'{"x": 1}\r\n'), SourceError, "cannot be read"),
    ],
)
def test_a_stream_that_ends_says_why(reply: Reply, kind: type[SourceError], said: str) -> None:
    def route(request: Request) -> Reply:
        return Reply(200, b'{"data": [{"id": "7", "value": "bitcoin"}]}') if "rules" in request.path else reply

    with pytest.raises(kind, match=said):
        streamed(route, 1)
