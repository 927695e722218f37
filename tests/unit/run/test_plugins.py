"""Plugins are found by the name of their file, and only in a `strategies` folder."""

from pathlib import Path

import pytest

from sagetrade_nautilus.config import StrategyEntry
from sagetrade_nautilus.errors import ConfigError, PluginError
from sagetrade_nautilus.run.plugins import available, resolve

SHIPPED = {"momentum_scalper", "mean_reversion_scalper", "news_quick_trade"}

OWN = """
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

class {name}Config(SageStrategyConfig, frozen=True, kw_only=True):
    depth: int = 1

class {name}(SageStrategy[{name}Config]):
    def on_new_signal(self, signal):
        return None
"""


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import strategies

    monkeypatch.setattr(strategies, "__path__", list(strategies.__path__))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "strategies"
    folder.mkdir()
    return folder


def test_the_shipped_plugins_are_there() -> None:
    assert set(available()) >= SHIPPED


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_shipped_plugin_resolves(name: str) -> None:
    plugin = resolve(StrategyEntry(plugin=name))
    assert plugin.label == name
    assert plugin.strategy_path.startswith(f"strategies.{name}:")


def test_a_file_in_the_working_folder_is_found(own_folder: Path) -> None:
    (own_folder / "my_idea.py").write_text(OWN.format(name="MyIdea"))
    plugin = resolve(StrategyEntry(plugin="my_idea", name="idea", params={"depth": 3}))
    assert plugin.strategy_path == "strategies.my_idea:MyIdea"
    assert plugin.config_path == "strategies.my_idea:MyIdeaConfig"


def test_a_file_whose_name_cannot_be_a_plugins_is_told_to_be_renamed(own_folder: Path) -> None:
    (own_folder / "my-idea.py").write_text(OWN.format(name="MyIdea"))
    with pytest.raises(ConfigError, match=r"my-idea\.py: .*small letters, digits and _, .*rename the file"):
        resolve(StrategyEntry(plugin="my-idea"))


def test_an_unknown_plugin_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"no plugin 'nothing'; strategies/ has: .*momentum_scalper"):
        resolve(StrategyEntry(plugin="nothing"))


@pytest.mark.parametrize(
    ("params", "said"),
    [({"depht": 1}, "unknown key `depht`; own_params has: depth"), ({"depth": "x"}, "Expected `int`")],
)
def test_parameters_are_checked_against_the_plugin(own_folder: Path, params: dict[str, object], said: str) -> None:
    (own_folder / "own_params.py").write_text(OWN.format(name="OwnParams"))
    with pytest.raises(ConfigError, match=said):
        resolve(StrategyEntry(plugin="own_params", params=params))


def test_a_parameter_of_the_run_cannot_be_set_by_a_plugins_parameters() -> None:
    with pytest.raises(ConfigError, match="unknown key `round_trip_bps`"):
        resolve(StrategyEntry(plugin="momentum_scalper", params={"round_trip_bps": 0.0}))


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        (
            "cannot_import",
            "import no_such_module",
            "cannot be imported: it raised ModuleNotFoundError: .*cannot_import.py:1",
        ),
        ("ends", "import sys\nsys.exit()", r"cannot be imported: it raised SystemExit\(None\) .*ends.py:2"),
        ("bad_syntax", "def", r"cannot be imported: it raised SyntaxError: .*bad_syntax.py, line 1\)\Z"),
        ("no_decision", OWN.format(name="NoDecision").replace("on_new_signal", "decide"), "must define on_new_signal"),
        ("misspelt", OWN.format(name="Misspelt").replace("signal(", "singal("), r"Misspelt defines on_new_singal"),
        ("no_class", "x = 1", r"must define a class NoClass\(SageStrategy\)"),
        ("no_config", OWN.format(name="NoConfig").replace("NoConfigConfig", "Other"), "must define NoConfigConfig"),
    ],
)
def test_a_file_that_is_no_plugin_is_named(own_folder: Path, file: str, source: str, said: str) -> None:
    (own_folder / f"{file}.py").write_text(source)
    with pytest.raises(PluginError, match=said):
        resolve(StrategyEntry(plugin=file))
