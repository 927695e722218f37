"""Work in processes of its own: each begins afresh, and none outlives a failure or Ctrl-C.

Not `concurrent.futures.ProcessPoolExecutor`: with one task a process it can wait for ever for workers that a signal has
ended.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from sagetrade_nautilus.errors import RunError

_CONTEXT = multiprocessing.get_context("spawn")


class Processes:
    """Runs each piece of work in a new process, at most `count` at once."""

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count)
        self._lock = threading.Lock()
        self._running: set[SpawnProcess] = set()
        self._ended = False

    def submit[**P, R](self, work: Callable[P, R], *given: P.args, **named: P.kwargs) -> Future[R]:
        """Have `work` done, and return its result to be. What it is and takes must be importable and picklable.

        The future raises what `work` raised, and `RunError` if its process died.
        """
        return self._threads.submit(self._apart, work, given, named)

    def end(self) -> None:
        """End what is running and let nothing begin any more."""
        with self._lock:
            self._ended = True
            for process in self._running:
                process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _apart(self, work: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        receiver, sender = _CONTEXT.Pipe(duplex=False)
        process = _CONTEXT.Process(target=_do, args=(sender, work, given, named), daemon=True)
        with receiver:
            with sender, self._lock:
                if self._ended:
                    raise RunError("nothing begins any more")
                process.start()
                self._running.add(process)
            try:
                is_done, outcome = receiver.recv()
            except EOFError:
                process.join()
                raise RunError(f"a process of its own ended with {process.exitcode} and no result") from None
            finally:
                process.join()
                with self._lock:
                    self._running.discard(process)
        if is_done:
            return outcome
        raise outcome


@contextmanager
def processes(count: int) -> Iterator[Processes]:
    """Give at most `count` processes at once, of which each does one thing and ends.

    If the block is left with an error, or by Ctrl-C, they are ended.
    """
    pool = Processes(min(count, os.cpu_count() or 1))
    try:
        yield pool
    finally:
        pool.end()


def _do(sender: Connection, work: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        sender.send((True, work(*given, **named)))
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
        sender.send((False, error))
