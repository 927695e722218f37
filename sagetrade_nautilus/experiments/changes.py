"""Changes of a run's TOML file that leave its comments and its order as they are."""

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments.evaluation.variants import CANARY_OF, Scalar, place


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


def as_canary(text: str, experiment_id: str) -> str:
    """Return the file of a run that is the canary of an experiment: what is merged begins small, and is watched."""
    return edited(text, {CANARY_OF: experiment_id})


def with_strategy(text: str, plugin: str, params: Mapping[str, Scalar]) -> str:
    """Return the file with one more strategy, which every row of the policy table lets act; one that is there is left.

    Raises
    ------
    ConfigError
        It is no TOML, or no run's.
    """
    document = _parsed(text)
    entries: Any = _tables(document, "strategies")
    if not any(entry.get("name", entry.get("plugin")) == plugin for entry in entries):
        entry = tomlkit.table()
        entry.add("plugin", plugin)
        if params:
            inner = tomlkit.inline_table()
            inner.update(params)
            entry.add("params", inner)
        entries.append(entry)
        for rule in _tables(document.get("selector", {}), "rules"):
            rule["shares"].setdefault(plugin, 1.0)
    return tomlkit.dumps(document)


def _tables(holder: Any, name: str) -> Any:
    """Return the list of tables of that name, an empty one where there is none."""
    found = holder.get(name, []) if isinstance(holder, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ConfigError(f"the run's file: `{name}` is no list of tables")
    return found


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except (TOMLKitError, *UNDECODABLE) as error:
        raise ConfigError(f"the run's file is no TOML: {error}") from None
