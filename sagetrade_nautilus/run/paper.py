"""Paper trading on real data: a node on the wall's clock, whose orders go to a simulated account."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from nautilus_trader.common import Environment
from nautilus_trader.config import (
    InstrumentProviderConfig,
    LiveDataClientConfig,
    LiveExecEngineConfig,
    LoggingConfig,
    TradingNodeConfig,
)
from nautilus_trader.live.factories import LiveDataClientFactory

from adapters.news.client import NewsClientConfig, news_client_factory
from adapters.watched import WatchedNode
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID
from sagetrade_nautilus.errors import ConfigError, RunError
from sagetrade_nautilus.messages import WIND_DOWN_ENDPOINT
from sagetrade_nautilus.run.bot import bot_actors
from sagetrade_nautilus.run.compare import JOURNAL
from sagetrade_nautilus.run.compose import actors, algorithms, guard, strategies, venue_name
from sagetrade_nautilus.run.ingest import look_up
from sagetrade_nautilus.run.nodes import TRADER, paper_client
from sagetrade_nautilus.run.remember import order_cache, order_memory
from sagetrade_nautilus.run.state import LATCH, begin, held

START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 10.0
LOOK_S: Final = 0.1
ACCOUNT: Final = "account.bin"

type DataClient = tuple[LiveDataClientConfig, type[LiveDataClientFactory]]


def paper(
    config: RunConfig,
    folder: Path,
    tell: Callable[[str], None],
    data: DataClient | None = None,
    check: Callable[[], None] = lambda: None,
) -> signal.Signals:
    """Trade on paper until a signal asks to stop, and return it.

    The kill switch, the breaker's memory, the journal and the account in `folder` outlive the node: it goes on where it
    stopped.

    Parameters
    ----------
    folder : Path
        Where its kill switch stands and its journal goes.
    tell : callable
        Told when it is up and when it winds down.
    data : tuple, optional
        The data client's settings and factory; what `node.data` names unless given.
    check : callable
        Called when the kill switch stands and before a node does; raises where none may start.

    Raises
    ------
    ConfigError
        What the configuration names is not there.
    SageTradeError
        A plugin misbehaves, a client does not connect, or another node works in the folder.
    """
    with held(folder):
        begin(folder)
        check()
        node = _node(config, folder, data or data_client(config))
        try:
            return node.own_loop.run_until_complete(run_until_asked(config, node, tell))
        finally:
            node.end()


def data_client(config: RunConfig) -> DataClient:
    """Return the settings and the factory of the feed that the configuration names.

    Raises
    ------
    ConfigError
        It is no live feed, or this installation does not have it.
    """
    wanted = frozenset(config.data.instruments)
    if config.node.data == "binance":
        from nautilus_trader.adapters.binance.config import BinanceDataClientConfig  # noqa: PLC0415 - who wants it
        from nautilus_trader.adapters.binance.factories import BinanceLiveDataClientFactory  # noqa: PLC0415 - as above

        provider = InstrumentProviderConfig(load_ids=wanted)
        return BinanceDataClientConfig(instrument_provider=provider), BinanceLiveDataClientFactory
    if config.node.data != "alpaca":
        raise ConfigError(f"`node.data`: {config.node.data!r} is no live feed")
    try:
        from adapters.alpaca.config import AlpacaDataClientConfig, AlpacaProviderConfig  # noqa: PLC0415 - an extra
        from adapters.alpaca.factories import AlpacaDataClientFactory  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise ConfigError(f"{error.name} is missing: install `sagetrade-nautilus[alpaca]`") from None
    return AlpacaDataClientConfig(instrument_provider=AlpacaProviderConfig(load_ids=wanted)), AlpacaDataClientFactory


def _node(config: RunConfig, folder: Path, data: DataClient) -> WatchedNode:
    venue = venue_name(config)
    client, factory = paper_client(config, hears="bus", state=folder / ACCOUNT)
    node = WatchedNode(
        TradingNodeConfig(
            environment=Environment.SANDBOX,
            trader_id=TRADER,
            logging=LoggingConfig(log_level="WARNING"),
            exec_engine=LiveExecEngineConfig(open_check_interval_secs=10.0, position_check_interval_secs=30.0),
            data_clients={venue: data[0], NEWS_CLIENT_ID: NewsClientConfig(news=config.news)},
            exec_clients={venue: client},
            actors=[*order_memory(config, folder), *actors(config), *bot_actors(config, folder)],
            cache=order_cache(config, os.environ),
            strategies=strategies(config),
            exec_algorithms=algorithms(config),
            controller=guard(config, folder / JOURNAL, folder / LATCH),
            timeout_post_stop=1.0,
        )
    )
    node.add_data_client_factory(venue, data[1])
    node.add_data_client_factory(NEWS_CLIENT_ID, news_client_factory(look_up))
    node.add_exec_client_factory(venue, factory(node))
    node.build()
    return node


async def run_until_asked(config: RunConfig, node: WatchedNode, tell: Callable[[str], None]) -> signal.Signals:
    """Run a node on the wall's clock until a signal asks it to stop; wind down, and stop it in good order.

    Raises
    ------
    RunError
        It did not come up, or stopped by itself.
    """
    running = asyncio.ensure_future(node.run_async())
    try:
        await _come_up(node, running)
        if node.trader.is_running:
            tell(f"{config.name} is up; Ctrl-C stops it")
        either: set[asyncio.Future[Any]] = {running, node.asked, node.failed}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if node.trader.is_running and config.node.on_stop != "leave":
            tell(f"winding down: {config.node.on_stop}")
            await _wind_down(node, flatten=config.node.on_stop == "flatten", timeout_s=config.node.stop_timeout_s)
    finally:
        if node.trader.is_running:
            await node.stop_async()
            await asyncio.wait({running}, timeout=STOP_TIMEOUT_S)
        running.cancel()
        await asyncio.wait({running})
    if node.failed.done():
        raise node.failed.result()
    if not node.asked.done():
        raise RunError(f"{config.name}: the node stopped by itself; its log says why")
    return node.asked.result()


async def _come_up(node: WatchedNode, running: "asyncio.Future[None]") -> None:
    for _ in range(round(START_TIMEOUT_S / LOOK_S)):
        if node.trader.is_running or running.done() or node.asked.done() or node.failed.done():
            return
        await asyncio.sleep(LOOK_S)
    raise RunError(f"the node did not come up within {START_TIMEOUT_S:g} s: {node.unconnected()}")


async def _wind_down(node: WatchedNode, *, flatten: bool, timeout_s: float) -> None:
    """Have the guard cancel or close, and wait until that is done, or for `timeout_s`."""
    node.kernel.msgbus.send(WIND_DOWN_ENDPOINT, flatten)
    for _ in range(round(timeout_s / LOOK_S)):
        await asyncio.sleep(LOOK_S)
        alive = [*node.cache.orders_open(), *node.cache.orders_inflight()]
        if not any(flatten or not order.is_reduce_only for order in alive) and not (
            flatten and node.cache.positions_open()
        ):
            return
