"""Alpaca's stream, from a real websocket server on this machine; every fault is an error that says what to do."""

import asyncio
import http
import json
import logging
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("websockets", reason="needs websockets: pip install 'sagetrade-nautilus[news]'")

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Response

from adapters.news.alpaca_stream import MAX_BYTES, UNREADABLE_MAX, AlpacaStream, read
from adapters.news.source import SourceError, SourceOffError
from adapters.news.supervisor import Supervisor
from sagetrade_nautilus.data import RawText
from tests.support.alpaca_news import KEYS, NewsServer, Session, article, cuts, news_server, sends
from tests.support.http_server import Reply, serving

NOTHING = Reply(200, b'{"news": []}')


def latest(*numbers: int) -> Reply:
    return Reply(200, json.dumps({"news": [article(number) for number in numbers]}).encode())


async def first(source: AlpacaStream, count: int) -> list[RawText]:
    """Return the first texts of a source by itself."""
    found: list[RawText] = []
    try:
        async with aclosing(source.texts()) as texts:  # type: ignore[type-var]
            async for text in texts:
                found.append(text)
                if len(found) == count:
                    break
    finally:
        await source.aclose()
    return found


def play(
    *sessions: Session,
    count: int = 1,
    rest: tuple[Reply, ...] = (NOTHING,),
    symbols: tuple[str, ...] = (),
    keys: Mapping[str, str] = KEYS,
    **server: bool,
) -> tuple[list[RawText], AlpacaStream, NewsServer]:
    """Return the first `count` texts, the source and the server."""

    async def once() -> tuple[list[RawText], AlpacaStream, NewsServer]:
        with serving(*rest) as web:
            async with news_server(*sessions, **server) as made:
                source = AlpacaStream(symbols, keys.get, url=made.url, base_url=web.url)
                return await first(source, count), source, made

    return asyncio.run(asyncio.wait_for(once(), 20))


def supervised(*sessions: Session, count: int, rest: tuple[Reply, ...]) -> tuple[list[str], list[str], list[float]]:
    """Return the titles that came through a supervisor, what it told, and how long it waited."""
    lines: list[str] = []
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def once() -> list[str]:
        with serving(*rest) as web:
            async with news_server(*sessions) as made:
                source = AlpacaStream((), KEYS.get, url=made.url, base_url=web.url, heartbeat_s=0.5)
                titles: list[str] = []
                async with aclosing(Supervisor([source], lines.append, sleep=sleep).texts()) as texts:
                    async for text in texts:
                        titles.append(text.title)
                        if len(titles) == count:
                            break
                return titles

    return asyncio.run(asyncio.wait_for(once(), 20)), lines, waits


def test_an_article_is_passed_on_once_dated_and_counts_for_its_publisher() -> None:
    texts, source, server = play(
        sends([article(2), article(2)], [article(3)]), count=3, rest=(latest(1, 2),), symbols=("BTCUSD", "AAPL")
    )
    assert [text.title for text in texts] == ["Bitcoin news 1", "Bitcoin news 2", "Bitcoin news 3"]
    assert (texts[0].source, texts[0].body, texts[0].ts_event) == (
        "alpaca:benzinga",
        "It is so.",
        1_640_948_881_000_000_000,
    )
    assert all(text.ts_init > text.ts_event and text.first_seen_known for text in texts)
    assert server.subscribed == [{"action": "subscribe", "news": ["BTCUSD", "AAPL"]}]
    assert source.skipped == 0


def test_without_symbols_all_news_is_asked_for() -> None:
    _, _, server = play(sends([article(1)]))
    assert server.subscribed == [{"action": "subscribe", "news": ["*"]}]


@pytest.mark.parametrize(
    "bad",
    [
        "no JSON",
        b"\xff\xfe",
        "{}",
        "5",
        [7],
        [{"headline": "no type"}],
        [article(9, id="x")],
        [article(9, created_at="soon")],
        [article(9, created_at="2021-12-31T11:08:42")],
        [{"T": "n"}],
    ],
)
def test_what_cannot_be_read_is_counted_and_skipped(bad: Any) -> None:
    texts, source, _ = play(sends([article(1)], bad, [article(2)]), count=2)
    assert [text.title for text in texts] == ["Bitcoin news 1", "Bitcoin news 2"]
    assert source.skipped == 1


def test_one_bad_article_takes_no_other_of_its_frame_with_it() -> None:
    texts, source, _ = play(sends([article(1), article(2, headline=None), {"T": "new kind"}, article(3)]), count=2)
    assert [text.title for text in texts] == ["Bitcoin news 1", "Bitcoin news 3"]
    assert source.skipped == 1


def test_a_stream_that_sends_nothing_readable_is_given_up() -> None:
    with pytest.raises(SourceError, match=f"last {UNREADABLE_MAX} messages cannot be read"):
        play(sends(*["<html>"] * UNREADABLE_MAX))
    texts, source, _ = play(sends(*["<html>"] * (UNREADABLE_MAX - 1), [article(1)], "<html>", [article(2)]), count=2)
    assert (len(texts), source.skipped) == (2, UNREADABLE_MAX)


