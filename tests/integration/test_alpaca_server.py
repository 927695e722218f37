"""Our server against Alpaca's own client: what it cannot read would prove nothing about ours."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("alpaca", reason="needs `pip install alpaca-py`, which is part of the extra `dev`")

from alpaca.common.exceptions import APIError
from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient
from alpaca.data.live import CryptoDataStream, StockDataStream
from alpaca.data.requests import (
    CryptoBarsRequest,
    CryptoQuoteRequest,
    CryptoTradesRequest,
    StockBarsRequest,
    StockQuotesRequest,
    StockTradesRequest,
)
from alpaca.data.timeframe import TimeFrame
from alpaca.trading import requests as r
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderClass, OrderSide, OrderStatus, QueryOrderStatus, TimeInForce
from alpaca.trading.stream import TradingStream

from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer, alpaca_server

START = datetime(2024, 1, 2, 15, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with alpaca_server() as made:
        yield made


@pytest.fixture
def client(server: AlpacaServer) -> TradingClient:
    return TradingClient(KEY, SECRET, url_override=server.url)


def market(qty: float | None, symbol: str = "AAPL", **more: Any) -> r.MarketOrderRequest:
    tif = TimeInForce.GTC if "/" in symbol else TimeInForce.DAY
    return r.MarketOrderRequest(**{"symbol": symbol, "qty": qty, "side": OrderSide.BUY, "time_in_force": tif, **more})


def test_it_reads_account_clock_calendar_and_assets(client: TradingClient) -> None:
    account: Any = client.get_account()
    assert (account.status.value, account.cash, account.multiplier) == ("ACTIVE", "100000", "2")
    clock: Any = client.get_clock()
    assert clock.is_open
    assert len(client.get_calendar()) == 2
    assert {asset.symbol for asset in client.get_all_assets()} == {"AAPL", "MSFT", "HALT"}  # type: ignore[union-attr]
    pair: Any = client.get_asset("BTC/USD")
    assert (pair.asset_class.value, pair.price_increment) == ("crypto", 0.01)


def test_it_trades_every_type_of_order(client: TradingClient) -> None:
    common: dict[str, Any] = {"symbol": "AAPL", "qty": 2, "side": OrderSide.BUY, "time_in_force": TimeInForce.GTC}
    orders: list[Any] = [
        client.submit_order(market(2)),
        client.submit_order(market(0.5)),
        client.submit_order(market(0.01, symbol="BTC/USD")),
        client.submit_order(r.LimitOrderRequest(**common, limit_price=90)),
        client.submit_order(r.StopOrderRequest(**common, stop_price=110)),
        client.submit_order(r.StopLimitOrderRequest(**common, stop_price=110, limit_price=111)),
        client.submit_order(r.TrailingStopOrderRequest(**common, trail_percent=1.5)),
    ]
    assert [order.status for order in orders] == [OrderStatus.FILLED] * 3 + [OrderStatus.NEW] * 4
    assert {position.symbol for position in client.get_all_positions()} == {"AAPL", "BTCUSD"}  # type: ignore[union-attr]
    listed: Any = client.get_orders(r.GetOrdersRequest(status=QueryOrderStatus.OPEN))
    assert len(listed) == 4
    changed: Any = client.replace_order_by_id(orders[3].id, r.ReplaceOrderRequest(qty=3, limit_price=91))
    assert (changed.replaces, changed.qty, changed.limit_price) == (orders[3].id, "3", "91.0")
    client.cancel_order_by_id(changed.id)
    gone: Any = client.get_order_by_id(changed.id)
    assert gone.status == OrderStatus.CANCELED
    assert len(client.cancel_orders()) == 3
    notional: Any = client.submit_order(market(None, notional=50))
    assert float(notional.filled_qty) == pytest.approx(50 / 100.02)


def test_it_reads_brackets_and_refusals(client: TradingClient) -> None:
    exits = {
        "take_profit": r.TakeProfitRequest(limit_price=120),
        "stop_loss": r.StopLossRequest(stop_price=90),
        "order_class": OrderClass.BRACKET,
        "client_order_id": "mine",
    }
    bracket: Any = client.submit_order(market(3, **exits))
    assert [leg.type.value for leg in bracket.legs] == ["limit", "stop"]
    assert client.get_order_by_client_id("mine").id == bracket.id  # type: ignore[union-attr]
    for request, code in ((market(3, **exits), 40010001), (market(10_000), 40310000)):
        with pytest.raises(APIError) as caught:
            client.submit_order(request)
        assert caught.value.code == code


def test_coins_back_one_resting_sale_and_pay_the_fee_of_their_purchase(
    server: AlpacaServer, client: TradingClient
) -> None:
    client.submit_order(market(0.5, symbol="BTC/USD"))
    [held] = client.get_all_positions()
    assert (held.qty, held.qty_available) == ("0.49875", "0.49875")
    sale: dict[str, Any] = {"symbol": "BTC/USD", "side": OrderSide.SELL, "time_in_force": TimeInForce.GTC}

    def refused(request: Any) -> tuple[int, int, str]:
        with pytest.raises(APIError) as caught:
            client.submit_order(request)
        return caught.value.status_code, caught.value.code, caught.value.message

    too_much = r.LimitOrderRequest(**sale, qty=0.5, limit_price=60_000)
    assert refused(too_much) == (403, 40310000, "insufficient balance for BTC (requested: 0.5, available: 0.49875)")
    stop: Any = client.submit_order(r.StopLimitOrderRequest(**sale, qty=0.49875, stop_price=45_000, limit_price=44_000))
    target = r.LimitOrderRequest(**sale, qty=0.49875, limit_price=60_000)
    assert refused(target)[:2] == (403, 40310000)
    assert refused(r.StopOrderRequest(**sale, qty=0.1, stop_price=45_000))[:2] == (422, 40010001)
    exits = {"take_profit": r.TakeProfitRequest(limit_price=60_000), "stop_loss": r.StopLossRequest(stop_price=45_000)}
    assert refused(market(0.1, symbol="BTC/USD", order_class=OrderClass.BRACKET, **exits))[0] == 422
    client.cancel_order_by_id(stop.id)
    cash = server.account.cash
    closed: Any = client.submit_order(market(0.49875, symbol="BTC/USD", side=OrderSide.SELL))
    assert closed.status == OrderStatus.FILLED
    assert server.account.cash - cash == Decimal("0.49875") * 50_000 * Decimal("0.9975")
    assert client.get_all_positions() == []


@pytest.mark.parametrize("page_rows", [7, 10_000])
def test_it_reads_the_past_page_by_page(server: AlpacaServer, page_rows: int) -> None:
    server.page_rows = page_rows
    stocks = StockHistoricalDataClient(KEY, SECRET, url_override=server.url)
    crypto = CryptoHistoricalDataClient(KEY, SECRET, url_override=server.url)
    end, second = START + timedelta(minutes=29), START + timedelta(seconds=29)
    asked: list[tuple[Callable[[Any], Any], Any]] = [
        (
            stocks.get_stock_bars,
            StockBarsRequest(symbol_or_symbols="AAPL", timeframe=TimeFrame.Minute, start=START, end=end),
        ),
        (stocks.get_stock_trades, StockTradesRequest(symbol_or_symbols="AAPL", start=START, end=second)),
        (stocks.get_stock_quotes, StockQuotesRequest(symbol_or_symbols="AAPL", start=START, end=second)),
        (
            crypto.get_crypto_bars,
            CryptoBarsRequest(symbol_or_symbols="BTC/USD", timeframe=TimeFrame.Minute, start=START, end=end),
        ),
        (crypto.get_crypto_trades, CryptoTradesRequest(symbol_or_symbols="BTC/USD", start=START, end=second)),
        (crypto.get_crypto_quotes, CryptoQuoteRequest(symbol_or_symbols="BTC/USD", start=START, end=second)),
    ]
    for call, request in asked:
        [found] = call(request).data.values()
        assert len(found) in (29, 30)
        assert found == sorted(found, key=lambda row: row.timestamp)


def heard(stream: Any, until: Callable[[], bool]) -> None:
    thread = threading.Thread(target=stream.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not until() and time.monotonic() < deadline:
        time.sleep(0.02)
    stream.stop()
    thread.join(10)


@pytest.mark.slow  # their client looks every five seconds whether it is to stop
def test_it_hears_market_data(server: AlpacaServer) -> None:
    frames = {
        "/v2/iex": ("AAPL", StockDataStream),
        "/v1beta3/crypto/us": ("BTC/USD", CryptoDataStream),
    }
    for path, (symbol, kind) in frames.items():
        found: list[Any] = []

        async def hear(datum: Any, found: list[Any] = found) -> None:
            found.append(datum)

        stream = kind(KEY, SECRET, url_override=server.stream_url + path)
        stream.subscribe_trades(hear, symbol)
        stream.subscribe_quotes(hear, symbol)
        stream.subscribe_bars(hear, symbol)

        def told(path: str = path, symbol: str = symbol, found: list[Any] = found) -> bool:
            if len(server.streams.subscribed(path)) == 3 and not found:
                common = {"S": symbol, "t": "2024-01-02T15:00:00.123456789Z"}
                bar = common | {"n": 1, "vw": 1.5}
                server.streams.data(path, {"T": "t", "p": 1.5, "s": 2, "i": 7, **common})
                server.streams.data(path, {"T": "q", "bp": 1, "bs": 2, "ap": 3, "as": 4, **common})
                server.streams.data(path, {"T": "b", "o": 1, "h": 2, "l": 1, "c": 2, "v": 3, **bar})
                time.sleep(0.2)
            return len(found) >= 3

        heard(stream, told)
        assert [type(datum).__name__ for datum in found[:3]] == ["Trade", "Quote", "Bar"]


@pytest.mark.slow  # their client looks every five seconds whether it is to stop
def test_it_hears_trade_updates(server: AlpacaServer, client: TradingClient) -> None:
    found: list[Any] = []

    async def hear(update: Any) -> None:
        await asyncio.sleep(0)
        found.append(update)

    stream = TradingStream(KEY, SECRET, url_override=server.stream_url + "/stream")
    stream.subscribe_trade_updates(hear)
    sent: list[Any] = []

    def told() -> bool:
        if server.streams.subscribed("/stream") and not sent:
            sent.append(client.submit_order(market(2)))
            order: Any = client.submit_order(
                r.LimitOrderRequest(
                    symbol="AAPL", qty=2, side=OrderSide.BUY, time_in_force=TimeInForce.GTC, limit_price=90
                )
            )
            changed: Any = client.replace_order_by_id(order.id, r.ReplaceOrderRequest(limit_price=91))
            client.cancel_order_by_id(changed.id)
        return len(found) >= 6

    heard(stream, told)
    assert [update.event for update in found] == ["new", "fill", "new", "replaced", "new", "canceled"]
    assert (found[1].qty, found[1].price, float(found[1].order.filled_qty)) == (2.0, 100.02, 2.0)
