"""Bars from a server that speaks Binance's interface: whole, in order, at its pace, and through its faults."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from adapters.binance.history import BinanceHistory
from adapters.common.retry import TransientError
from catalog.bartypes import parse_bar_spec
from catalog.instruments import Definition
from sagetrade_nautilus.errors import DataError
from tests.support.binance import BinanceServer
from tests.support.http_server import Reply

DAY = 1_704_067_200_000_000_000  # 2024-01-01
MINUTE = 60_000_000_000


@pytest.fixture
def server() -> Iterator[BinanceServer]:
    made = BinanceServer()
    yield made
    made.close()


def _bars(server: BinanceServer, minutes: int, symbol: str = "BTCUSDT", spec: str = "1-MINUTE-LAST", **options) -> list:
    async def ask() -> list:
        history = BinanceHistory(server.url, backoff_seconds=0.01, **options)
        try:
            return await history.bars(symbol, parse_bar_spec(spec), DAY, DAY + minutes * MINUTE)
        finally:
            await history.aclose()

    return asyncio.run(ask())


@pytest.mark.parametrize("minutes", [0, 1, 999, 1_000, 1_001, 1_440, 2_500])
def test_every_bar_comes_once_and_in_order_however_many_pages_it_takes(server: BinanceServer, minutes: int) -> None:
    assert [row[0] for row in _bars(server, minutes)] == [DAY + number * MINUTE for number in range(minutes)]


def test_a_bar_has_its_open_prices_and_volume(server: BinanceServer) -> None:
    ((opened, first, high, low, last, volume),) = _bars(server, 1)
    assert (opened, high, low, last, volume) == (DAY, first + 1.0, first - 1.0, first + 0.5, 12.5)


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=429, headers={"retry-after": "0.01"}),
        Reply(status=418, headers={"retry-after": "0.01"}),
        Reply(status=503),
        Reply(body=b"[[1,", cut=2),
    ],
)
def test_what_passes_is_asked_again(server: BinanceServer, fault: Reply) -> None:
    server.faults = [fault, fault]
    assert len(_bars(server, 10)) == 10


def test_what_does_not_pass_is_an_error_in_the_end(server: BinanceServer) -> None:
    server.faults = [Reply(status=503)] * 9
    with pytest.raises(TransientError, match="answers 503"):
        _bars(server, 10)


@pytest.mark.parametrize(
    ("reply", "says"),
    [(Reply(status=451, body=b"not from here"), "451.*not from here"), (Reply(body=b"{}"), "no bars"),
     (Reply(body=b"[[1]]"), "no bars"), (Reply(body=b'[["x","1","1","1","1","1"]]'), "no bars")],
)  # fmt: skip
def test_a_refusal_or_nonsense_is_told_and_not_asked_again(server: BinanceServer, reply: Reply, says: str) -> None:
    server.faults = [reply]
    with pytest.raises(DataError, match=says):
        _bars(server, 10)
    assert len(server.requests) == 1


def test_it_waits_for_the_next_minute_when_much_of_the_weight_is_used(server: BinanceServer) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    server.weight = 4_001
    _bars(server, 1_500, sleep=sleep, now_s=lambda: 1_704_067_215.0)
    assert waits == [45.0, 45.0]


def test_bars_that_binance_does_not_have_are_named(server: BinanceServer) -> None:
    with pytest.raises(DataError, match="no bars of 10-MINUTE-LAST"):
        _bars(server, 10, spec="10-MINUTE-LAST")


def test_a_market_that_is_not_known_is_defined_by_what_binance_says(server: BinanceServer) -> None:
    history = BinanceHistory(server.url, backoff_seconds=0.01)
    assert asyncio.run(history.definition("SOLUSDT")) == Definition(
        price_precision=2, size_precision=3, quote="USDT", min_notional="5"
    )
    with pytest.raises(DataError, match="Invalid symbol"):
        asyncio.run(BinanceHistory(server.url).definition("NOPE"))


@pytest.mark.parametrize("least", ["1e999999999", "NaN", "x"])
def test_a_smallest_order_that_is_no_amount_is_not_what_is_documented(least: str) -> None:
    filters = f"""[{{"filterType":"PRICE_FILTER","tickSize":"0.01"}},{{"filterType":"LOT_SIZE","stepSize":"0.1"}},
    {{"filterType":"NOTIONAL","minNotional":"{least}"}}]"""
    raw = f'{{"symbols":[{{"quoteAsset":"USDT","filters":{filters}}}]}}'.encode()

    async def ask() -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, content=raw))
        history = BinanceHistory("https://example.org", transport=transport)
        await history.definition("BTCUSDT")

    with pytest.raises(DataError, match="not documented"):
        asyncio.run(ask())
