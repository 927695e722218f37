"""The nodes of the shipped configurations, built with the clients that they name. Nothing is connected."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.adapters.binance.common.constants import BINANCE_VENUE
from nautilus_trader.adapters.binance.common.schemas.market import BinanceKline
from nautilus_trader.adapters.binance.spot.data import BinanceSpotDataClient
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.model.data import Bar, BarType

from adapters.alpaca.constants import KEY_NAME, LIVE_URL, PAPER_URL, SECRET_NAME
from adapters.alpaca.data import AlpacaDataClient
from adapters.alpaca.execution import AlpacaExecutionClient
from adapters.paper.execution import PaperExecutionClient
from adapters.watched import WatchedNode
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.run.node.clients import Account, data_client, live_client, paper_client
from sagetrade_nautilus.run.node.state import begin
from sagetrade_nautilus.run.node.wall import wall_node


@contextmanager
def built(config: RunConfig, folder: Path, account: Account | None = None) -> Iterator[WatchedNode]:
    """Build the node of `sagetool paper`, or with an account that of `live` and `trial`, and dispose of it."""
    begin(folder)
    data = data_client(config, account or "paper")
    execution = live_client(config, account) if account else paper_client(config, hears="bus", state=folder / "a.bin")
    node = wall_node(config, folder, data, execution, with_money=account is not None)
    try:
        yield node
    finally:
        node.end()


def test_paper_trading_on_binance_hears_nautilus_own_client(project_root: Path, tmp_path: Path) -> None:
    config = load(project_root / "configs" / "paper-binance.toml")
    with built(config, tmp_path) as node:
        client = node.kernel.data_engine._clients[_id(node, "BINANCE")]
        assert isinstance(client, BinanceSpotDataClient)
        assert client.venue == BINANCE_VENUE
        assert not client.is_connected
        assert client._instrument_provider._load_ids_on_start == set(config.data.instruments)
        assert not client._instrument_provider._load_all_on_start
        (execution,) = node.kernel.exec_engine._clients.values()
        assert isinstance(execution, PaperExecutionClient)


def test_a_bar_of_binance_is_a_plain_one_that_closes_where_the_next_one_opens(
    project_root: Path, tmp_path: Path
) -> None:
    """Binance says 1 ms before; Nautilus's own class for it goes into no file of `node.record`."""
    opens_ms, closes_ns = 1_651_363_200_000, 1_651_363_500_000_000_000
    bar_type = BarType.from_str("BTCUSDT.BINANCE-5-MINUTE-LAST-EXTERNAL")
    told = ["37630.80", "37700.00", "37600.01", "37650.50", "12.50000"]
    with built(load(project_root / "configs" / "paper-binance.toml"), tmp_path) as node:
        engine, bus, heard = node.kernel.data_engine, node.kernel.msgbus, list[Any]()
        client = engine._clients[_id(node, "BINANCE")]
        for endpoint, handler in (("DataEngine.process", engine.process), ("DataEngine.response", engine.response)):
            bus.deregister(endpoint, handler)
            bus.register(endpoint, heard.append)
        named = dict(zip("ohlcv", told, strict=True))
        numbers = {"t": opens_ms, "T": opens_ms + 299_999, "f": 1, "L": 2, "n": 2, "x": True}
        candle = {"s": "BTCUSDT", "i": "5m", "q": "1", "V": "1", "Q": "1", "B": "0", **named, **numbers}
        message = {"e": "kline", "E": opens_ms + 300_020, "s": "BTCUSDT", "k": candle}
        client._handle_kline(msgspec.json.encode({"stream": "btcusdt@kline_5m", "data": message}))
        row = [opens_ms, *told, opens_ms + 299_999, "1", 2, "1", "1", "0"]
        past = msgspec.convert(row, BinanceKline).parse_to_binance_bar(bar_type)
        client._handle_bars(bar_type, [past], UUID4(), None, None, {})
    live, (asked,) = heard[0], heard[1].data
    for bar in (live, asked):
        assert type(bar) is Bar
        assert [str(value) for value in (bar.open, bar.high, bar.low, bar.close, bar.volume)] == told
        assert bar.ts_event == closes_ns
    assert asked.ts_init == closes_ns < live.ts_init


@pytest.mark.parametrize(("account", "url"), [("live", LIVE_URL), ("paper", PAPER_URL)])
def test_all_that_a_node_asks_of_alpaca_is_asked_of_the_account_that_its_keys_belong_to(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, account: Account, url: str
) -> None:
    """Alpaca refuses the keys of one account at the address of the other, for its list of instruments too."""
    monkeypatch.setenv(KEY_NAME, "key-of-a-test")
    monkeypatch.setenv(SECRET_NAME, "secret-of-a-test")
    config = load(project_root / "configs" / "live-alpaca.toml")
    with built(config, tmp_path, account) as node:
        data = node.kernel.data_engine._clients[_id(node, "ALPACA")]
        (execution,) = node.kernel.exec_engine._clients.values()
        assert isinstance(data, AlpacaDataClient)
        assert isinstance(execution, AlpacaExecutionClient)
        assert data._http.trading_url == execution._http.trading_url == url
        assert execution._environment == account


def _id(node: WatchedNode, name: str) -> object:
    return next(client_id for client_id in node.kernel.data_engine._clients if client_id.value == name)
