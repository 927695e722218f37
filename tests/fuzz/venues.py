"""Targets: what brokers and exchanges answer, by HTTP and on their streams."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import httpx
import msgspec
from nautilus_trader.cache.cache import Cache
from nautilus_trader.model.data import BarType
from nautilus_trader.model.identifiers import AccountId

from adapters.alpaca import accounts, parsing, reports, schemas
from adapters.alpaca.bar_source import AlpacaBars
from adapters.alpaca.feed import Feed
from adapters.alpaca.http import TROUBLE, AlpacaError, AlpacaHttp
from adapters.alpaca.live_bars import LiveBars
from adapters.alpaca.orders import base_id
from adapters.alpaca.tracks import Tracks
from adapters.alpaca.trading import TradingApi
from adapters.alpaca.updates import TradeUpdates
from adapters.binance import probe
from adapters.binance.history import BinanceHistory
from adapters.llm.client import answer_text
from adapters.llm.completion import Completion, CompletionRequest, Exchange, Kept
from catalog.bartypes import parse_bar_spec
from catalog.instruments import instrument_for
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import DataError, LlmError, RunError
from sagetrade_nautilus.secrets import Secret
from tests.fuzz.target import Target, folder, put, refused, untouched

ACCOUNT: Final = AccountId("ALPACA-1")
NOW_NS: Final = 1_800_000_000_000_000_000
KEY: Final = Secret("key")
DEEP: Final = b'{"x":' + b"[" * 30_000
STOCK = schemas.Asset("x", "us_equity", "AAPL", "active", True, fractionable=True)
AAPL = parsing.instrument(STOCK, fractional=True, ts=1)
MINUTES = BarType.from_str("AAPL.ALPACA-1-MINUTE-LAST-EXTERNAL")
ASSET = b"""{"id":"x","class":"crypto","symbol":"BTC/USD","status":"active","tradable":true,"min_order_size":"0.0001",
"min_trade_increment":"0.000000001","price_increment":"0.25"}"""
ORDER = b"""{"id":"a-1","client_order_id":"O-1","status":"filled","symbol":"AAPL","side":"buy","type":"limit","qty":"2",
"filled_qty":"1","filled_avg_price":"90.5","limit_price":"90","submitted_at":"2024-01-02T15:00:00.123456789Z"}"""
FILL = b"""{"id":"f","order_id":"a-1","symbol":"AAPL","side":"buy","price":"90.123456","qty":"1","cum_qty":"1",
"transaction_time":"2024-01-02T15:00:00Z"}"""
POSITION = b'{"symbol":"AAPL","qty":"-1.5","side":"short","avg_entry_price":"90","unrealized_pl":"1e3"}'
MONEY = b'{"id":"a","account_number":"n","status":"ACTIVE","equity":"100000.12","initial_margin":"50"}'
PAGE = b"""{"bars":{"AAPL":[{"t":"2024-01-02T15:00:00Z","o":1,"h":2,"l":0.5,"c":1.5,"v":10}]},
"trades":{"AAPL":[{"t":"2024-01-02T15:00:00Z","p":1.5,"s":2,"i":7,"x":"V"}]},
"quotes":{"AAPL":[{"t":"2024-01-02T15:00:00Z","bp":1.5,"bs":2,"ap":1.6,"as":3}]},"next_page_token":null}"""
FRAMES = b"""[{"T":"b","S":"AAPL","t":"2024-01-02T15:00:00Z","o":1,"h":2,"l":0.5,"c":1.5,"v":10},
{"T":"t","S":"AAPL","t":"2024-01-02T15:00:00Z","p":1.5,"s":2,"i":7,"x":"V"},
{"T":"q","S":"AAPL","t":"2024-01-02T15:00:00Z","bp":1.5,"bs":2,"ap":1.6,"as":3}]"""
UPDATE = b'{"stream":"trade_updates","data":{"event":"fill","order":' + ORDER + b',"price":"90.5","qty":"1"}}'
KLINES = b'[[1640995200000,"1.5","2","1","1.75","10",1640995499999,"1",1,"1","1","0"]]'
INFO = b"""{"symbols":[{"quoteAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.01"},
{"filterType":"LOT_SIZE","stepSize":"0.00001"},{"filterType":"NOTIONAL","minNotional":"5.0"}]}]}"""
ASKED = CompletionRequest(model="m", system="s", user="u", response_schema=None, max_tokens=1, temperature=0.0)
EXCHANGE = msgspec.json.encode(Exchange(ASKED, Completion("yes")))
ANSWER = b'{"choices":[{"message":{"content":"```json\\n{}\\n```"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}'


def _decoded(raw: bytes, kind: Any) -> Any:
    """Return what `raw` holds of a kind, ``None`` if nothing; `alpaca-http` attacks the decoding itself."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except UNDECODABLE:
        return None


