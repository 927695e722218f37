"""Many runs at once: in processes of this machine, or on a Ray cluster, with the same results to the bit.

A task is a value that msgspec can encode, and so is a result: both cross to the worker, and to the disk, in that form
wherever the work is done. What kind they are is read from the function's annotations.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from queue import SimpleQueue
from typing import Any, Final, Protocol, get_type_hints

import msgspec

from sagetrade_nautilus.config.pool import PoolConfig
from sagetrade_nautilus.errors import RunError
from sagetrade_nautilus.experiments.sweeps.results import Results
from sagetrade_nautilus.run.checks.apart import ProcessDiedError, processes

ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""Sums depend on how many threads share them, so every worker has one, as Ray's have."""

Encoded = Mapping[int, bytes]
"""Tasks that are still to be done, by their place."""
Tell = Callable[[int, int], None]
Runner = Callable[[Callable[[Any], Any], Encoded], Generator[tuple[int, bytes]]]
"""Does tasks, in whatever order, and yields each result with its place."""


class Pool(Protocol):
    """Where many tasks are done."""

    def map[T, R](self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Yield ``function(task)`` for each task, in the tasks' order.

        Parameters
        ----------
        function : callable
            A function of a module, of one argument, with annotations for it and for its result.
        tasks : sequence
            Values that msgspec can encode.

        Raises
        ------
        RunError
            A worker died with a task twice; the message names the task.
        Exception
            Whatever `function` raises.
        """
        ...


class Sweep:
    """A pool over some runner, which keeps its results and says how far it is.

    Parameters
    ----------
    runner : callable
        Does the tasks.
    results : Results, optional
        Where results are kept, and found again. Without it every task is done anew.
    tell : callable, optional
        Called with the number of tasks done, and of all, whenever one is done.
    """

    def __init__(self, runner: Runner, results: Results | None = None, tell: Tell | None = None) -> None:
        self._runner = runner
        self._results = results
        self._tell = tell or _quiet

    def map[T, R](self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Yield ``function(task)`` for each task, in the tasks' order; see `Pool`."""
        kind = _kinds(function)[1]
        encoded = [msgspec.msgpack.encode(task, order="sorted") for task in tasks]
        keys = [self._results.key(_name(function), raw) if self._results else "" for raw in encoded]
        found = {place: raw for place, key in enumerate(keys) if (raw := self._kept(key)) is not None}
        waiting = {place: raw for place, raw in enumerate(encoded) if place not in found}
        finished = len(found)
        self._tell(finished, len(tasks))
        with closing(self._runner(function, waiting)) as running:
            for place in range(len(tasks)):
                while place not in found:
                    arrived, raw = next(running)
                    if self._results:
                        self._results.put(keys[arrived], raw)
                    found[arrived] = raw
                    finished += 1
                    self._tell(finished, len(tasks))
                yield msgspec.msgpack.decode(found.pop(place), type=kind)

    def _kept(self, key: str) -> bytes | None:
        return self._results.get(key) if self._results else None


def make_pool(config: PoolConfig, results: Results | None = None, tell: Tell | None = None) -> Pool:
    """Return the pool that `config` asks for.

    Raises
    ------
    ConfigError
        It asks for Ray, and Ray is not installed.
    """
    if config.backend == "ray":
        from sagetrade_nautilus.experiments.sweeps.ray_runner import RayRunner  # noqa: PLC0415 - Ray is an extra

        return Sweep(RayRunner(config.ray_address), results, tell)
    return Sweep(LocalRunner(config.workers, config.runs_per_worker), results, tell)


class LocalRunner:
    """Does tasks in processes of this machine.

    Parameters
    ----------
    workers : int, optional
        How many at once; one for each core unless given.
    runs_per_worker : int
        After so many a process gives way to a new one.
    """

    def __init__(self, workers: int | None = None, runs_per_worker: int = 100) -> None:
        self._workers = workers
        self._runs_per_worker = runs_per_worker

    def __call__(self, function: Callable[[Any], Any], waiting: Encoded) -> Generator[tuple[int, bytes]]:
        """Yield each result with its place, as it comes; leaving ends what runs."""
        if not waiting:
            return
        done: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        again: set[int] = set()
        with processes(self._workers, self._runs_per_worker, ONE_THREAD) as pool:

            def begin(place: int) -> None:
                future = pool.submit(perform, function, waiting[place])
                future.add_done_callback(lambda ended: done.put((place, ended)))

            for place in waiting:
                begin(place)
            for _ in waiting:
                place, ended = done.get()
                while isinstance(ended.exception(), ProcessDiedError) and place not in again:
                    again.add(place)
                    begin(place)
                    place, ended = done.get()
                if isinstance(ended.exception(), ProcessDiedError):
                    raise died_twice(place, waiting[place], ended.exception())
                yield place, ended.result()


def perform(function: Callable[[Any], Any], task: bytes) -> bytes:
    """Do one encoded task, and return its encoded result. This is what a worker runs."""
    kind, _ = _kinds(function)
    return msgspec.msgpack.encode(function(msgspec.msgpack.decode(task, type=kind)), order="sorted")


def died_twice(place: int, task: bytes, why: object) -> RunError:
    """Return the error that names a task which took two workers with it."""
    said = msgspec.json.encode(msgspec.msgpack.decode(task)).decode()
    return RunError(f"task {place} took two workers with it, the last one so: {why}; it was {said[:300]}")


def _kinds(function: Callable[..., Any]) -> tuple[Any, Any]:
    """Return what kind of task the function takes, and of result it gives, by its annotations."""
    hints = get_type_hints(function)
    result = hints.pop("return", Any)
    return next(iter(hints.values()), Any), result


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def _quiet(done: int, total: int) -> None:
    """Say nothing."""
