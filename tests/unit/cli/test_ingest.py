"""What goes wrong in a task of `sagetool ingest` comes out as the one error that it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sagetrade_nautilus.cli.ingest import ingest
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import MessagingError

CONFIG = """
name = "x"
[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-01-01
end = 2022-01-02
[[strategies]]
plugin = "momentum_scalper"
"""


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_an_error_in_a_group_of_tasks_is_raised_by_itself(
    depth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(settings: RunConfig, environment: Mapping[str, str], tell: Any) -> None:
        error: Exception = MessagingError("the disk is full")
        for _ in range(depth):
            error = ExceptionGroup("tasks", [error])
        raise error

    monkeypatch.setattr("sagetrade_nautilus.run.ingest.ingest", fail)
    (tmp_path / "run.toml").write_text(CONFIG)
    with pytest.raises(MessagingError, match="the disk is full"):
        ingest(tmp_path / "run.toml")
