"""What Nautilus is told of Redis: which data clients stand in other processes, and how to keep a cache there."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from nautilus_trader.config import DatabaseConfig
from nautilus_trader.model.identifiers import ClientId

from adapters.messaging.connection import credentials, revealed
from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, SCORES_CLIENT_ID
from sagetrade_nautilus.secrets import Secret

RETRIES: Final = 8
"""How often Nautilus tries anew to reach Redis: for about a second."""


def external_clients(config: MessagingConfig) -> list[ClientId]:
    """Return the data clients that stand in other processes, for ``LiveDataEngineConfig(external_clients=...)``."""
    if config.backend == "embedded":
        return []
    names = [NEWS_CLIENT_ID, *([SCORES_CLIENT_ID] if config.scoring == "workers" else [])]
    return [ClientId(name) for name in names]


def redis_database(config: MessagingConfig, environment: Mapping[str, str]) -> DatabaseConfig:
    """Return how Nautilus reaches the configured Redis.

    Nautilus takes the password as plain text, and puts it into an address as it is: here it is encoded for that. Its
    `repr` hides it, its `json()` does not: a node that has Nautilus stream what it hears, and so write that into a
    file, must not have it. Nautilus would wait for hours for a Redis that it cannot reach, deaf to every signal.

    Raises
    ------
    ConfigError
        The file of secrets cannot be trusted or read, or a value was copied badly.
    """
    username, password = credentials(environment)
    return DatabaseConfig(
        type="redis",
        host=config.host,
        port=config.port,
        ssl=config.tls,
        username=_encoded(username),
        password=_encoded(password),
        number_of_retries=RETRIES,
    )


def _encoded(secret: Secret | None) -> str | None:
    value = revealed(secret)
    return None if value is None else quote(value, safe="")
