"""A live node remembers its orders in a file or in Redis, and never in both."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import ExecutionConfig, RunConfig, load
from sagetrade_nautilus.execution.memory import OrderMemory, OrderMemoryConfig
from sagetrade_nautilus.run.remember import order_cache, order_memory


@pytest.fixture
def demo(project_root: Path) -> RunConfig:
    return load(project_root / "configs" / "demo.toml")


def test_a_file_in_the_nodes_folder_is_the_default(demo: RunConfig, tmp_path: Path) -> None:
    (actor,) = order_memory(demo, tmp_path)
    memory = OrderMemory(OrderMemoryConfig(**actor.config))
    assert (tmp_path / "orders.sqlite").exists()
    memory.dispose()
    assert order_cache(demo, {}) is None


def test_redis_takes_the_place_of_the_file(demo: RunConfig, tmp_path: Path) -> None:
    config = msgspec.structs.replace(demo, execution=ExecutionConfig(memory="redis"))
    cache = order_cache(config, {})
    assert order_memory(config, tmp_path) == []
    assert cache is not None
    assert (cache.database.type, cache.database.port) == ("redis", demo.messaging.port)
