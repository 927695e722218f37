import asyncio
import json

import pytest

from adapters.news.alpaca import AlpacaNews, articles
from adapters.news.polling import Answer
from adapters.news.source import SourceError, SourceOffError
from tests.support.http_server import Reply, serving

KEYS = {"APCA_API_KEY_ID": "CANARY-1", "APCA_API_SECRET_KEY": "CANARY-2"}
ARTICLE = {
    "id": 24843171,
    "headline": "Bitcoin rises",
    "summary": "It does.",
    "author": "A",
    "created_at": "2021-12-31T11:08:42Z",
    "updated_at": "2021-12-31T11:08:43Z",
    "url": "https://www.benzinga.com/a",
    "content": "",
    "images": [],
    "symbols": ["BTCUSD"],
    "source": "benzinga",
}
BODY = json.dumps({"news": [ARTICLE], "next_page_token": None}).encode()


def ask(reply: Reply, keys: dict[str, str] = KEYS) -> tuple[Answer, list[dict[str, str]], str]:
    with serving(reply) as server:
        source = AlpacaNews(["BTCUSD", "AAPL"], keys.get, base_url=server.url)

        async def once() -> Answer:
            try:
                return await source.ask()
            finally:
                await source.aclose()

        answer = asyncio.run(once())
        return answer, [request.headers for request in server.requests], server.requests[0].path


def test_an_article_becomes_a_post_that_counts_for_its_publisher() -> None:
    answer, headers, path = ask(Reply(200, BODY))
    [post] = answer.posts
    assert (post.title, post.body, post.source) == ("Bitcoin rises", "It does.", "alpaca:benzinga")
    assert post.published_ns == 1_640_948_922_000_000_000
    assert headers[0]["apca-api-key-id"] == "CANARY-1"
    assert path == "/v1beta1/news?limit=50&sort=desc&symbols=BTCUSD%2CAAPL"


def test_the_last_call_of_a_window_is_followed_by_a_pause() -> None:
    answer, _, _ = ask(Reply(200, BODY, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "12"}))
    assert answer.pause_s == 12.0


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_turns_the_source_off_without_showing_it(status: int) -> None:
    with pytest.raises(SourceOffError, match="APCA_API_KEY_ID") as caught:
        ask(Reply(status, b"CANARY-1"))
    assert "CANARY" not in str(caught.value)


def test_without_keys_nobody_is_asked() -> None:
    with pytest.raises(SourceOffError, match="APCA_API_SECRET_KEY not set"):
        ask(Reply(200, BODY), {"APCA_API_KEY_ID": "CANARY-1"})


def test_a_redirect_would_carry_the_keys_elsewhere_and_is_not_followed() -> None:
    with pytest.raises(SourceError, match="redirects"):
        ask(Reply(302, headers={"Location": "/other"}))


def test_a_time_without_an_offset_counts_as_undated() -> None:
    body = json.dumps({"news": [{**ARTICLE, "created_at": "2021-12-31T11:08:42"}]}).encode()
    assert articles(body)[0].published_ns == 0


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"news": 5}', b'{"news": [{"id": "x"}]}', b'{"news": [', b"\xff"])
def test_what_alpaca_does_not_document_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        articles(body)


def test_no_news_is_no_error() -> None:
    assert articles(b'{"news": []}') == articles(b'{"news": null}') == ()
