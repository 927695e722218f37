"""A source that is asked again and again, and passes on what is new."""

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import msgspec

from adapters.news.post import Post, Seen
from adapters.news.source import Clock, SourceError
from sagetrade_nautilus.data import RawText

ASK_S: Final = 600.0
"""How long a question may take in all, with the pauses that a client of Reddit or X makes in it."""


class Answer(msgspec.Struct, frozen=True):
    """What a source says when it is asked.

    Parameters
    ----------
    posts : tuple[Post, ...]
        In any order, with those that were passed on before.
    pause_s : float
        The server asks not to be asked again within this many seconds.
    """

    posts: tuple[Post, ...]
    pause_s: float = 0.0


class PollingSource(ABC):
    """Base of sources that are asked in intervals. Subclasses say how to ask.

    Parameters
    ----------
    name : str
        As in `Source`.
    interval_s : float
        Seconds between two questions, > 0; longer where the server asks for it.
    clock : callable
        The present in UTC nanoseconds.
    sleep : callable
        Waits for some seconds.
    """

    def __init__(
        self,
        name: str,
        interval_s: float,
        *,
        clock: Clock = time.time_ns,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self._interval_s = interval_s
        self._clock = clock
        self._sleep = sleep
        self._seen = Seen()

    @abstractmethod
    async def ask(self) -> Answer:
        """Ask once. Errors as in `Source.texts`."""

    async def aclose(self) -> None:  # noqa: B027 - nothing is held between two questions unless a subclass says so
        """Let go of what is held; nothing, unless a subclass says so."""

    async def texts(self) -> AsyncIterator[RawText]:
        """Yield what is new, the oldest of an answer first, without end."""
        while True:
            answer = await self._asked()
            dated = [post for post in answer.posts if post.is_dated]
            if answer.posts and not dated:
                raise SourceError(f"none of its {len(answer.posts)} entries says when it was published")
            for post in sorted(dated, key=lambda post: post.published_ns):
                if self._seen.is_new(post):
                    yield post.raw_text(self._clock())
            await self._sleep(max(self._interval_s, answer.pause_s))

    async def _asked(self) -> Answer:
        try:
            async with asyncio.timeout(ASK_S):
                return await self.ask()
        except TimeoutError:
            raise SourceError(f"it did not answer within {ASK_S:g} s") from None


async def in_thread[Result](call: Callable[[], Result]) -> Result:
    """Run a blocking `call` on a thread that holds up neither the event loop nor the end of the process."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        except Exception as caught:  # noqa: BLE001 - handed to whoever waits
            error = caught
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True, name="news-source").start()
    return await future
