"""How a node takes part: what its message bus listens to, and the little that it tells others."""

from collections.abc import Mapping

from nautilus_trader.config import DatabaseConfig, MessageBusConfig
from nautilus_trader.model.identifiers import ClientId

from adapters.messaging.connection import credentials, revealed
from adapters.messaging.wire import Keys
from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.data import NEWS_CLIENT_ID, SCORES_CLIENT_ID, TextItem


class _KeptInside(type):
    """A type that equals every other but `TextItem`.

    Nautilus sends all registered types to the broker but those in a list, and does not tell which there are.
    """

    def __eq__(cls, other: object) -> bool:
        return other is not TextItem

    def __hash__(cls) -> int:
        return 0


class KeptInside(metaclass=_KeptInside):
    """Stands in `types_filter` for everything that never leaves the process."""


def external_clients(config: MessagingConfig) -> list[ClientId]:
    """Return the data clients that stand in other processes, for ``LiveDataEngineConfig(external_clients=...)``."""
    if config.backend == "embedded":
        return []
    names = [NEWS_CLIENT_ID, *([SCORES_CLIENT_ID] if config.scoring == "workers" else [])]
    return [ClientId(name) for name in names]


def redis_database(config: MessagingConfig, environment: Mapping[str, str]) -> DatabaseConfig:
    """Return how Nautilus reaches the configured Redis.

    Nautilus takes the password as plain text. Its `repr` hides it, its `json()` does not, and a node with `streaming`
    writes that into a file: give a node that uses Redis none.

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

    Of all that is said on the bus, nothing leaves the process but clean items, and these only where other processes
    score them: orders, positions and accounts never go to the broker.

    Raises as `redis_database` does.
    """
    if config.backend == "embedded":
        return None
    keys, remote = Keys(config.namespace), config.scoring == "workers"
    return MessageBusConfig(
        database=redis_database(config, environment),
        encoding="json",
        external_streams=[keys.texts, *([keys.scores] if remote else [])],
        streams_prefix=config.namespace,
        use_trader_prefix=False,
        use_trader_id=False,
        use_instance_id=False,
        autotrim_mins=config.items_keep_min,
        types_filter=[KeptInside, *([] if remote else [TextItem])],
    )
