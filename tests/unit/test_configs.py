"""The configurations that come with SageTrade: each can be read, and names plugins and feeds that are there."""

from pathlib import Path

import pytest

from sagetrade_nautilus.config import load
from sagetrade_nautilus.run.compose import compose
from sagetrade_nautilus.run.node.clients import data_client

CONFIGS = sorted((Path(__file__).resolve().parents[2] / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_it_can_be_read_and_composed(path: Path, tmp_path: Path) -> None:
    config = load(path)
    assert config.name in (path.stem, "ingest")
    compose(config, tmp_path / "decisions.jsonl")
    if config.node.data != "replay":
        settings, factory = data_client(config)
        assert factory.__name__.endswith("DataClientFactory")
        assert "secret" not in repr(settings).lower().replace("api_secret=none", "")
    names = {other.node.state for other in map(load, CONFIGS) if other.node.data != "replay"}
    assert len(names) == sum(load(other).node.data != "replay" for other in CONFIGS)  # no two share a folder