def test_refused_keys_turn_the_source_off_and_are_not_shown() -> None:
    with pytest.raises(SourceOffError, match="402: APCA_API_KEY_ID") as caught:
        play(sends(), keys={**KEYS, "APCA_API_KEY_ID": "CANARY-9"})
    assert "CANARY" not in str(caught.value)


def test_without_keys_nobody_is_asked() -> None:
    source = AlpacaStream((), {"APCA_API_KEY_ID": "CANARY-1"}.get, url="ws://127.0.0.1:9")
    with pytest.raises(SourceOffError, match="APCA_API_SECRET_KEY not set"):
        asyncio.run(first(source, 1))


def test_a_second_connection_of_an_account_waits() -> None:
    with pytest.raises(SourceError, match="another connection of this account") as caught:
        play(sends(), limit_reached=True)
    assert caught.value.retry_after_s == 60.0


@pytest.mark.parametrize("code", [404, 407, 500])
def test_an_error_on_the_way_is_told_and_may_pass(code: int) -> None:
    with pytest.raises(SourceError, match=str(code)) as caught:
        play(sends([{"T": "error", "code": code, "msg": "CANARY"}]))
    assert not isinstance(caught.value, SourceOffError)
    assert "CANARY" not in str(caught.value)


def test_a_message_that_is_too_long_is_never_held_in_memory() -> None:
    with pytest.raises(SourceError, match=f"longer than {MAX_BYTES} bytes"):
        play(sends([article(1, content="A" * MAX_BYTES)]))


def test_after_a_cut_it_connects_again_and_fills_the_gap_doubling_nothing() -> None:
    titles, lines, waits = supervised(
        cuts([article(2)]),
        sends([article(3)], stay=False),
        sends([article(5)]),
        count=5,
        rest=(latest(1), latest(1, 2), latest(1, 2, 3, 4)),
    )
    assert titles == [f"Bitcoin news {number}" for number in (1, 2, 3, 4, 5)]
    assert [line.partition(": ")[2].partition(" (")[0] for line in lines] == [
        "its connection broke, or could not be made",
        "it works again",
        "it closed the connection; trying again in 1 s",
        "it works again",
    ]
    assert waits == [1.0, 1.0]


def test_a_connection_that_has_gone_silent_without_a_word_is_given_up() -> None:
    async def freeze(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await asyncio.sleep(2.0)
        connection.transport.abort()

    titles, lines, _ = supervised(freeze, sends([article(1)]), count=1, rest=(NOTHING,))
    assert titles == ["Bitcoin news 1"]
    assert "its connection broke" in lines[0]


async def ask_in_vain(session: Session, **settings: Any) -> None:
    """Read from a server that never comes to letting us in."""
    async with serve(session, "127.0.0.1", 0, **settings) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await first(AlpacaStream((), KEYS.get, url=url, base_url="http://127.0.0.1:9", log_in_s=0.2), 1)


@pytest.mark.parametrize(
    ("status", "headers", "kind", "asked_s"),
    [
        (401, {}, SourceOffError, 0.0),
        (403, {}, SourceOffError, 0.0),
        (429, {"Retry-After": "77"}, SourceError, 77.0),
        (500, {}, SourceError, 0.0),
        (302, {"Location": "ws://127.0.0.1:9/"}, SourceError, 0.0),
    ],
)
def test_an_answer_instead_of_a_stream_is_told_and_no_redirect_is_followed(
    status: int, headers: dict[str, str], kind: type[SourceError], asked_s: float
) -> None:
    def refuse(connection: ServerConnection, request: Any) -> Response:
        return Response(status, http.HTTPStatus(status).phrase, Headers(headers), b"CANARY")

    with pytest.raises(SourceError, match=f"it answered {status}") as caught:
        asyncio.run(asyncio.wait_for(ask_in_vain(sends(), process_request=refuse), 20))
    assert type(caught.value) is kind
    assert caught.value.retry_after_s == asked_s
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("said", [[], ["<html>"]])
def test_a_server_that_does_not_let_us_in_is_not_waited_for(said: list[str]) -> None:
    with pytest.raises(SourceError, match="logging in" if said else "let us in within"):
        asyncio.run(asyncio.wait_for(ask_in_vain(sends(*said)), 20))


def test_nothing_that_is_logged_holds_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("websockets.client").setLevel(logging.DEBUG)
    play(sends([article(1)]))
    ours = [record for record in caplog.records if not record.name.startswith("websockets.server")]
    assert not any("CANARY" in record.getMessage() for record in ours)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_frame_is_read_or_counted(frame: str | bytes) -> None:
    posts, skipped = read(frame)
    assert posts == ()
    assert skipped <= 1 or isinstance(json.loads(frame), list)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(article(1))), JSON))
def test_an_article_with_anything_in_it_is_read_or_counted(changes: dict[str, Any]) -> None:
    try:
        posts, skipped = read(json.dumps([article(1, **changes), article(2)]))
    except SourceError:
        assert changes["T"] == "error"
        return
    assert posts[-1].key == "2"
    assert len(posts) + skipped <= 2
