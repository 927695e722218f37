"""A real trading node whose clients speak to Alpaca's server of the tests."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
from nautilus_trader.common.actor import Actor
from nautilus_trader.config import CacheConfig, LiveExecEngineConfig, LoggingConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.identifiers import InstrumentId, TraderId
from nautilus_trader.trading.strategy import Strategy

from adapters.alpaca.config import AlpacaDataClientConfig, AlpacaExecClientConfig, AlpacaProviderConfig
from adapters.alpaca.constants import ALPACA, KEY_NAME, SECRET_NAME
from adapters.alpaca.factories import AlpacaDataClientFactory, AlpacaExecClientFactory
from tests.support.alpaca_server.server import KEY, SECRET, AlpacaServer

AAPL, MSFT, BTC = (InstrumentId.from_str(f"{symbol}.ALPACA") for symbol in ("AAPL", "MSFT", "BTC/USD"))
WAIT_S = 15.0


def make_node(
    server: AlpacaServer,
    *,
    fractional: bool = False,
    engine: dict[str, Any] | None = None,
    connection_s: float = 10.0,
    data_factory: type[AlpacaDataClientFactory] = AlpacaDataClientFactory,
    cache: CacheConfig | None = None,
    **settings: Any,
) -> TradingNode:
    """Return a node that is built; strategies and actors are still to be added."""
    provider = AlpacaProviderConfig(load_ids=frozenset({AAPL, MSFT, BTC}), fractional=fractional)
    common = {"instrument_provider": provider, "trading_url": server.url, "timeout_s": 3.0, "backoff_s": 0.05}
    data = AlpacaDataClientConfig(data_url=server.url, stream_url=server.stream_url, **common)
    execution = AlpacaExecClientConfig(**{"stream_url": f"{server.stream_url}/stream", **common, **settings})
    node = TradingNode(
        loop=asyncio.new_event_loop(),
        config=TradingNodeConfig(
            trader_id=TraderId("TESTER-001"),
            logging=LoggingConfig(log_level=os.environ.get("LIVE_LOG", "OFF")),
            cache=cache,
            exec_engine=LiveExecEngineConfig(
                **{"reconciliation_startup_delay_secs": 0.1, "inflight_check_interval_ms": 0, **(engine or {})}
            ),
            data_clients={ALPACA: data},
            exec_clients={ALPACA: execution},
            timeout_connection=connection_s,
            timeout_reconciliation=10.0,
            timeout_portfolio=10.0,
            timeout_disconnection=3.0,
            timeout_post_stop=0.3,
        ),
    )
    node.add_data_client_factory(ALPACA, data_factory)
    node.add_exec_client_factory(ALPACA, AlpacaExecClientFactory)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(KEY_NAME, KEY)
        environment.setenv(SECRET_NAME, SECRET)
        node.build()  # the factories read the keys here
    return node


async def until(condition: Callable[[], Any], what: str = "", wait_s: float = WAIT_S) -> None:
    """Wait until something is so.

    Raises
    ------
    AssertionError
        It does not become so in time.
    """
    deadline = time.monotonic() + wait_s
    while not condition():
        assert time.monotonic() < deadline, f"it never came to it: {what or condition}"
        await asyncio.sleep(0.01)


def run_node(
    node: TradingNode,
    scenario: Callable[[], Awaitable[None]],
    strategies: Iterable[Strategy] = (),
    actors: Iterable[Actor] = (),
    start_s: float = WAIT_S,
) -> None:
    """Run a node as long as the scenario does, and take it down whatever happens."""
    for strategy in strategies:
        node.trader.add_strategy(strategy)
    for actor in actors:
        node.trader.add_actor(actor)

    async def whole() -> None:
        running = asyncio.create_task(node.run_async())
        try:
            await until(lambda: node.trader.is_running, "the node starts", start_s)
            await scenario()
        finally:
            await node.stop_async()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    loop = node.get_event_loop()
    try:
        loop.run_until_complete(whole())
    finally:
        loop.run_until_complete(_cancel_the_rest())
        node.dispose()


async def _cancel_the_rest() -> None:
    """Cancel what is left on the loop: Nautilus leaves the workers of its executor behind."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
