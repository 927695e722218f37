"""Changes of a run's TOML file that leave its comments and its order as they are."""

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments.variants import Scalar, place


def edited(text: str, values: Mapping[str, Scalar]) -> str:
    """Return the file with these values set, each at its place as `variants.flat` names it.

    Raises
    ------
    ConfigError
        It is no TOML, or there is no such place.
    """
    document = _parsed(text)
    for path, value in values.items():
        place(document, path, value)
    return tomlkit.dumps(document)


def with_strategy(text: str, plugin: str, params: Mapping[str, Scalar]) -> str:
    """Return the file with one more strategy, which every row of the policy table lets act; one that is there is left.

    Raises
    ------
    ConfigError
        It is no TOML.
    """
    document = _parsed(text)
    entries: Any = document.get("strategies", [])
    if not any(entry.get("name", entry.get("plugin")) == plugin for entry in entries):
        entry = tomlkit.table()
        entry.add("plugin", plugin)
        if params:
            inner = tomlkit.inline_table()
            inner.update(params)
            entry.add("params", inner)
        entries.append(entry)
        for rule in document.get("selector", {}).get("rules", []):
            rule["shares"].setdefault(plugin, 1.0)
    return tomlkit.dumps(document)


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"the run's file is no TOML: {error}") from None
