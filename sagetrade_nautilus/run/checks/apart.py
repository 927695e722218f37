"""Work in processes of its own: each begins afresh, and none outlives a failure or Ctrl-C.

Not `concurrent.futures.ProcessPoolExecutor`: with one task a process it can wait for ever for workers that a signal has
ended.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from sagetrade_nautilus.errors import RunError

_CONTEXT = multiprocessing.get_context("spawn")


class ProcessDiedError(RunError):
    """A process of its own ended without a result."""


class Processes:
    """Runs each piece of work in a process, at most `count` at once.

    Parameters
    ----------
    count : int
        How many processes there are at most.
    works_each : int
        After so much work a process gives way to a new one.
    environment : mapping of str to str
        Variables that they are given besides ours.
    """

    def __init__(self, count: int, works_each: int = 1, environment: Mapping[str, str] | None = None) -> None:
        self._threads = ThreadPoolExecutor(count)
        self._of_thread = threading.local()
        self._works_each = works_each
        self._environment = environment or {}
        self._lock = threading.Lock()
        self._running: set[_Worker] = set()
        self._ended = False

    def submit[**P, R](self, work: Callable[P, R], *given: P.args, **named: P.kwargs) -> Future[R]:
        """Have `work` done, and return its result to be. What it is and takes must be importable and picklable.

        The future raises what `work` raised, and `ProcessDiedError` if its process died.
        """
        return self._threads.submit(self._apart, work, given, named)

    def end(self) -> None:
        """End what is running and let nothing begin any more."""
        with self._lock:
            self._ended = True
            for worker in self._running:
                worker.process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._running:
            worker.end()

    def _apart(self, work: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        worker: _Worker | None = getattr(self._of_thread, "worker", None)
        if worker is None:
            worker = self._of_thread.worker = self._begin()
        try:
            is_done, outcome = worker.do(work, given, named)
        except ProcessDiedError:
            self._leave(worker)
            raise
        if worker.done >= self._works_each:
            self._leave(worker)
        if is_done:
            return outcome
        raise outcome

    def _begin(self) -> "_Worker":
        with self._lock:
            if self._ended:
                raise RunError("nothing begins any more")
            worker = _Worker(self._environment)
            self._running.add(worker)
        return worker

    def _leave(self, worker: "_Worker") -> None:
        self._of_thread.worker = None
        worker.end()
        with self._lock:
            self._running.discard(worker)


class _Worker:
    """A process that does one piece of work after another."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._channel, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=_serve, args=(theirs,), daemon=True)
        self.done = 0
        with theirs, _environment(environment):
            self.process.start()

    def do(self, work: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> tuple[bool, Any]:
        """Return whether the work was done, and its result or what it raised."""
        self.done += 1
        try:
            self._channel.send((work, given, named))
            answer: tuple[bool, Any] = self._channel.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            raise ProcessDiedError(f"a process of its own ended with {self.process.exitcode} and no result") from None
        return answer

    def end(self) -> None:
        """Tell it that there is no more work, and wait until it is gone."""
        self._channel.close()
        self.process.join()


@contextmanager
def processes(
    count: int | None = None, works_each: int = 1, environment: Mapping[str, str] | None = None
) -> Iterator[Processes]:
    """Give at most `count` processes at once, one for each core unless given; each does `works_each` things and ends.

    When the block is left, by whatever way, they are ended.
    """
    cores = os.cpu_count() or 1
    pool = Processes(min(count or cores, cores), works_each, environment)
    try:
        yield pool
    finally:
        pool.end()


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Set variables while a process begins: it reads some of them before anything of ours runs in it."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(channel: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    while True:
        try:
            work, given, named = channel.recv()
        except EOFError:
            return
        except Exception as error:  # noqa: BLE001 - what cannot be loaded here is told where it was asked for
            channel.send((False, error))
            continue
        try:
            channel.send((True, work(*given, **named)))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            with suppress(BrokenPipeError):  # nobody is there to ask any more
                channel.send((False, error))
