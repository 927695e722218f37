"""How a live node remembers its orders over its death: in a file of its own, or in Redis behind Nautilus's cache."""

from collections.abc import Mapping
from pathlib import Path

from nautilus_trader.config import CacheConfig, ImportableActorConfig

from adapters.messaging.node import redis_database
from sagetrade_nautilus.config import RunConfig

ORDERS = "orders.sqlite"
MEMORY = "sagetrade_nautilus.execution.memory:OrderMemory"


def order_memory(config: RunConfig, folder: Path) -> list[ImportableActorConfig]:
    """Return the actor that remembers orders in `folder`, the first of a node's actors; none where Redis does."""
    if config.execution.memory == "redis":
        return []
    settings = {"component_id": "memory", "path": str(folder / ORDERS), "oms_type": "HEDGING"}
    return [ImportableActorConfig(actor_path=MEMORY, config_path=f"{MEMORY}Config", config=settings)]


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
