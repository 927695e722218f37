"""Runs several sources side by side: one that fails is tried again by itself, and the others never notice.

This is the one place where a source is tried again, so no question within a source goes through `common/retry.py`: a
source is a stream without an end, which is opened again for ever and remembers what it has passed on. Two retries, one
in the other, would wait twice and hide from the status that a source is down.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from math import isfinite

import msgspec

from adapters.news.source import Skipping, Source, SourceError, SourceOffError
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import ConfigError

CLOSE_TIMEOUT_S = 5.0


class Backoff(msgspec.Struct, frozen=True):
    """How long to wait before a source is tried again.

    The wait doubles with each failure in a row, and is never shorter than what the server asks for.

    Parameters
    ----------
    first_s, max_s : float
        The shortest and longest wait of our own accord, in seconds.
    server_max_s : float
        The longest wait that a server can impose.
    """

    first_s: float = 1.0
    max_s: float = 300.0
    server_max_s: float = 3_600.0

    def delay_s(self, failures: int, retry_after_s: float = 0.0) -> float:
        """Return the wait after `failures` >= 1 in a row, in seconds."""
        own = min(self.first_s * 2.0 ** min(failures - 1, 60), self.max_s)
        asked = min(retry_after_s, self.server_max_s) if isfinite(retry_after_s) else self.server_max_s
        return max(own, asked)


BACKOFF = Backoff()


class SourceState(StrEnum):
    """What a source does now."""

    RUNNING = "running"
    WAITING = "waiting"
    OFF = "off"
    ENDED = "ended"


class SourceStatus(msgspec.Struct):
    """How one source fares: its texts so far, its failures in a row, and why it is not running."""

    state: SourceState = SourceState.RUNNING
    texts: int = 0
    failures: int = 0
    why: str = ""


class Supervisor:
    """Joins sources into one stream.

    A source that raises is started again after a pause; one that is off stays off. Each change is told in one line. A
    reader that is too slow slows the sources down; nothing is dropped.

    Parameters
    ----------
    sources : sequence of Source
        No two of one name.
    tell : callable
        Takes each line that a person should read.
    buffer : int
        How many texts may wait for the reader, >= 1.
    sleep : callable
        Waits for some seconds.

    Raises
    ------
    ConfigError
        Two sources have one name.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        tell: Callable[[str], None],
        *,
        backoff: Backoff = BACKOFF,
        buffer: int = 10_000,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.status = {source.name: SourceStatus() for source in sources}
        if len(self.status) < len(sources):
            raise ConfigError(f"two sources of texts have one name: {', '.join(source.name for source in sources)}")
        self._sources = tuple(sources)
        self._tell = tell
        self._backoff = backoff
        self._buffer = buffer
        self._sleep = sleep

    @property
    def skipped(self) -> dict[str, int]:
        """How many messages of which source could not be read, and were skipped."""
        counted = {source.name: source.skipped for source in self._sources if isinstance(source, Skipping)}
        return {name: count for name, count in counted.items() if count}

    async def texts(self) -> AsyncGenerator[RawText, None]:
        """Yield the texts of all sources as they come; it ends when every source has ended or is off."""
        queue: asyncio.Queue[RawText | None] = asyncio.Queue(self._buffer)
        tasks = [asyncio.create_task(self._keep(source, queue)) for source in self._sources]
        left = len(tasks)
        try:
            while left:
                text = await queue.get()
                if text is None:
                    left -= 1
                else:
                    yield text
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.aclose()

    async def aclose(self) -> None:
        """Close every source; one that cannot close holds nobody up."""
        for source in self._sources:
            with suppress(Exception):
                await asyncio.wait_for(source.aclose(), CLOSE_TIMEOUT_S)

    async def _keep(self, source: Source, queue: asyncio.Queue[RawText | None]) -> None:
        status = self.status[source.name]
        began_s = asyncio.get_running_loop().time()
        while True:
            try:
                await self._forward(source, status, queue)
                self._set(source, SourceState.ENDED, "it has no more texts")
                break
            except SourceOffError as error:
                self._set(source, SourceState.OFF, str(error))
                break
            except SourceError as error:
                why, asked_s = str(error), error.retry_after_s
            except Exception as error:  # noqa: BLE001 - one source's defect must not stop the others
                why, asked_s = f"it raised {type(error).__name__}", 0.0
            now_s = asyncio.get_running_loop().time()
            status.failures = 1 if now_s - began_s > self._backoff.max_s else status.failures + 1
            delay_s = self._backoff.delay_s(status.failures, asked_s)
            self._set(source, SourceState.WAITING, f"{why}; trying again in {delay_s:g} s")
            await self._sleep(delay_s)
            began_s = asyncio.get_running_loop().time()
        await queue.put(None)

    async def _forward(self, source: Source, status: SourceStatus, queue: asyncio.Queue[RawText | None]) -> None:
        async for text in source.texts():
            if status.state is SourceState.WAITING:
                status.failures = 0
                self._set(source, SourceState.RUNNING, "it works again")
            status.texts += 1
            await queue.put(text)

    def _set(self, source: Source, state: SourceState, why: str) -> None:
        status = self.status[source.name]
        status.state, status.why = state, "" if state is SourceState.RUNNING else why
        self._tell(f"news source {source.name}: {'off: ' if state is SourceState.OFF else ''}{why}")
