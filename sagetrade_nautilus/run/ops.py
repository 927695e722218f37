"""The ops server of a node, named by path: it stands above the runs."""

from nautilus_trader.config import ImportableActorConfig

from sagetrade_nautilus.config import RunConfig


def ops_actors(config: RunConfig, experiments: str | None = None) -> list[ImportableActorConfig]:
    """Return the actor that counts and answers, where the run wants one.

    Parameters
    ----------
    experiments : str, optional
        The importable path of a callable that returns how many experiments are 'active' and 'regressed'.
    """
    if not config.ops.enabled:
        return []
    return [
        ImportableActorConfig(
            actor_path="sagetrade_nautilus.ops.actor:OpsActor",
            config_path="sagetrade_nautilus.ops.actor:OpsActorConfig",
            config={"component_id": "ops", "ops": config.ops, "experiments": experiments},
        )
    ]
