"""What a node's message bus listens to, and that it tells others nothing."""

from collections.abc import Mapping

from nautilus_trader.config import DatabaseConfig, MessageBusConfig
from nautilus_trader.model.identifiers import ClientId

from adapters.messaging.connection import credentials, revealed
from adapters.messaging.wire import Keys
from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, SCORES_CLIENT_ID


class _KeptInside(type):
    """A type that equals every other: Nautilus sends all registered types to the broker but those in a list."""

    def __eq__(cls, other: object) -> bool:
        return True

    def __hash__(cls) -> int:
        return 0


class KeptInside(metaclass=_KeptInside):
    """Stands in `types_filter` for everything that is said on the bus."""


def external_clients(config: MessagingConfig) -> list[ClientId]:
    """Return the data clients that stand in other processes, for ``LiveDataEngineConfig(external_clients=...)``."""
    if config.backend == "embedded":
        return []
    names = [NEWS_CLIENT_ID, *([SCORES_CLIENT_ID] if config.scoring == "workers" else [])]
    return [ClientId(name) for name in names]


def redis_database(config: MessagingConfig, environment: Mapping[str, str]) -> DatabaseConfig:
    """Return how Nautilus reaches the configured Redis.

    Nautilus takes the password as plain text. Its `repr` hides it, its `json()` does not: a node that has Nautilus
    stream what it hears, and so write that into a file, must leave it out.

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
        username=revealed(username),
        password=revealed(password),
    )


def message_bus_config(config: MessagingConfig, environment: Mapping[str, str]) -> MessageBusConfig | None:
    """Return the message bus settings of a `TradingNode`; ``None`` where everything stays in the process.

    Nothing that is said on the bus leaves the process by it: orders, positions and accounts never go to the broker, and
    clean items go by `adapters.messaging.items`.

    Raises as `redis_database` does.
    """
    if config.backend == "embedded":
        return None
    keys = Keys(config.namespace)
    return MessageBusConfig(
        database=redis_database(config, environment),
        encoding="json",
        external_streams=[keys.texts, *([keys.scores] if config.scoring == "workers" else [])],
        types_filter=[KeptInside],
    )
