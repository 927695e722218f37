"""A bot and whom it talks to."""

from pathlib import Path

import pytest

from sagetrade_nautilus.guard.switch import password as password_module
from tests.support.bot import Bot


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.setattr(password_module, "COST_LOG2", 4)
    return Bot(tmp_path)
