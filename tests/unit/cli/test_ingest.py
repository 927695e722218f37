"""What goes wrong in a task of `sagetool ingest` comes out as the one error that it is."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from sagetrade_nautilus.cli.ingest import _run
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import MessagingError

SETTINGS = msgspec.convert(
    {
        "name": "x",
        "data": {"instruments": ["BTCUSDT.BINANCE"], "start": "2022-01-01", "end": "2022-01-02"},
        "strategies": [{"plugin": "momentum_scalper"}],
    },
    RunConfig,
)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_an_error_in_a_group_of_tasks_is_raised_by_itself(depth: int) -> None:
    async def fail(settings: RunConfig, environment: Mapping[str, str], tell: Any) -> None:
        error: Exception = MessagingError("the disk is full")
        for _ in range(depth):
            error = ExceptionGroup("tasks", [error])
        raise error

    with pytest.raises(MessagingError, match="the disk is full"):
        _run(fail, SETTINGS)  # type: ignore[arg-type]
