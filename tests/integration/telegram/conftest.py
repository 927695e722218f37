"""A replay that a bot belongs to, and the Bot API that it speaks to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import adapters.llm.client  # noqa: F401 - it keeps httpx quiet, and a bot imports it while it starts
from sagetrade_nautilus.bot import client as client_module
from sagetrade_nautilus.bot import outbox as outbox_module
from sagetrade_nautilus.config import RunConfig
from tests.support.telegram_node import token, two_days
from tests.support.telegram_server import TelegramServer, telegram


@pytest.fixture(scope="session")
def crash(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    return two_days(project_root, tmp_path_factory.mktemp("catalog"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TelegramServer]:
    monkeypatch.setattr(outbox_module, "RETRY_S_MIN", 0.02)
    monkeypatch.setattr(client_module, "BACK_OFF_S_MAX", 0.1)
    token(monkeypatch)
    with telegram() as server:
        yield server
