"""A run's code version covers all code that its plugins can lean on."""

from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.version import code_digest

PLUGIN = """
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig
from strategies._levels import LEVEL

class LeaningConfig(SageStrategyConfig, frozen=True, kw_only=True):
    level: float = LEVEL

class Leaning(SageStrategy[LeaningConfig]):
    def on_new_signal(self, signal):
        return None
"""
RUN = {
    "name": "x",
    "data": {"instruments": ["BTCUSDT.BINANCE"], "start": "2022-01-01", "end": "2022-01-02"},
    "strategies": [{"plugin": "leaning"}],
}


def test_a_change_of_what_a_plugin_imports_from_its_folder_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import strategies

    monkeypatch.setattr(strategies, "__path__", list(strategies.__path__))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "strategies"
    folder.mkdir()
    (folder / "leaning.py").write_text(PLUGIN)
    helper = folder / "_levels.py"
    helper.write_text("LEVEL = 1.0\n")
    config = msgspec.convert(RUN, RunConfig)
    before = code_digest(config)
    assert code_digest(config) == before
    helper.write_text("LEVEL = 2.0\n")
    assert code_digest(config) != before
