"""What a client does beside its commands, until it disconnects."""

import asyncio
from collections.abc import Callable, Coroutine


class Background:
    """Runs tasks, tells of one that fails, and ends all of them together.

    Parameters
    ----------
    loop : asyncio.AbstractEventLoop
        Where they run.
    failed : callable
        Told what it means that one has failed, and its exception.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, failed: Callable[[str, BaseException], object]) -> None:
        self._loop = loop
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Have `work` done from now on."""
        task: asyncio.Task[None] = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def end(self) -> None:
        """Cancel whatever goes on, and wait until it has ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed("a part of Alpaca's client has failed, and does not go on", error)
