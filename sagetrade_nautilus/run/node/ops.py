"""The ops server of a node, named by path: it stands above the runs."""

from nautilus_trader.config import ImportableActorConfig

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.run.compose import reads_text


def ops_actors(config: RunConfig) -> list[ImportableActorConfig]:
    """Return the actor that counts and answers, where the run wants one."""
    if not config.ops.enabled:
        return []
    return [
        ImportableActorConfig(
            actor_path="sagetrade_nautilus.ops.actor:OpsActor",
            config_path="sagetrade_nautilus.ops.actor:OpsActorConfig",
            config={
                "component_id": "ops",
                "ops": config.ops,
                "experiments": "sagetrade_nautilus.experiments.counts:by_state",
                "experiments_folders": (config.experiments.directory, config.node.state),
                "reads_text": reads_text(config),
            },
        )
    ]
