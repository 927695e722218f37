"""What every source of texts offers, and how it says that it cannot go on."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import ConfigError, SageTradeError

Secret = Callable[[str], str | None]
"""Looks up a key by its name ('APCA_API_KEY_ID'): ``None`` or a `ConfigError` where it is not set."""
Clock = Callable[[], int]
"""The present in UTC nanoseconds; `time.time_ns` outside tests."""


class Source(Protocol):
    """A stream of texts that is only read from.

    Attributes
    ----------
    name : str
        The kind of source and what it reads, as 'rss:www.example.com'; it holds no key.
    """

    name: str

    def texts(self) -> AsyncIterator[RawText]:
        """Yield texts as they come, each once, with ``ts_init`` set to when it was first seen; undated ones never.

        It may be called again after an error, and then goes on behind what it has yielded.

        Raises
        ------
        SourceError
            It failed for now; trying again later may help.
        SourceOffError
            It cannot work until somebody changes something, as a key.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and threads. It may be called twice, and after an error."""
        ...


class SourceError(SageTradeError):
    """A source of texts failed, and may work later. The message holds no key and nothing that a server sent.

    Parameters
    ----------
    message : str
        What failed, without the source's name.
    retry_after_s : float
        The server asks not to be called again within this many seconds; 0 where it does not say.
    """

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SourceOffError(SourceError):
    """A source that stays off: a key is missing or refused. Trying again will not help."""


def require_keys(secret: Secret, *names: str) -> tuple[str, ...]:
    """Return the keys called `names`.

    Raises
    ------
    SourceOffError
        One or more are not set, or cannot be read; the message names them all.
    """
    found, missing = [], []
    for name in names:
        try:
            value = secret(name)
        except ConfigError as error:
            raise SourceOffError(str(error)) from None
        if value:
            found.append(value)
        else:
            missing.append(name)
    if missing:
        raise SourceOffError(f"{', '.join(missing)} not set in the environment or config/secrets.env")
    return tuple(found)
