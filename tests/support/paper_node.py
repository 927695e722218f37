"""A real `TradingNode` on the paper venue, fed with bars by a data client of the test's own."""

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Any

from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.config import LoggingConfig
from nautilus_trader.live.config import LiveDataClientConfig, LiveExecEngineConfig, TradingNodeConfig
from nautilus_trader.live.data_client import LiveMarketDataClient
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import Bar
from nautilus_trader.model.identifiers import ClientId, Venue
from nautilus_trader.trading.strategy import Strategy

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.factories import PaperLiveExecClientFactory
from catalog.instruments import instrument_for
from sagetrade_nautilus.messages import MARKET_TOPIC
from tests.support.engine import BTC

QUIET_TURNS = 30


class BarFeed(LiveMarketDataClient):
    """Gives the node one bar after another, each when all that the one before has brought about is done."""

    bars: Sequence[Bar] = ()
    done: Callable[[], None]
    ahead = True

    def __init__(self, loop: Any, msgbus: Any, cache: Any, clock: Any) -> None:
        super().__init__(loop, ClientId("BINANCE"), Venue("BINANCE"), msgbus, cache, clock, InstrumentProvider())

    async def _connect(self) -> None:
        self._cache.add_instrument(instrument_for(BTC))

    async def _disconnect(self) -> None:
        pass

    async def _subscribe_bars(self, command: Any) -> None:
        self.create_task(self._feed())

    async def _unsubscribe_bars(self, command: Any) -> None:
        pass

    async def _feed(self) -> None:
        for bar in self.bars:
            if self.ahead:
                self._msgbus.publish(MARKET_TOPIC, bar)
                await self._quiet()
            self._handle_data(bar)
            await self._quiet()
        self.done()

    async def _quiet(self) -> None:
        for _ in range(QUIET_TURNS):
            await asyncio.sleep(0)
        while any(size() for size in self.sizes):
            await asyncio.sleep(0)
        for _ in range(QUIET_TURNS):
            await asyncio.sleep(0)


class BarFeedFactory(LiveDataClientFactory):
    @staticmethod
    def create(loop: Any, name: str, config: Any, msgbus: Any, cache: Any, clock: Any) -> BarFeed:
        return BarFeed(loop, msgbus, cache, clock)


def node_config(paper: PaperExecClientConfig, **more: Any) -> TradingNodeConfig:
    return TradingNodeConfig(
        trader_id="BACKTESTER-001",
        logging=LoggingConfig(log_level=os.environ.get("LIVE_LOG", "ERROR")),
        exec_engine=LiveExecEngineConfig(reconciliation_startup_delay_secs=0.1),
        data_clients={"BINANCE": LiveDataClientConfig()},
        exec_clients={"BINANCE": paper},
        timeout_connection=10.0,
        timeout_reconciliation=10.0,
        timeout_portfolio=10.0,
        timeout_disconnection=2.0,
        timeout_post_stop=0.2,
        **more,
    )


def paper_node(paper: PaperExecClientConfig, **more: Any) -> TradingNode:
    node = TradingNode(node_config(paper, **more), asyncio.new_event_loop())
    node.add_data_client_factory("BINANCE", BarFeedFactory)
    node.add_exec_client_factory("BINANCE", PaperLiveExecClientFactory)
    node.build()
    return node


def play(strategy: Strategy, bars: Sequence[Bar], paper: PaperExecClientConfig) -> None:
    """Run `strategy` in a node until all bars were played."""
    node = paper_node(paper)
    kernel = node.kernel
    BarFeed.bars = bars
    engines = (kernel.exec_engine, kernel.risk_engine)
    queues = [size for engine in engines for size in (engine.cmd_qsize, engine.evt_qsize)]
    BarFeed.sizes = [*queues, kernel.data_engine.data_qsize, kernel.data_engine.cmd_qsize]
    BarFeed.done = staticmethod(node.stop)
    node.trader.add_strategy(strategy)
    try:
        node.run(raise_exception=True)
    finally:
        node.dispose()
