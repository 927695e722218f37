"""A node on the wall's clock: how paper and live trading are wired, come up, wind down and end."""

import asyncio
import os
import signal
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path
from typing import Any, Final

from nautilus_trader.common import Environment
from nautilus_trader.config import (
    ImportableActorConfig,
    LiveDataEngineConfig,
    LiveExecEngineConfig,
    LoggingConfig,
    TradingNodeConfig,
)
from nautilus_trader.model.identifiers import InstrumentId

from adapters.messaging.items import ItemSender
from adapters.messaging.listener import Listener
from adapters.messaging.node import external_clients
from adapters.news.client import NewsClientConfig, news_client_factory
from adapters.watched import WatchedNode
from sagetrade_nautilus.account import held_positions
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID
from sagetrade_nautilus.errors import RunError, SageTradeError
from sagetrade_nautilus.messages import WIND_DOWN_ENDPOINT
from sagetrade_nautilus.run.compose import actors, algorithms, guard, strategies
from sagetrade_nautilus.run.files import JOURNAL, LATCH
from sagetrade_nautilus.run.ingest import look_up
from sagetrade_nautilus.run.node.bot import bot_actors
from sagetrade_nautilus.run.node.clients import DataClient, Execution
from sagetrade_nautilus.run.node.ops import ops_actors
from sagetrade_nautilus.run.node.recording import Recording, streaming
from sagetrade_nautilus.run.node.remember import order_cache, order_memory, trader_id
from sagetrade_nautilus.run.venue import venue_name

START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 10.0
LOOK_S: Final = 0.1


def wall_node(
    config: RunConfig, folder: Path, data: DataClient, execution: Execution, *, with_money: bool
) -> WatchedNode:
    """Return a built node.

    Parameters
    ----------
    folder : Path
        Where its kill switch stands, and where its journal and its memory of orders go.
    with_money : bool
        Whether its orders reach a broker. Then its guard lets nothing out before our books are found to be the
        venue's, and the run's canary plan caps its limits.
    """
    venue = venue_name(config)
    sources = {} if config.messaging.backend == "redis" else {NEWS_CLIENT_ID: NewsClientConfig(news=config.news)}
    node = WatchedNode(
        TradingNodeConfig(
            environment=Environment.LIVE if with_money else Environment.SANDBOX,
            trader_id=trader_id(config, folder),
            logging=LoggingConfig(log_level="WARNING"),
            data_engine=LiveDataEngineConfig(external_clients=external_clients(config.messaging)),
            exec_engine=LiveExecEngineConfig(open_check_interval_secs=10.0, position_check_interval_secs=30.0),
            data_clients={venue: data[0], **sources},
            exec_clients={venue: execution[0]},
            actors=_all_actors(config, folder),
            cache=order_cache(config, os.environ),
            strategies=strategies(config, with_money=with_money, warm_up_h=config.node.warm_up_h),
            exec_algorithms=algorithms(config),
            controller=guard(config, folder / JOURNAL, folder / LATCH, with_money=with_money),
            streaming=streaming(folder) if config.node.record else None,
            timeout_post_stop=1.0,
        )
    )
    node.add_data_client_factory(venue, data[1])
    node.add_data_client_factory(NEWS_CLIENT_ID, news_client_factory(look_up))
    node.add_exec_client_factory(venue, execution[1](node))
    node.build()
    return node


def _all_actors(config: RunConfig, folder: Path) -> list[ImportableActorConfig]:
    scored_elsewhere = config.messaging.scoring == "workers"
    return [
        order_memory(config, folder),
        *actors(config, warm_up_h=config.node.warm_up_h, scored_elsewhere=scored_elsewhere),
        *ops_actors(config),
        *bot_actors(config, folder),
    ]


def run_recorded(
    config: RunConfig,
    folder: Path,
    node: WatchedNode,
    tell: Callable[[str], None],
    beside: Collection[Coroutine[Any, Any, None]] = (),
) -> signal.Signals:
    """Run a node to its end as `run_until_asked` does, dispose of it, and keep what its feed brought if asked to."""
    recording = Recording(folder, Path(config.node.record)) if config.node.record else None
    if recording is not None:
        beside = [*beside, _record(config, recording, node)]
    try:
        if config.messaging.backend == "redis":
            listener = Listener(config.messaging, os.environ, node.kernel.msgbus, tell)
            beside = [*beside, listener.run()]
        if config.messaging.scoring == "workers":
            sender = ItemSender(config.messaging, os.environ, node.kernel.msgbus, tell)
            beside = [*beside, sender.run()]
        return node.own_loop.run_until_complete(run_until_asked(config, node, tell, beside))
    finally:
        node.end()
        if recording is not None:
            recording.roll()


async def _record(config: RunConfig, recording: Recording, node: WatchedNode) -> None:
    names = (InstrumentId.from_str(name) for name in config.data.instruments)
    instruments = [instrument for name in names if (instrument := node.cache.instrument(name)) is not None]
    await recording.keep_rolling(instruments, str(node.kernel.instance_id))


async def run_until_asked(
    config: RunConfig,
    node: WatchedNode,
    tell: Callable[[str], None],
    beside: Collection[Coroutine[Any, Any, None]] = (),
) -> signal.Signals:
    """Run a node until a signal asks it to stop; wind down, and stop it in good order.

    Parameters
    ----------
    beside : collection of Coroutine
        What runs as long as the node is up, and ends it by an error.

    Raises
    ------
    RunError
        It did not come up, or stopped by itself.
    """
    running = asyncio.ensure_future(node.run_async())
    jobs: list[asyncio.Future[None]] = []
    try:
        await _come_up(node, running)
        if node.trader.is_running:
            jobs = [asyncio.ensure_future(job) for job in beside]
            tell(f"{config.name} is up; Ctrl-C stops it")
        either: set[asyncio.Future[Any]] = {running, node.asked, node.failed, *jobs}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if node.trader.is_running and config.node.on_stop != "leave":
            tell(f"winding down: {config.node.on_stop}")
            await _wind_down(node, flatten=config.node.on_stop == "flatten", timeout_s=config.node.stop_timeout_s)
    finally:
        if node.trader.is_running:
            await node.stop_async()
            await asyncio.wait({running}, timeout=STOP_TIMEOUT_S)
        for job in beside if not jobs else ():
            job.close()
        for task in (running, *jobs):
            task.cancel()
        await asyncio.wait({running, *jobs})
    for done in jobs:
        if not done.cancelled():
            done.result()
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
    try:
        node.kernel.msgbus.send(WIND_DOWN_ENDPOINT, flatten)
    except SageTradeError as error:  # what could be sent is on its way all the same
        node.fail(error)
    for _ in range(round(timeout_s / LOOK_S)):
        await asyncio.sleep(LOOK_S)
        alive = [*node.cache.orders_open(), *node.cache.orders_inflight()]
        is_working = any(flatten or not order.is_reduce_only for order in alive)
        if not is_working and not (flatten and held_positions(node.cache)):
            return
