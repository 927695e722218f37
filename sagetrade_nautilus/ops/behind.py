"""Keeps a sink behind a process's streams: one that dies is followed by another, and nobody who writes waits or fails.

A stream that nobody reads any more would end the process that writes to it: Nautilus's logger aborts on a closed pipe.
So this process holds the ends that are read as well, and empties them itself where no sink can be had.
"""

import os
import selectors
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread
from typing import Final

DEATHS_MAX: Final = 3
"""One after the other, each within `LIFE_S`; then no further sink is tried."""
LIFE_S: Final = 60.0
READ_BYTES: Final = 65_536
SAID: Final = b"sagetrade: the process that writes the log died again and again: nothing more is logged\n"


class Behind:
    """A sink at work until `end`.

    Parameters
    ----------
    command : sequence of str
        The sink; it reads `out` as its standard input, and `err` by its number.
    out, err : int
        The ends of the two pipes that are read. They are closed by `end`.
    streams : tuple of int
        Where the sink itself writes.
    """

    def __init__(self, command: Sequence[str], out: int, err: int, streams: tuple[int, int]) -> None:
        self._command = list(command)
        self._out = out
        self._err = err
        self._streams = streams
        self._again = b""
        self._ends = False
        self._sink = self._begin()
        self._thread = Thread(target=self._keep, daemon=True)
        self._thread.start()

    def tell_again(self, line: bytes) -> None:
        """Have a line told to each sink that follows, since it holds for all later lines."""
        self._again = line

    def end(self, patience_s: float) -> None:
        """Let the sink end with the streams, which are closed now; not wait for ever, since a child may hold them."""
        self._ends = True
        self._thread.join(patience_s)
        if not self._thread.is_alive():
            for descriptor in (self._out, self._err):
                os.close(descriptor)

    def _begin(self) -> "subprocess.Popen[bytes]":
        self._began_s = time.monotonic()
        return subprocess.Popen(  # noqa: S603 - a command of ours
            self._command,
            stdin=self._out,
            stdout=self._streams[0],
            stderr=self._streams[1],
            pass_fds=[self._err],
            start_new_session=True,
        )

    def _keep(self) -> None:
        deaths = 0
        while True:
            self._sink.wait()
            if self._ends:
                return
            deaths = deaths + 1 if time.monotonic() - self._began_s < LIFE_S else 1
            if deaths > DEATHS_MAX:
                return self._empty()
            try:
                self._sink = self._begin()
            except OSError:
                return self._empty()
            if self._again and not self._ends:
                os.write(1, self._again)

    def _empty(self) -> None:
        """Read what is said, and let it go."""
        with suppress(OSError):
            os.write(self._streams[1], SAID)
        with selectors.DefaultSelector() as selector:
            for descriptor in (self._out, self._err):
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select():
                    if not os.read(key.fd, READ_BYTES):
                        selector.unregister(key.fd)
