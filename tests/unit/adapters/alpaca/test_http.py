"""One request to Alpaca, with every fault that a server can have: what it is told as, and how often it is sent."""

import asyncio
import json
import time
from typing import Any

import msgspec
import pytest

pytest.importorskip("stamina", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from adapters.alpaca import http as module
from adapters.alpaca.http import (
    AlpacaBusyError,
    AlpacaHttp,
    AlpacaNonsenseError,
    AlpacaRefusedError,
    AlpacaSilentError,
)
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.secrets import Secret
from tests.support.http_server import Reply, ScriptedServer, serving

KEY, SECRET = "canary-key-2b9c", "canary-secret-77e1"
YES = Reply(200, b'{"suspend_trade": true}')


class Answer(msgspec.Struct):
    suspend_trade: bool


def ask(server: ScriptedServer, method: str = "GET", **options: Any) -> Answer:
    async def once() -> Answer:
        async with AlpacaHttp(
            Secret(KEY), Secret(SECRET), server.url, server.url, timeout_s=0.5, backoff_seconds=0.01
        ) as http:
            return await http.ask(method, "/v2/thing", Answer, **options)

    return asyncio.run(once())


def refusal(status: int, message: str = "no") -> Reply:
    return Reply(status, json.dumps({"code": 40310000, "message": message}).encode())


def test_keys_and_parameters_are_sent_and_the_answer_is_typed() -> None:
    with serving(YES) as server:
        assert ask(server, params={"limit": 5}).suspend_trade
        [request] = server.requests
    assert request.path == "/v2/thing?limit=5"
    assert (request.headers["apca-api-key-id"], request.headers["apca-api-secret-key"]) == (KEY, SECRET)


@pytest.mark.parametrize("fault", [Reply(500), Reply(503), Reply(504), Reply(429), Reply(200, b"x" * 99, cut=5)])
@pytest.mark.parametrize("lasting", [False, True])
def test_a_passing_fault_is_asked_again_and_a_lasting_one_told_after_three_tries(fault: Reply, lasting: bool) -> None:
    with serving(*([fault] if lasting else [fault, YES])) as server:
        if lasting:
            with pytest.raises((AlpacaSilentError, AlpacaBusyError)):
                ask(server)
        else:
            assert ask(server).suspend_trade
        assert len(server.requests) == (3 if lasting else 2)


@pytest.mark.parametrize(
    ("fault", "error", "sent"),
    [
        (Reply(500), AlpacaSilentError, 1),
        (Reply(408), AlpacaSilentError, 1),
        (Reply(200, b"x" * 99, cut=5), AlpacaSilentError, 1),
        (Reply(200, b"x" * 99, pause_s=0.05), AlpacaSilentError, 1),
        (Reply(429), AlpacaBusyError, 3),
        (Reply(200, b"<html>"), AlpacaNonsenseError, 1),
        (Reply(200, b'{"suspend_trade": "perhaps"}'), AlpacaNonsenseError, 1),
        (refusal(403), AlpacaRefusedError, 1),
        (refusal(422), AlpacaRefusedError, 1),
    ],
)
def test_what_must_not_happen_twice_is_sent_again_only_if_it_had_no_effect(
    fault: Reply, error: type[Exception], sent: int
) -> None:
    with serving(fault) as server:
        with pytest.raises(error):
            ask(server, "POST", body={"symbol": "AAPL"}, repeatable=False)
        assert len(server.requests) == sent


def test_a_server_that_is_not_there_had_no_effect() -> None:
    with serving(YES) as server:
        pass
    with pytest.raises(AlpacaBusyError, match="cannot be reached"):
        ask(server, repeatable=False)


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_refusal_says_why_without_our_keys(status: int) -> None:
    with serving(refusal(status, f"insufficient\n qty for {KEY} and {SECRET} " + "x" * 999)) as server:
        with pytest.raises(AlpacaRefusedError) as caught:
            ask(server)
        assert len(server.requests) == 1
    assert caught.value.status == status
    assert caught.value.reason.startswith("insufficient qty for Secret(***)")
    assert len(caught.value.reason) <= module.REASON_CHARS_MAX + len("Secret(***)" * 2)
    assert "canary" not in str(caught.value) + repr(caught.value) + repr(caught.value.__context__)


@pytest.mark.parametrize("moment", [False, True])
def test_it_waits_as_long_as_the_server_asks(moment: bool) -> None:
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 2)}
    with serving(Reply(429, headers=reset if moment else {"Retry-After": "1"}), YES) as server:
        begun = time.monotonic()
        assert ask(server).suspend_trade
    assert 0.9 < time.monotonic() - begun < 3.0


def test_an_error_on_their_side_does_not_wait_for_the_window_of_requests_to_end() -> None:
    headers = {"X-RateLimit-Remaining": "150", "X-RateLimit-Reset": str(int(time.time()) + 50)}
    with serving(Reply(500, headers=headers), YES) as server:
        begun = time.monotonic()
        assert ask(server).suspend_trade
    assert time.monotonic() - begun < 0.9


def test_after_the_last_request_of_a_window_reading_waits_and_an_order_does_not() -> None:
    spent = Reply(200, YES.body, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"})

    async def both(server: ScriptedServer) -> tuple[float, float]:
        async with AlpacaHttp(Secret(KEY), Secret(SECRET), server.url, server.url) as http:
            await http.ask("GET", "/a", Answer)
            begun = time.monotonic()
            await http.ask("POST", "/b", Answer, body={}, repeatable=False)
            order = time.monotonic() - begun
            await http.ask("GET", "/c", Answer)
            return order, time.monotonic() - begun

    with serving(spent, YES) as server:
        order, reading = asyncio.run(both(server))
    assert order < 0.5
    assert reading > 0.9


@pytest.mark.parametrize("url", ["http://api.alpaca.markets", "ftp://example.org", "api.alpaca.markets", ""])
def test_a_key_is_sent_nowhere_in_the_clear(url: str) -> None:
    for urls in ((url, module.DATA_URL), (module.PAPER_URL, url)):
        with pytest.raises(ConfigError, match="over https"):
            AlpacaHttp(Secret(KEY), Secret(SECRET), *urls)


def test_nothing_that_is_shown_or_logged_holds_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    http = AlpacaHttp(Secret(KEY), Secret(SECRET))
    with serving(Reply(500)) as server, pytest.raises(AlpacaSilentError):
        ask(server)
    assert "canary" not in repr(http) + repr(vars(http)) + caplog.text


def test_an_endless_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_BYTES_MAX", 1000)
    with serving(Reply(200, b"x" * 5000)) as server, pytest.raises(AlpacaSilentError, match="does not end"):
        ask(server, repeatable=False)
