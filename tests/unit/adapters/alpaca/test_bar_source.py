"""Alpaca's past bars, as `sagetool fetch bars` asks for them."""

import asyncio
from datetime import UTC, datetime

import pytest

from adapters.alpaca.bar_source import AlpacaBars
from adapters.alpaca.http import AlpacaHttp
from catalog.bartypes import parse_bar_spec
from sagetrade_nautilus.errors import ConfigError, DataError
from sagetrade_nautilus.secrets import Secret
from tests.support.alpaca_server.market import calendar_day
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server

DAY = 1_764_028_800_000_000_000  # 2025-11-25


def _source(server: AlpacaServer) -> AlpacaBars:
    return AlpacaBars(AlpacaHttp(Secret(KEY), Secret(SECRET), server.url, server.url))


def test_bars_of_a_span_come_whole_whatever_the_pages_are() -> None:
    async def ask(server: AlpacaServer) -> list:
        source = _source(server)
        try:
            return await source.bars("AAPL", parse_bar_spec("1-MINUTE-LAST"), DAY, DAY + 3_600 * 10**9)
        finally:
            await source.aclose()

    with alpaca_server() as server:
        whole = asyncio.run(ask(server))
        server.page_rows = 7
        assert asyncio.run(ask(server)) == whole
    assert len(whole) > 7
    opens = [row[0] for row in whole]
    assert opens == sorted(set(opens))
    assert all(DAY <= opened < DAY + 3_600 * 10**9 for opened in opens)


@pytest.mark.parametrize(("symbol", "error"), [("NO/USD", DataError), ("BTC/USD", ConfigError)])
def test_a_pair_that_nobody_knows_and_keys_of_another_account_are_told(symbol: str, error: type[Exception]) -> None:
    with alpaca_server() as server:
        server.faults = {"GET /v2/assets/BTC": [401]}
        with pytest.raises(error, match=r"knows no NO/USD|--account live"):
            asyncio.run(_source(server).definition(symbol))


def test_the_hours_of_a_session_follow_the_clock_in_new_york() -> None:
    with alpaca_server() as server:
        server.days = [
            calendar_day("2025-10-31"),
            calendar_day("2025-11-03"),
            calendar_day("2025-11-28", close="13:00"),
        ]
        found = asyncio.run(_source(server).sessions("AAPL", DAY - 30 * 86_400 * 10**9, DAY + 4 * 86_400 * 10**9))
    assert found is not None
    hours = [
        tuple(f"{datetime.fromtimestamp(ns // 10**9, UTC):%d %H:%M}" for ns in (session.opens_ns, session.closes_ns))
        for session in found
    ]
    assert hours == [("31 13:30", "31 20:00"), ("03 14:30", "03 21:00"), ("28 14:30", "28 18:00")]
