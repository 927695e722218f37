"""A run's configuration made into others: other days, other costs, other values, and what differs between two. Pure."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from sagetrade_nautilus.config import ExperimentsConfig, RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments.evaluation.windows import Days

Scalar = str | int | float | bool | None
TERMS: Final = (
    "data",
    "venue",
    "costs",
    "report",
    "node",
    "messaging",
    "ingest",
    "promotion",
    "pool",
    "experiments",
    "llm",
)
"""The sections in which a candidate is measured by the baseline's: what it is measured on and by, not what it is."""
CANARY_OF: Final = "experiments.canary_of"
"""The value that makes a run the canary of an experiment."""
NO_NUMBER_TO_MOVE: Final = ("limits.", "breaker.", "canary.")


def digest(config: RunConfig) -> str:
    """Return the configuration's digest, whatever folder its catalog lies in."""
    return msgspec.structs.replace(config, data=msgspec.structs.replace(config.data, catalog="", sample=False)).digest


def on(config: RunConfig, days: Days, catalog: Path) -> RunConfig:
    """Return the run on other days, from another catalog. It is nobody's canary there: that is not what is measured."""
    data = msgspec.structs.replace(
        config.data, start=days.start, end=days.end, catalog=str(catalog.absolute()), sample=False
    )
    return msgspec.structs.replace(
        config, data=data, experiments=msgspec.structs.replace(config.experiments, canary_of="")
    )


def on_terms_of(candidate: RunConfig, baseline: RunConfig) -> RunConfig:
    """Return the candidate with the baseline's data, account and costs, so that nothing else can differ."""
    return msgspec.structs.replace(candidate, **{name: getattr(baseline, name) for name in TERMS})


def first_part(config: RunConfig, share: float) -> RunConfig:
    """Return the run on the first `share` of its days, at least one."""
    days = max(1, round(share * (config.data.end - config.data.start).days))
    data = msgspec.structs.replace(config.data, end=config.data.start + dt.timedelta(days=days))
    return msgspec.structs.replace(config, data=data)


def stressed(config: RunConfig, settings: ExperimentsConfig) -> dict[str, RunConfig]:
    """Return the run where everything costs more, and where every command travels longer."""
    factor, costs = settings.stress_cost_factor, config.costs
    dear = msgspec.structs.replace(
        costs,
        maker_fee_bps=factor * costs.maker_fee_bps,
        taker_fee_bps=factor * costs.taker_fee_bps,
        slippage_bps=factor * costs.slippage_bps,
    )
    slow = msgspec.structs.replace(costs, latency_ms=settings.stress_latency_factor * costs.latency_ms)
    return {
        f"costs x {factor:g}": msgspec.structs.replace(config, costs=dear),
        f"latency x {settings.stress_latency_factor:g}": msgspec.structs.replace(config, costs=slow),
    }


def with_capital(config: RunConfig, allocation_pct: float) -> RunConfig:
    """Return the run on an account that holds `allocation_pct` percent of the run's capital."""
    venue = msgspec.structs.replace(
        config.venue, starting_balance=config.venue.starting_balance * allocation_pct / 100.0
    )
    return msgspec.structs.replace(config, venue=venue)


def neighbours(baseline: RunConfig, candidate: RunConfig, step_pct: float, most: int) -> dict[str, RunConfig]:
    """Return the candidate with each number that it changed moved by `step_pct` percent, down and up.

    Whole numbers move by at least 1. A value that its section does not allow is left out.
    """
    found: dict[str, RunConfig] = {}
    numbers = [
        (path, after)
        for path, (_, after) in difference(baseline, candidate).items()
        if isinstance(after, int | float) and not isinstance(after, bool) and not path.startswith(NO_NUMBER_TO_MOVE)
    ]
    for path, value in numbers[:most]:
        for sign in (-1, 1):
            step = sign * abs(value) * step_pct / 100.0
            other = value + (sign * max(1, round(abs(step))) if isinstance(value, int) else step)
            try:
                found[f"{path} = {other:g}"] = changed(candidate, {path: other})
            except ConfigError:
                continue
    return found


def flat(config: RunConfig) -> dict[str, Scalar]:
    """Return every value of a configuration by its place: 'strategies.<name>.params.min_score', 'sizing.method'."""
    return dict(_leaves("", _plain(config)))


def difference(before: RunConfig, after: RunConfig) -> dict[str, tuple[Scalar, Scalar]]:
    """Return what differs in effect: place to the value before and after, ``None`` where there is none."""
    old, new = flat(before), flat(after)
    return {
        path: (old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path) or (path in old) != (path in new)
    }


def changed(config: RunConfig, values: Mapping[str, Scalar]) -> RunConfig:
    """Return the configuration with values at other places, as `flat` names them.

    Raises
    ------
    ConfigError
        There is no such place, or the value is not allowed there.
    """
    plain = msgspec.to_builtins(config)
    for path, value in values.items():
        place(plain, path, value)
    try:
        return msgspec.convert(plain, RunConfig)
    except msgspec.ValidationError as error:
        raise ConfigError(f"the change is not allowed: {error}".replace("`$.", "`")) from None


def place(plain: Any, path: str, value: Scalar) -> None:
    """Set the value at `path` in nested tables and lists, also of a TOML document; a missing setting is added.

    Raises
    ------
    ConfigError
        The way to it does not exist, or a table or list stands there.
    """
    *way, last = path.split(".")
    inner: Any = plain
    for index, step in enumerate(way):
        try:
            inner = _step(inner, step)
        except (KeyError, IndexError, ValueError, TypeError):
            if index == 0 or (step == "params" and isinstance(inner, dict)):
                inner[step] = {}
                inner = inner[step]
                continue
            raise ConfigError(f"`{path}`: there is no `{step}`; is it spelled as docs/configuration.md does?") from None
    try:
        key: Any = int(last) if isinstance(inner, list) else last
        before = inner[key] if isinstance(inner, list) else inner.get(key)
        if isinstance(before, dict | list):
            raise ConfigError(f"`{path}`: a table or a list stands there; name one value in it")
        inner[key] = value
    except (IndexError, ValueError, TypeError, AttributeError):
        raise ConfigError(f"`{path}`: there is no `{last}`; is it spelled as docs/configuration.md does?") from None


def _step(inner: Any, step: str) -> Any:
    if isinstance(inner, list):
        tables = [one for one in inner if isinstance(one, dict)] if not step.isdigit() else []
        named = [one for one in tables if step in (one.get("name"), one.get("plugin"))]
        return named[0] if named else inner[int(step)]
    return inner[step]


def _plain(config: RunConfig) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(config)
    plain["strategies"] = {entry["name"] or entry["plugin"]: entry for entry in plain["strategies"]}
    return plain


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Scalar]]:
    if isinstance(value, dict):
        inner: Any = value.items()
    elif isinstance(value, list | tuple):
        inner = enumerate(value)
    else:
        yield path, value
        return
    for name, one in inner:
        yield from _leaves(f"{path}.{name}" if path else str(name), one)
