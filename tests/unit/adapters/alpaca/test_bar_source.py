"""Alpaca's past bars, as `sagetool fetch bars` asks for them."""

import asyncio

import pytest

from adapters.alpaca.bar_source import AlpacaBars
from adapters.alpaca.http import AlpacaHttp
from catalog.bartypes import parse_bar_spec
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.secrets import Secret
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server

DAY = 1_764_028_800_000_000_000  # 2025-11-25


def _source(server: AlpacaServer) -> AlpacaBars:
    return AlpacaBars(AlpacaHttp(Secret(KEY), Secret(SECRET), data_url=server.url))


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


def test_crypto_is_not_fetched_there() -> None:
    with alpaca_server() as server, pytest.raises(DataError, match="only stocks"):
        asyncio.run(_source(server).definition("BTC/USD"))
