"""From one configuration to a node: the actors, strategies, gate and journal of a backtest, on live engines."""

from pathlib import Path
from typing import Final

from nautilus_trader.common import Environment
from nautilus_trader.config import (
    LiveDataClientConfig,
    LiveExecClientConfig,
    LiveExecEngineConfig,
    LoggingConfig,
    TradingNodeConfig,
)

from adapters.replay.client import replay_client_factory
from adapters.replay.node import ReplayNode
from adapters.replay.player import Player
from adapters.replay.venue import replay_venue_factory
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID
from sagetrade_nautilus.run.compose import actors, algorithms, guard, interval_ns, strategies
from sagetrade_nautilus.run.files import JOURNAL, LATCH
from sagetrade_nautilus.run.node.bot import bot_actors
from sagetrade_nautilus.run.node.clients import Execution, paper_client
from sagetrade_nautilus.run.node.feed import Feed
from sagetrade_nautilus.run.node.ops import ops_actors
from sagetrade_nautilus.run.venue import simulated_venue, venue_name

TRADER: Final = "SAGETRADE-001"


def replay_node(config: RunConfig, folder: Path, feed: Feed, player: Player, *, warm_up_h: float = 0.0) -> ReplayNode:
    """Return a built node that `player` plays `feed` to.

    Parameters
    ----------
    folder : Path
        Where its kill switch stands and its journal goes.
    warm_up_h : float
        How many hours of bars before it its signals ask for; `feed` must have them.

    Raises
    ------
    ConfigError
        The configuration asks for an execution client that cannot follow a replay.
    """
    client, factory = _execution(config, feed, player)
    node = ReplayNode(_node_config(config, folder, client, warm_up_h), interval_ns(config)[0])
    clients = replay_client_factory(player, feed.instruments, feed.past)
    for name in (venue_name(config), NEWS_CLIENT_ID):
        node.add_data_client_factory(name, clients)
    node.add_exec_client_factory(venue_name(config), factory(node))
    node.build()
    return node


def _execution(config: RunConfig, feed: Feed, player: Player) -> Execution:
    """Return the execution client that the configuration names: its settings, and its factory for a node."""
    if config.node.execution == "simulated":
        venue = simulated_venue(config)
        return LiveExecClientConfig(), lambda node: replay_venue_factory(
            venue, feed.instruments, node.portfolio, player
        )
    return paper_client(config, hears="ahead")


def _node_config(config: RunConfig, folder: Path, client: LiveExecClientConfig, warm_up_h: float) -> TradingNodeConfig:
    venue = venue_name(config)
    return TradingNodeConfig(
        environment=Environment.SANDBOX,
        trader_id=TRADER,
        logging=LoggingConfig(bypass_logging=True),
        # What is asked of the venue again and again goes by the wall's clock; a simulated venue forgets nothing.
        exec_engine=LiveExecEngineConfig(reconciliation=False, inflight_check_interval_ms=0),
        data_clients={name: LiveDataClientConfig() for name in (venue, NEWS_CLIENT_ID)},
        exec_clients={venue: client},
        actors=[*actors(config, warm_up_h=warm_up_h), *ops_actors(config), *bot_actors(config, folder)],
        strategies=strategies(config, warm_up_h=warm_up_h),
        exec_algorithms=algorithms(config),
        controller=guard(config, folder / JOURNAL, folder / LATCH),
        timeout_post_stop=0.0,
    )
