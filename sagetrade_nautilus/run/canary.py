"""The canary of an approved experiment, where a run is one: which actor watches it, and where it writes."""

from pathlib import Path
from typing import Final

import msgspec
from nautilus_trader.config import ImportableActorConfig

from sagetrade_nautilus.config import RunConfig

FOLDER: Final = "canary"


def canary_file(state: str, experiment: str) -> Path:
    """Return the file in which the canary of `experiment` is kept, where `state` is the run's `node.state`."""
    return Path(state) / FOLDER / f"{experiment}.json"


def canary_actors(config: RunConfig, venue: str) -> list[ImportableActorConfig]:
    """Return the actor that watches the canary, none where the run is no canary."""
    experiment = config.experiments.canary_of
    if not experiment:
        return []
    watch = ImportableActorConfig(
        actor_path="actors.canary:CanaryActor",
        config_path="actors.canary:CanaryActorConfig",
        config={
            "component_id": "canary",
            "experiment": experiment,
            "plan": msgspec.to_builtins(config.experiments.canary),
            "strategies": [entry.label for entry in config.strategies],
            "venue": venue,
            "currency": config.venue.currency,
            "file": str(canary_file(config.node.state, experiment)),
        },
    )
    return [watch]
