"""Tells a running node that the kill switch's file has changed, so that it cancels and closes without an order's cue.

The gate does not depend on it: it reads the latch itself at every order.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import LatchRecord, State

INTERVAL_S = 0.005

_LOG = logging.getLogger(__name__)


class LatchWatch:
    """A daemon thread that reads the latch every few milliseconds.

    An error in here, or in the callback, is never silence: the latch is engaged at HALTED for everybody, and the
    callback is called again until it succeeds.

    Parameters
    ----------
    path : Path
        The latch's file.
    on_change : callable
        Called on the watcher's thread with each new record, such as
        ``lambda record: loop.call_soon_threadsafe(handle, record)``.
    interval_s : float
        Seconds between two looks.
    """

    def __init__(
        self,
        path: Path,
        on_change: Callable[[LatchRecord], None],
        interval_s: float = INTERVAL_S,
    ) -> None:
        self._latch = Latch(path)
        self._on_change = on_change
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="latch-watch", daemon=True)
        self._told: LatchRecord | None = None

    def start(self) -> LatchRecord:
        """Start watching, and return what the latch says now; the callback hears of everything after that."""
        self._told = self._latch.read()
        self._thread.start()
        return self._told

    def stop(self) -> None:
        """Stop watching, and wait for the thread's end."""
        self._stopping.set()
        if self._thread is not threading.current_thread() and self._thread.is_alive():
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread is watching. A node whose watcher is dead should halt."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.wait(self._interval_s):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the thread's edge: whatever fails in here halts
                self._halt(f"the kill switch's watcher failed: {type(error).__name__}: {error}")

    def _look(self) -> None:
        record = self._latch.read()
        if record != self._told:
            self._on_change(record)
            self._told = record

    def _halt(self, reason: str) -> None:
        """Halt everybody by the file; `_look` tells the callback of it, again and again until it takes it."""
        try:
            if self._latch.read().state < State.HALTED:
                self._latch.engage(State.HALTED, reason, "watch", time.time_ns())
        except Exception:  # noqa: BLE001 - the same edge: the thread must live on, to go on trying
            _LOG.critical("%s, and so did the halt", reason, exc_info=True)
