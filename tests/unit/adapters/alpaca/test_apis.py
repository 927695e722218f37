"""Alpaca's interfaces page by page, and the instruments that are made of its assets."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.identifiers import InstrumentId

from adapters.alpaca import trading
from adapters.alpaca.config import (
    AlpacaDataClientConfig,
    AlpacaExecClientConfig,
    AlpacaProviderConfig,
    trading_url,
    updates_url,
)
from adapters.alpaca.constants import LIVE_URL, PAPER_URL, Environment, StockFeed
from adapters.alpaca.history import HistoryApi, Span
from adapters.alpaca.http import AlpacaHttp
from adapters.alpaca.parsing import nanos
from adapters.alpaca.providers import AlpacaInstrumentProvider
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.secrets import Secret
from tests.support.alpaca_server import market
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server

START = datetime(2024, 1, 2, 15, tzinfo=UTC)
BUY = {"symbol": "AAPL", "side": "buy", "type": "limit", "limit_price": "90", "time_in_force": "gtc", "qty": "5"}


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with alpaca_server() as made:
        yield made


def asked[Answer](server: AlpacaServer, ask: Callable[[AlpacaHttp], Awaitable[Answer]]) -> Answer:
    async def once() -> Answer:
        async with AlpacaHttp(Secret(KEY), Secret(SECRET), server.url, server.url, backoff_seconds=0.01) as http:
            return await ask(http)

    return asyncio.run(once())


def span(symbol: str, minutes: float, limit: int = 0) -> Span:
    start = nanos(f"{START:%Y-%m-%dT%H:%M:%S}Z")
    return Span(symbol=symbol, start_ns=start, end_ns=start + int(minutes * 60) * 10**9, limit=limit)


@pytest.mark.parametrize("symbol", ["AAPL", "BTC/USD"])
@pytest.mark.parametrize("kind", ["bars", "trades", "quotes"])
@pytest.mark.parametrize(("page_rows", "limit"), [(4, 0), (100, 0), (4, 6), (4, 4), (100, 3), (4, 1000)])
def test_the_past_is_whole_and_in_order_however_it_is_paged(
    server: AlpacaServer, symbol: str, kind: Any, page_rows: int, limit: int
) -> None:
    server.page_rows = page_rows
    minutes = 10 if kind == "bars" else 0.25
    wanted = market.rows(kind, symbol, START, START + timedelta(minutes=minutes))
    server.faults["GET /"] = [500]

    async def ask(http: AlpacaHttp) -> list[Any]:
        api = HistoryApi(http, StockFeed.SIP)
        what = span(symbol, minutes, limit)
        return await (api.bars(what, "1Min") if kind == "bars" else getattr(api, kind)(what))

    found = asked(server, ask)
    assert [row.t for row in found] == [row["t"] for row in (wanted[-limit:] if limit else wanted)]
    sent = server.requests[-1][2]
    assert sent.get("feed") == (None if "/" in symbol else "sip")
    assert sent.get("adjustment") == ("raw" if kind == "bars" and "/" not in symbol else None)


def test_orders_and_executions_of_many_pages_are_all_found_once(
    server: AlpacaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trading, "ORDERS_MAX", 3)
    monkeypatch.setattr(trading, "ACTIVITIES_MAX", 3)
    server.orders_max = 3
    made = [server.account.submit(BUY | {"client_order_id": f"n{number}"}) for number in range(10)]
    for order in made[1:]:  # some of one moment, as a page may end between
        order["submitted_at"] = (
            made[0]["submitted_at"] if order["client_order_id"] in ("n1", "n2") else order["submitted_at"]
        )
    for number in range(8):
        server.account.fill(made[number]["id"], "1", "90")
    orders = asked(server, lambda http: TradingApi(http).open_orders())
    assert sorted(order.client_order_id for order in orders) == sorted(order["client_order_id"] for order in made)
    fills = asked(server, lambda http: TradingApi(http).fills_since(0))
    assert [fill.order_id for fill in fills] == [order["id"] for order in made[:8]]


def test_account_clock_calendar_and_what_is_not_there(server: AlpacaServer) -> None:
    async def ask(http: AlpacaHttp) -> tuple[Any, ...]:
        api = TradingApi(http)
        return (
            (await api.account()).status,
            (await api.clock()).is_open,
            await api.calendar("2026-11-27", "2026-11-30"),
            await api.asset("NOPE"),
            await api.order("none"),
            await api.order_of_client("none"),
        )

    status, is_open, days, *nothing = asked(server, ask)
    assert (status, is_open, nothing) == ("ACTIVE", True, [None, None, None])
    assert [(day.date, day.open, day.close) for day in days] == [("2026-11-27", "09:30", "13:00")]


@pytest.mark.parametrize("everything", [True, False])
def test_instruments_are_those_that_can_be_traded(server: AlpacaServer, everything: bool) -> None:
    names = frozenset(InstrumentId.from_str(f"{symbol}.ALPACA") for symbol in ("AAPL", "BTC/USD", "HALT", "NOPE"))
    config = AlpacaProviderConfig(load_all=everything, load_ids=None if everything else names)

    async def ask(http: AlpacaHttp) -> AlpacaInstrumentProvider:
        provider = AlpacaInstrumentProvider(TradingApi(http), config, lambda: 7)
        await provider.initialize()
        return provider

    provider = asked(server, ask)
    found = {instrument.id.symbol.value: instrument for instrument in provider.list_all()}
    assert sorted(found) == (["AAPL", "BTC/USD", "MSFT"] if everything else ["AAPL", "BTC/USD"])
    assert found["BTC/USD"].min_quantity.as_decimal() == Decimal("0.00002")
    assert "BTC" in provider.currencies()


def test_a_pair_of_currencies_is_not_taken_for_what_has_no_slash(server: AlpacaServer) -> None:
    """Alpaca still finds pairs by the names that they had once; nothing here could tell such a one from a stock."""
    names = frozenset({InstrumentId.from_str("BTCUSD.ALPACA")})

    async def ask(http: AlpacaHttp) -> AlpacaInstrumentProvider:
        provider = AlpacaInstrumentProvider(TradingApi(http), AlpacaProviderConfig(load_ids=names), lambda: 7)
        await provider.initialize()
        return provider

    assert asked(server, ask).list_all() == []


def test_money_is_at_stake_only_where_the_configuration_says_so() -> None:
    paper, live = AlpacaExecClientConfig(), AlpacaExecClientConfig(environment=Environment.LIVE)
    assert (trading_url(paper), updates_url(paper)) == (PAPER_URL, "wss://paper-api.alpaca.markets/stream")
    assert (trading_url(live), updates_url(live)) == (LIVE_URL, "wss://api.alpaca.markets/stream")
    assert trading_url(AlpacaDataClientConfig()) == PAPER_URL
    own = AlpacaExecClientConfig(trading_url="http://127.0.0.1:1", stream_url="ws://127.0.0.1:2")
    assert (trading_url(own), updates_url(own)) == ("http://127.0.0.1:1", "ws://127.0.0.1:2")
