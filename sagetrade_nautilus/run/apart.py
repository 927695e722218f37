"""Work in processes of its own: each begins afresh, and none outlives a failure or Ctrl-C."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of at most `count` processes, of which each does one thing and ends.

    What is submitted must be importable, since a process begins with nothing. If the block is left with an error, or by
    Ctrl-C, the processes are ended.
    """
    pool = ProcessPoolExecutor(
        min(count, os.cpu_count() or 1),
        multiprocessing.get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_DFL),
        max_tasks_per_child=1,
    )
    try:
        yield pool
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
