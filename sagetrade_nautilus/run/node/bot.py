"""The Telegram bot of a node, named by its path: it may import everything, so nothing here imports it."""

from pathlib import Path
from typing import Final

import msgspec
from nautilus_trader.config import ImportableActorConfig

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.secrets import read_secret

ACTOR: Final = "sagetrade_nautilus.bot.actor:TelegramActor"
TOKEN: Final = "TELEGRAM_TOKEN"  # noqa: S105 - the name of a secret, not the secret


def bot_actors(config: RunConfig, folder: Path) -> list[ImportableActorConfig]:
    """Return the bot of a node that works in `folder`; none unless the run has one.

    Raises
    ------
    ConfigError
        There is no token, or what is set is none.
    """
    if not config.bot.enabled:
        return []
    read_secret(TOKEN)  # so that a missing or malformed one is told before a node stands
    settings = {
        "component_id": "telegram",
        "bot": msgspec.to_builtins(config.bot),
        "limits": msgspec.to_builtins(config.limits),
        "state": str(folder),
        "costs": msgspec.to_builtins(config.costs),
        "aggregator": msgspec.to_builtins(config.aggregator),
        "llm": msgspec.to_builtins(config.llm),
        "experiments": config.experiments.directory,
    }
    return [ImportableActorConfig(actor_path=ACTOR, config_path=f"{ACTOR}Config", config=settings)]
