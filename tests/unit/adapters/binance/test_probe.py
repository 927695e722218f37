"""Binance's time, from a server that speaks its public interface; and whatever else may answer."""

import asyncio
from collections.abc import Iterator

import pytest

from adapters.binance.probe import BinanceProbe
from sagetrade_nautilus.errors import ConfigError, RunError
from tests.support.http_server import Reply, ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    made = ScriptedServer(Reply(body=b'{"serverTime":1499827319559}'))
    yield made
    made.close()


def test_it_returns_the_venues_time_in_nanoseconds(server: ScriptedServer) -> None:
    assert asyncio.run(BinanceProbe(server.url).time_ns()) == 1_499_827_319_559_000_000
    assert [request.path for request in server.requests] == ["/api/v3/time"]


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(status=451), r"refuses /api/v3/time \(451\)"),
        (Reply(body=b"<html>"), "no answer to it"),
        (Reply(body=b'{"serverTime":"soon"}'), "no answer to it"),
        (Reply(body=b'{"serverTime":1499827319559}', cut=5), "does not answer"),
    ],
)
def test_anything_else_is_an_error_that_says_what_came(server: ScriptedServer, reply: Reply, says: str) -> None:
    server.replies = [reply]
    with pytest.raises(RunError, match=says):
        asyncio.run(BinanceProbe(server.url, backoff_seconds=0.01).time_ns())


@pytest.mark.parametrize(
    "reply", [Reply(status=503), Reply(status=429, headers={"retry-after": "0.01"}), Reply(body=b"{}", cut=1)]
)
def test_a_hiccup_is_no_error(server: ScriptedServer, reply: Reply) -> None:
    server.replies = [reply, reply, *server.replies]
    assert asyncio.run(BinanceProbe(server.url, backoff_seconds=0.01).time_ns()) == 1_499_827_319_559_000_000


def test_it_tells_when_a_symbol_was_last_traded(server: ScriptedServer) -> None:
    server.replies = [Reply(body=b'[{"id":28457,"price":"4.00000100","qty":"12.0","time":1499865549590}]')]
    assert asyncio.run(BinanceProbe(server.url).newest_ns("BTCUSDT")) == 1_499_865_549_590_000_000
    assert [request.path for request in server.requests] == ["/api/v3/trades?symbol=BTCUSDT&limit=1"]


def test_nobody_at_the_address_is_an_error() -> None:
    with pytest.raises(RunError, match="does not answer"):
        asyncio.run(BinanceProbe("http://127.0.0.1:1", backoff_seconds=0.01).time_ns())


@pytest.mark.parametrize("url", ["http://api.binance.com", "api.binance.com", "ftp://localhost"])
def test_an_address_that_is_not_encrypted_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="https"):
        BinanceProbe(url)