@cache
def _alpaca() -> AlpacaHttp:
    """Return one client for all checks: making one reads every certificate there is."""
    return AlpacaHttp(KEY, Secret("secret"), backoff_seconds=0.0)


@cache
def _binance() -> BinanceHistory:
    return BinanceHistory(backoff_seconds=0.0)


def _answering(raw: bytes, status: int = 200) -> httpx.AsyncClient:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, content=raw))
    return httpx.AsyncClient(transport=transport, base_url="https://example.org", trust_env=False)


def alpaca_http(raw: bytes) -> None:
    for status in (200, 403):
        asyncio.run(_ask_alpaca(raw, status))


async def _ask_alpaca(raw: bytes, status: int) -> None:
    http = _alpaca()
    http._client = _answering(raw, status)
    minute, trading = parse_bar_spec("1-MINUTE-LAST"), TradingApi(http)
    calls: list[Callable[[], Any]] = [
        trading.open_orders,
        trading.positions,
        trading.account,
        lambda: AlpacaBars(http).bars("AAPL", minute, 0, minute.step_ns),
    ]
    for call in calls:
        with refused(AlpacaError, DataError):
            await call()
    await http.aclose()


def alpaca_asset(raw: bytes) -> None:
    asset = _decoded(raw, schemas.Asset)
    if asset is not None:
        for fractional in (False, True):
            with refused(*TROUBLE):
                made = parsing.instrument(asset, fractional=fractional, ts=1)
                assert made.id.symbol.value


def alpaca_page(raw: bytes) -> None:
    page = _decoded(raw, schemas.Page)
    if page is None:
        return
    with refused(*TROUBLE):
        parsing.bars([bar for rows in (page.bars or {}).values() for bar in rows], MINUTES, AAPL, NOW_NS)
    with refused(*TROUBLE):
        parsing.trades([row for rows in (page.trades or {}).values() for row in rows], AAPL, NOW_NS)
    with refused(*TROUBLE):
        parsing.quotes([row for rows in (page.quotes or {}).values() for row in rows], AAPL, NOW_NS)


def alpaca_feed(raw: bytes) -> None:
    told: list[str] = []
    heard: list[schemas.Frame] = []

    async def on_frames(frames: list[schemas.Frame]) -> None:
        heard.extend(frames)

    feed = Feed("wss://example.org", KEY, KEY, on_frames, lambda: None, told.append, 1.0)
    asyncio.run(feed._hear(raw))
    assert all(line.isprintable() for line in told)
    live = LiveBars()
    live.begin(MINUTES, 0)
    for frame in heard:
        with refused(*TROUBLE):
            if frame.kind == "b":
                list(live.add([parsing.minute(frame)], AAPL, NOW_NS))
            elif frame.kind == "t":
                parsing.trades([frame], AAPL, NOW_NS)
            else:
                parsing.quotes([frame], AAPL, NOW_NS)


def alpaca_updates(raw: bytes) -> None:
    heard: list[schemas.TradeUpdate] = []
    told: list[str] = []

    async def on_update(update: schemas.TradeUpdate) -> None:
        heard.append(update)

    stream = TradeUpdates("wss://example.org", KEY, KEY, on_update, lambda: None, told.append, 1.0)
    asyncio.run(stream._hear(raw))
    assert not (heard and told)
    for update in heard:
        _order(update.order)


def alpaca_order(raw: bytes) -> None:
    order = _decoded(raw, schemas.Order)
    if order is not None:
        _order(order)


def _order(order: schemas.Order) -> None:
    with refused(*TROUBLE):
        Tracks(Cache()).find(order)
        report = reports.order_status(order, AAPL, ACCOUNT, NOW_NS, base_id(order.client_order_id))
        assert report.quantity.as_decimal() >= 0


def alpaca_fill(raw: bytes) -> None:
    fill = _decoded(raw, schemas.Fill)
    if fill is not None:
        with refused(*TROUBLE):
            fee = reports.commission(fill.side, Decimal(fill.qty), Decimal(fill.price), AAPL, Decimal(25))
            reports.fill(fill, AAPL, ACCOUNT, NOW_NS, None, fee)


