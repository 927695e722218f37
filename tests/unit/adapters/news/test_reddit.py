"""praw itself, pointed at a server on this machine."""

import asyncio
import re
from pathlib import Path

import pytest

from adapters.news.polling import Answer
from adapters.news.reddit import RedditSource, client
from adapters.news.source import SourceError, SourceOffError
from tests.support.http_server import Reply, Request, serving

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "news"
KEYS = {"REDDIT_CLIENT_ID": "CANARY-1", "REDDIT_CLIENT_SECRET": "CANARY-2"}
JSON = {"Content-Type": "application/json; charset=UTF-8"}
TOKEN = Reply(200, b'{"access_token": "CANARY-3", "token_type": "bearer", "expires_in": 3600, "scope": "*"}', JSON)


def ask(listing: Reply, token: Reply = TOKEN, keys: dict[str, str] = KEYS) -> tuple[Answer, list[Request]]:
    def route(request: Request) -> Reply:
        return token if request.path.startswith("/api/v1/access_token") else listing

    with serving(route=route) as server:
        urls = {"oauth_url": server.url, "reddit_url": server.url}
        source = RedditSource(["Bitcoin", "ethereum"], keys.get, connect=lambda *given: client(*given, **urls))
        return asyncio.run(source.ask()), server.requests


def test_submissions_become_posts_that_all_count_for_one_source() -> None:
    answer, requests = ask(Reply(200, (FIXTURES / "reddit_new.json").read_bytes(), JSON))
    first = answer.posts[0]
    assert first.title == "What is the difference between living and existing?"
    assert first.url.startswith("https://www.reddit.com/r/AskReddit/comments/")
    assert first.published_ns % 1_000_000_000 == 0 < first.published_ns
    assert {post.source for post in answer.posts} == {"reddit"}
    assert requests[1].path.startswith("/r/Bitcoin+ethereum/new?limit=100")
    assert {request.method for request in requests[1:]} == {"GET"}


@pytest.mark.parametrize("name", ["TestSubredditListings.test_new.resp1", "TestMultiredditListings.test_rising.resp1"])
def test_every_submission_of_a_captured_listing_is_read(shared_data: Path, name: str) -> None:
    body = (shared_data / "captures" / "reddit_praw" / f"{name}.body.json").read_bytes()
    answer, _ = ask(Reply(200, re.sub(rb'"after": "\w+"', b'"after": null', body), JSON))
    assert len(answer.posts) > 10
    assert all(post.published_ns > 0 and post.title for post in answer.posts)


def test_a_rate_limit_is_told_with_the_pause_that_reddit_asks_for() -> None:
    with pytest.raises(SourceError, match="429") as caught:
        ask(Reply(429, b"slow", {"Retry-After": "23"}))
    assert caught.value.retry_after_s == 23.0


def test_refused_keys_turn_the_source_off() -> None:
    with pytest.raises(SourceOffError, match="REDDIT_CLIENT_ID"):
        ask(Reply(200), token=Reply(401, b'{"message": "Unauthorized CANARY-2", "error": 401}', JSON))


def test_without_keys_nobody_is_asked() -> None:
    with pytest.raises(SourceOffError, match="REDDIT_CLIENT_ID, REDDIT_CLIENT_SECRET not set"):
        ask(Reply(200), keys={})


@pytest.mark.parametrize(
    "body", [b"<html>", b"{", b"[]", b'{"kind": "Listing"}', b'{"kind": "Listing", "data": {"children": [{}]}}']
)
def test_an_answer_that_is_no_listing_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        ask(Reply(200, body, JSON))
    assert "CANARY" not in str(caught.value)


def test_a_listing_without_posts_is_no_error() -> None:
    answer, _ = ask(Reply(200, b'{"kind": "Listing", "data": {"children": [], "after": null}}', JSON))
    assert answer.posts == ()


ODD = (
    b"[" * 99_999,
    (FIXTURES / "reddit_new.json").read_bytes().replace(b"1456819970.0", b"1e999"),
    b'{"kind": "Listing", "data": {"children": [{"kind": "t2", "data": {}}]}}',
)


@pytest.mark.parametrize("raw", ODD)
def test_a_listing_that_no_decoder_takes_or_of_no_time_is_a_failed_answer(raw: bytes) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        ask(Reply(200, raw, JSON))
