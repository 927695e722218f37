"""How a live node remembers its orders over its death: in a file of its own, or in Redis behind Nautilus's cache."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from nautilus_trader.config import CacheConfig, ImportableActorConfig

from adapters.messaging.connection import ask, connect
from adapters.messaging.node import redis_database
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import MessagingError
from sagetrade_nautilus.run.node.nodes import TRADER

type Fault = Callable[[], Awaitable[str | None]]
"""Answers why what is sent now would not be remembered; ``None`` where it would."""

ORDERS = "orders.sqlite"
MEMORY = "sagetrade_nautilus.execution.memory:OrderMemory"
CACHE_MEMORY = "sagetrade_nautilus.execution.memory:CacheMemory"


def order_memory(config: RunConfig, folder: Path) -> ImportableActorConfig:
    """Return the first of a node's actors: it remembers orders in `folder`, or helps where Redis remembers them."""
    if config.execution.memory == "redis":
        return cache_memory()
    settings = {"component_id": "memory", "path": str(folder / ORDERS), "oms_type": "HEDGING"}
    return ImportableActorConfig(actor_path=MEMORY, config_path=f"{MEMORY}Config", config=settings)


def cache_memory() -> ImportableActorConfig:
    """Return the actor of a node whose cache has a database behind it."""
    settings = {"component_id": "memory"}
    return ImportableActorConfig(
        actor_path=CACHE_MEMORY, config_path="nautilus_trader.config:ActorConfig", config=settings
    )


def order_cache(config: RunConfig, environment: Mapping[str, str]) -> CacheConfig | None:
    """Return the settings of a node's cache, where Redis stands behind it; user and password are secrets.

    Raises
    ------
    ConfigError
        The file of secrets cannot be trusted or read.
    """
    if config.execution.memory != "redis":
        return None
    return CacheConfig(database=redis_database(config.messaging, environment))


def trader_id(config: RunConfig, folder: Path) -> str:
    """Return the name of a node's trader. In Redis, which many nodes may share, it is the node's own."""
    return TRADER if config.execution.memory == "file" else f"{config.name}-{folder.name}-{TRADER.rpartition('-')[2]}"


def memory_fault(config: RunConfig, environment: Mapping[str, str]) -> Fault:
    """Return what tells whether a node's orders are remembered. A file that cannot be written ends the node by itself.

    Raises
    ------
    ConfigError
        The client of Redis is not installed, or a secret cannot be read.
    """

    async def nothing() -> None:
        return None

    if config.execution.memory != "redis":
        return nothing
    redis = connect(config.messaging, environment)

    async def fault() -> str | None:
        try:
            await ask(redis, config.messaging)
        except MessagingError as error:
            return f"Redis misses what becomes of our orders, and will not learn it: {error}; see docs/restart.md"
        return None

    return fault