def alpaca_account(raw: bytes) -> None:
    account, position = _decoded(raw, schemas.Account), _decoded(raw, schemas.Position)
    with refused(*TROUBLE):
        if account is not None:
            gained, _ = accounts.gained(position, [], Decimal("0.01"))
            worth = accounts.balance(account, gained)
            assert worth.total.as_decimal() == worth.locked.as_decimal() + worth.free.as_decimal()
    with refused(*TROUBLE):
        if position is not None:
            reports.position(position, AAPL, ACCOUNT, NOW_NS)


def binance(raw: bytes) -> None:
    async def ask() -> None:
        history = _binance()
        history._http._client = _answering(raw)
        with refused(DataError):
            made = await history.definition("XYZUSDT")
            instrument_for("XYZUSDT.BINANCE", made)
        with refused(DataError):
            rows = await history.bars("BTCUSDT", parse_bar_spec("5-MINUTE-LAST"), 0, 600_000_000_000)
            assert all(isinstance(row[0], int) for row in rows)
        await history.aclose()

    asyncio.run(ask())


def binance_probe(raw: bytes) -> None:
    """What Binance tells of its clock and of the newest trade, before a node starts."""

    async def ask() -> None:
        venue = probe.BinanceProbe(backoff_seconds=0.0)
        with refused(RunError):
            assert isinstance(await venue.time_ns(), int)
        with refused(RunError):
            assert isinstance(await venue.newest_ns("BTCUSDT"), int)

    async def get(*asked: object) -> bytes:
        return raw

    with patch.object(probe.BinanceHttp, "get", get):
        asyncio.run(ask())


def llm_answer(raw: bytes) -> None:
    for is_json in (False, True):
        with refused(LlmError):
            text, _ = answer_text(raw, is_json=is_json)
            assert text


def llm_archive(raw: bytes) -> None:
    path = put(folder("llm") / f"{ASKED.digest}.json", raw)
    with untouched(path.parent), refused(LlmError, naming=path.name):
        Kept(path.parent).find(ASKED)


TARGETS = {
    "alpaca-http": Target(
        (b"[" + ORDER + b"]", b"[" + POSITION + b"]", MONEY, PAGE, DEEP, b'"\xff"'), alpaca_http, slow=True
    ),
    "alpaca-asset": Target(
        (
            ASSET,
            ASSET.replace(b"0.25", b"1e-99"),
            ASSET.replace(b"0.25", b"0"),
            ASSET.replace(b"BTC", "é".encode()),
            DEEP,
        ),
        alpaca_asset,
    ),
    "alpaca-page": Target(
        (PAGE, PAGE.replace(b'"V"', '"é"'.encode()), PAGE.replace(b"2024", b"0001"), PAGE.replace(b"1.5", b"1e300")),
        alpaca_page,
    ),
    "alpaca-feed": Target(
        (FRAMES, FRAMES.replace(b'"V"', '"é"'.encode()), FRAMES.replace(b"1.5", b"[]"), DEEP, b"[" * 9_000), alpaca_feed
    ),
    "alpaca-updates": Target((UPDATE, UPDATE.replace(b"O-1", "é".encode()), UPDATE[:-40], DEEP), alpaca_updates),
    "alpaca-order": Target((ORDER, ORDER.replace(b"a-1", "é".encode()), ORDER.replace(b'"2"', b'"NaN"')), alpaca_order),
    "alpaca-fill": Target((FILL, FILL.replace(b"a-1", "é".encode()), FILL.replace(b'"1"', b'"sNaN"')), alpaca_fill),
    "alpaca-account": Target(
        (MONEY, POSITION, MONEY.replace(b"100000.12", b"Infinity"), MONEY[:-1] + b"," + POSITION[1:]), alpaca_account
    ),
    "binance": Target(
        (KLINES, INFO, INFO.replace(b"0.01", b"1e-999999999"), INFO.replace(b"0.01", b"NaN"), DEEP, b'["\xff"]'),
        binance,
        slow=True,
    ),
    "binance-probe": Target(
        (b'{"serverTime":1640995200000}', b'[{"time":1640995200000}]', b"[]", DEEP), binance_probe, slow=True
    ),
    "llm-answer": Target((ANSWER, ANSWER.replace(b"{}", b"[" * 20_000), DEEP), llm_answer),
    "llm-archive": Target((EXCHANGE, DEEP, b'{"x":"\xff"}'), llm_archive),
}
