"""The connection to Redis, and what may be said of it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.errors import ConfigError, MessagingError
from sagetrade_nautilus.secrets import SECRETS_FILE, Secret, find_secret

if TYPE_CHECKING:
    from redis.asyncio import Redis

USERNAME, PASSWORD = "SAGETRADE_REDIS_USERNAME", "SAGETRADE_REDIS_PASSWORD"
TIMEOUT_S: Final = 3.0
RETRY_MAX_S: Final = 10.0
SHOWN_CHARS: Final = 200
BLOCK_MS: Final = 500
"""How long a read waits for entries; shorter than `TIMEOUT_S`, so that a silent server is told from a quiet one."""


def credentials(environment: Mapping[str, str]) -> tuple[Secret | None, Secret | None]:
    """Return the user name and the password for Redis, ``None`` where they are not set.

    Raises
    ------
    ConfigError
        The file of secrets cannot be trusted or read, a value was copied badly, or there is a user name alone.
    """
    username, password = (find_secret(name, environment=environment) for name in (USERNAME, PASSWORD))
    if username is not None and password is None:
        raise ConfigError(f"{USERNAME} is set and {PASSWORD} is not; set both, or the password alone")
    return username, password


def revealed(secret: Secret | None) -> str | None:
    """Return the value, for the one call that sends it to Redis."""
    return None if secret is None else secret.reveal()


def connect(config: MessagingConfig, environment: Mapping[str, str]) -> "Redis":
    """Return a client for the configured Redis; nothing is sent yet.

    Raises
    ------
    ConfigError
        The configuration uses no Redis, its client is not installed, or a secret cannot be read.
    """
    if config.backend != "redis":
        raise ConfigError("`messaging.backend` is 'embedded', which needs no other process; set it to 'redis'")
    try:
        from redis.asyncio import Redis  # noqa: PLC0415 - an extra
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
    except ModuleNotFoundError:
        raise ConfigError("`messaging.backend` 'redis' needs: pip install 'sagetrade-nautilus[redis]'") from None
    username, password = credentials(environment)
    return Redis(
        host=config.host,
        port=config.port,
        ssl=config.tls,
        username=revealed(username),
        password=revealed(password),
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def remember_s(config: MessagingConfig) -> int:
    """Return for how long Redis remembers what was dealt with, in seconds."""
    return max(1, round(config.remember_h * 3_600.0))


class Outage:
    """The time in which Redis is away or refuses what is sent: told when it begins and when it ends, and waited out.

    Parameters
    ----------
    tell : callable
        Takes each line that a person should read.
    meanwhile : str
        What becomes of the work until Redis is back.

    Attributes
    ----------
    failures : int
        How often Redis was asked in vain since it was lost.
    """

    def __init__(self, tell: Callable[[str], None], meanwhile: str) -> None:
        self._tell, self._meanwhile = tell, meanwhile
        self.failures = 0

    async def wait(self, error: Exception) -> None:
        """Wait until Redis may be asked again, after each failure in a row for longer."""
        self.failures += 1
        if self.failures == 1:
            self._tell(f"redis: lost ({shown(error)}); {self._meanwhile}")
        await asyncio.sleep(min(0.1 * 2.0 ** min(self.failures, 10), RETRY_MAX_S))

    def end(self, note: str = "") -> None:
        """Tell that Redis is back, and `note` with it; nothing where it was not away."""
        if self.failures:
            self._tell(f"redis: back{note}")
            self.failures = 0


def shown(error: Exception) -> str:
    """Return what is said of an error: its kind, and the words of Redis or of the client, which hold no password."""
    return f"{type(error).__name__}: {str(error)[:SHOWN_CHARS]}"


def broken() -> tuple[type[Exception], ...]:
    """Return the errors of a Redis that is away or refuses what is sent: whoever meets one waits and asks again."""
    from redis.exceptions import RedisError  # noqa: PLC0415 - an extra

    return (RedisError, OSError)


class BrokerAwayError(MessagingError):
    """The broker cannot be reached; it may come later."""


async def require(redis: "Redis", config: MessagingConfig) -> list[str]:
    """Ask Redis whether it takes us, and return what a person should know of how it keeps data.

    Raises
    ------
    MessagingError
        It refuses us. A server that is down is no error here: it may come later.
    """
    try:
        return await ask(redis, config)
    except BrokerAwayError as error:
        return [f"{error}; waiting for it"]


async def ask(redis: "Redis", config: MessagingConfig) -> list[str]:
    """Do as `require`, but take a server that is down for an error.

    Raises
    ------
    BrokerAwayError
        It cannot be reached.
    MessagingError
        It refuses us.
    """
    from redis.exceptions import AuthenticationError, NoPermissionError  # noqa: PLC0415 - an extra

    where = f"redis {config.host}:{config.port}"
    try:
        await redis.ping()
        persistence = await redis.info("persistence")
        memory = await redis.info("memory")
    except (AuthenticationError, NoPermissionError) as error:
        keys = f"{USERNAME} and {PASSWORD} in the environment or {SECRETS_FILE}"
        raise MessagingError(f"{where} refuses us ({shown(error)}); look at {keys}") from None
    except broken() as error:
        raise BrokerAwayError(f"{where}, by `messaging`: cannot be reached ({shown(error)})") from None
    said = [f"{where}: reached"]
    if not persistence.get("aof_enabled"):
        said.append(f"{where}: keeps no append-only file, so a restart of it loses what nobody has read")
    if memory.get("maxmemory_policy", "noeviction") != "noeviction":
        said.append(f"{where}: may evict keys ({memory['maxmemory_policy']}); set maxmemory-policy noeviction")
    return said
