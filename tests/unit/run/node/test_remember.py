"""A live node remembers its orders in a file or in Redis, and never in both."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from nautilus_trader.model.identifiers import TraderId

from sagetrade_nautilus.config import ExecutionConfig, MessagingConfig, RunConfig, load
from sagetrade_nautilus.execution.memory import OrderMemory, OrderMemoryConfig
from sagetrade_nautilus.run.node.remember import memory_fault, order_cache, order_memory, trader_id


@pytest.fixture
def demo(project_root: Path) -> RunConfig:
    return load(project_root / "configs" / "demo.toml")


def test_a_file_in_the_nodes_folder_is_the_default(demo: RunConfig, tmp_path: Path) -> None:
    actor = order_memory(demo, tmp_path)
    memory = OrderMemory(OrderMemoryConfig(**actor.config))
    assert (tmp_path / "orders.sqlite").exists()
    memory.dispose()
    assert order_cache(demo, {}) is None


def test_redis_takes_the_place_of_the_file(demo: RunConfig, tmp_path: Path) -> None:
    config = msgspec.structs.replace(demo, execution=ExecutionConfig(memory="redis"))
    cache = order_cache(config, {})
    assert order_memory(config, tmp_path).actor_path.endswith(":CacheMemory")
    assert not list(tmp_path.iterdir())
    assert cache is not None
    assert (cache.database.type, cache.database.port) == ("redis", demo.messaging.port)


def test_nodes_that_share_a_redis_have_names_of_their_own_in_it(demo: RunConfig) -> None:
    """Otherwise one would take up the positions of the other; the ids of orders stay as they are."""
    config = msgspec.structs.replace(demo, execution=ExecutionConfig(memory="redis"))
    names = [trader_id(config, Path("state") / runner) for runner in ("live", "trial", "paper")]
    assert names == ["demo-live-001", "demo-trial-001", "demo-paper-001"]
    assert {TraderId(name).get_tag() for name in names} == {"001"}
    assert trader_id(demo, Path("state") / "live") == "SAGETRADE-001"


def test_a_redis_that_does_not_answer_remembers_nothing(demo: RunConfig) -> None:
    config = msgspec.structs.replace(
        demo, execution=ExecutionConfig(memory="redis"), messaging=MessagingConfig(backend="redis", port=1)
    )
    assert "Redis misses what becomes of our orders" in str(asyncio.run(_said(config)))
    assert asyncio.run(_said(demo)) is None


async def _said(config: RunConfig) -> str | None:
    return await memory_fault(config, {})()
