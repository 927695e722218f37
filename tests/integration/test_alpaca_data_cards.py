"""Nautilus's acceptance test for data adapters, `DataTester`, in a real node against Alpaca's server.

The names of the cards are those of Nautilus's data testing specification.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("websockets", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")

from nautilus_trader.model.data import BarType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.test_kit.strategies.tester_data import DataTester, DataTesterConfig

from tests.support.alpaca_node import make_node, run_node, until
from tests.support.alpaca_server.server import AlpacaServer, alpaca_server

pytestmark = pytest.mark.slow  # a node for each symbol


@pytest.fixture
def server() -> Iterator[AlpacaServer]:
    with alpaca_server() as made:
        yield made


class Heard(DataTester):
    """Asks for all that there is of an instrument, and keeps what it hears."""

    def __init__(self, instrument_id: InstrumentId, bar_type: BarType) -> None:
        super().__init__(
            DataTesterConfig(
                instrument_ids=[instrument_id],
                bar_types=[bar_type],
                subscribe_quotes=True,
                subscribe_trades=True,
                subscribe_bars=True,
                subscribe_instrument=True,
                request_instruments=True,
                request_quotes=True,
                request_trades=True,
                request_bars=True,
                requests_start_delta=pd.Timedelta(minutes=10),
                log_data=False,
            )
        )
        self.live: list[Any] = []
        self.past: list[Any] = []

    def on_historical_data(self, data: Any) -> None:
        self.past.append(data)

    def on_quote_tick(self, quote: Any) -> None:
        self.live.append(quote)

    on_trade_tick = on_bar = on_quote_tick


@pytest.mark.parametrize("symbol", ["AAPL", "BTC/USD"])
def test_data_of_the_past_and_of_now(server: AlpacaServer, symbol: str) -> None:
    # TC-D01, TC-D02, TC-D03, TC-D20, TC-D21, TC-D30, TC-D31, TC-D40, TC-D41
    instrument_id = InstrumentId.from_str(f"{symbol}.ALPACA")
    bar_type = BarType.from_str(f"{symbol}.ALPACA-1-MINUTE-LAST-EXTERNAL")
    node = make_node(server)
    heard = Heard(instrument_id, bar_type)
    path = server.path_of(symbol)

    async def scenario() -> None:
        await until(lambda: len(server.streams.subscribed(path)) == 3, "subscriptions")
        server.move(symbol, "10.00", "10.02")
        now = f"{pd.Timestamp.now('UTC').ceil('min'):%Y-%m-%dT%H:%M:%SZ}"
        server.streams.data(path, {"T": "t", "S": symbol, "t": now, "p": 10.5, "s": 3, "i": 9, "x": "V", "tks": "B"})
        server.streams.data(path, {"T": "b", "S": symbol, "t": now, "o": 1, "h": 3, "l": 1, "c": 2, "v": 5})
        await until(lambda: len(heard.live) >= 3, "live data")
        kinds = {type(datum).__name__ for datum in heard.live}
        assert kinds == {"QuoteTick", "TradeTick", "Bar"}
        await until(lambda: len({type(datum).__name__ for datum in heard.past}) >= 3, "data of the past")
        assert node.cache.instrument(instrument_id) is not None
        heard.stop()  # TC-D70
        await until(lambda: not any(server.streams.subscribed(path).values()), "it listens no longer")

    run_node(node, scenario, actors=[heard])
    bars = [datum for datum in heard.past if type(datum).__name__ == "Bar"]
    assert len(bars) in (9, 10)
    assert all(bar.ts_event % 60_000_000_000 == 0 and bar.ts_init == bar.ts_event for bar in bars)
    assert not any(server.streams.subscribed(path).values())
