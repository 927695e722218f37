"""Texts of the catalog, played as if they came in now."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from adapters.news.source import Clock
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.nanos import NANOS_PER_SECOND


class ReplaySource:
    """Plays texts in the order in which they became known.

    They are yielded as they were kept, with their own times: whoever listens must run on that time too. The pauses
    between them are the original ones over `speed`.

    Parameters
    ----------
    texts : iterable of RawText
        By `ts_init`, as `catalog.store.read_texts` gives them.
    speed : float
        How many times faster than they came, >= 0; 0 is without pauses.
    sleep, clock : callable
        Wait for some seconds, and tell the time; for tests.
    """

    name = "replay:catalog"

    def __init__(
        self,
        texts: Iterable[RawText],
        speed: float = 1.0,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Clock = time.monotonic_ns,
    ) -> None:
        if not speed >= 0.0:
            raise ConfigError(f"speed: {speed} is below 0")
        self._texts = iter(texts)
        self._speed = speed
        self._sleep = sleep
        self._clock = clock

    async def texts(self) -> AsyncIterator[RawText]:
        """Yield the texts; after an interruption it goes on where it stopped."""
        first_ns: int | None = None
        began_ns = self._clock()
        for text in self._texts:
            if self._speed > 0.0:
                first_ns = text.ts_init if first_ns is None else first_ns
                due_ns = began_ns + round((text.ts_init - first_ns) / self._speed)
                await self._sleep(max(0.0, (due_ns - self._clock()) / NANOS_PER_SECOND))
            yield text

    async def aclose(self) -> None:
        """Nothing is held."""
