"""Tasks beside what awaits them: each is kept until it is done, since the event loop alone may let it go before."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Background:
    """The tasks that somebody has begun on the running loop and awaits nowhere.

    Parameters
    ----------
    failed : callable
        Told what a task has raised.
    """

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        self._failed = failed
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin[Result](self, work: Coroutine[Any, Any, Result], *, at_once: bool = False) -> asyncio.Task[Result]:
        """Begin `work`; `at_once` runs it up to its first wait before this returns, ahead of all that is ready."""
        task = asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=at_once)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def cancel(self) -> list[asyncio.Task[Any]]:
        """Cancel all that has been begun; return it, for whoever waits for its end."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        return tasks

    async def end(self) -> None:
        """Cancel all that has been begun, and wait until it has ended."""
        await asyncio.gather(*self.cancel(), return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed(error)
