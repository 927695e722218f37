"""From a plugin's name to its class. Only files in a `strategies` folder can be named, never any module.

The folder is the one that comes with SageTrade and, after it, ``strategies/`` where the command is run.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

import strategies
from sagetrade_nautilus.config import StrategyEntry
from sagetrade_nautilus.errors import ConfigError, PluginError
from sagetrade_nautilus.execution.face import RAISES, raised
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig

BASE_FIELDS = frozenset(SageStrategyConfig.__struct_fields__)


class Plugin(msgspec.Struct, frozen=True):
    """A plugin's importable paths, and what it is called in the run."""

    label: str
    strategy_path: str
    config_path: str


def available() -> dict[str, Path]:
    """Return the plugins' files by their names, those in ``strategies/`` of the working folder included."""
    found = {name: files[0] for name, files in sorted(_files().items())}
    return {name: file for name, file in found.items() if not name.startswith("_")}


def _files() -> dict[str, list[Path]]:
    """Return the files of each name, in the order in which the folders are searched."""
    folders = strategies.__path__
    own = str(Path.cwd() / "strategies")
    if own not in folders and Path(own).is_dir():
        folders.append(own)
    found: dict[str, list[Path]] = {}
    for folder in folders:
        for file in Path(folder).glob("*.py"):
            found.setdefault(file.stem, []).append(file)
    return found


def resolve(entry: StrategyEntry) -> Plugin:
    """Find the plugin that a configuration entry names, and check its parameters.

    Raises
    ------
    ConfigError
        There is no such plugin, or it has no such parameter or not of this type.
    PluginError
        The file cannot be imported, or does not define its classes.
    """
    strategy, config = plugin_classes(entry.plugin)
    _check_params(entry, config)
    module = strategy.__module__
    return Plugin(entry.label, f"{module}:{strategy.__name__}", f"{module}:{config.__name__}")


def source_file(plugin: Plugin) -> Path:
    """Return the file that a resolved plugin was read from."""
    return Path(str(import_module(plugin.strategy_path.partition(":")[0]).__file__))


def plugin_classes(name: str) -> tuple[type[SageStrategy[Any]], type[SageStrategyConfig]]:
    """Return the strategy and the configuration that a plugin's file defines.

    Raises
    ------
    ConfigError
        There is no such plugin.
    PluginError
        The file cannot be imported, or does not define its classes.
    """
    if name not in available():
        raise ConfigError(f"`strategies`: there is no plugin {name!r}; strategies/ has: {', '.join(available())}")
    first, *others = _files()[name]
    other = next((file for file in others if file.read_bytes() != first.read_bytes()), None)
    if other is not None:
        raise ConfigError(f"two plugins are called {name!r}, and nobody could tell which trades: {first}, {other}")
    if not name.isidentifier():
        raise ConfigError(f"{first}: a plugin's name has small letters, digits and _, as in dip_buyer; rename the file")
    module_name = f"strategies.{name}"
    class_name = "".join(part.capitalize() for part in name.split("_"))
    try:
        module = import_module(module_name)
    except PluginError as error:
        raise PluginError(f"strategies/{name}.py: {error}") from None
    except RAISES as error:
        raise raised(f"strategies/{name}.py cannot be imported: it", error) from error
    strategy, config = (getattr(module, found, None) for found in (class_name, f"{class_name}Config"))
    if not (isinstance(strategy, type) and issubclass(strategy, SageStrategy)):
        raise PluginError(f"strategies/{name}.py must define a class {class_name}(SageStrategy)")
    if strategy.on_new_signal is SageStrategy.on_new_signal:
        raise PluginError(f"strategies/{name}.py: {class_name} must define on_new_signal")
    if not (isinstance(config, type) and issubclass(config, SageStrategyConfig)):
        raise PluginError(f"strategies/{name}.py must define {class_name}Config(SageStrategyConfig, frozen=True)")
    return strategy, config


def _check_params(entry: StrategyEntry, config: type[SageStrategyConfig]) -> None:
    own = [field for field in config.__struct_fields__ if field not in BASE_FIELDS]
    for key in entry.params:
        if key not in own:
            raise ConfigError(
                f"`strategies.{entry.label}.params`: unknown key `{key}`; {entry.plugin} has: {', '.join(own)}"
            )
    try:
        params: dict[str, Any] = {"label": entry.label, **entry.params}
        msgspec.convert(params, config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"`strategies.{entry.label}.params`: {error}".replace("`$.", "`")) from None
