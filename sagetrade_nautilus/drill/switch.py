"""The kill switch in other hands: another process engages, a person releases, and now and then the file is harmed."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

from sagetrade_nautilus.drill.disk import full_at
from sagetrade_nautilus.durable import FILE_MODE
from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.breaker.breaker import Memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile, beside
from sagetrade_nautilus.guard.switch.latch import Effect, Latch, Release
from sagetrade_nautilus.guard.switch.state import LatchRecord, State, encode

HARMS = ("missing", "empty", "torn", "altered", "folder", "writable")


class Switch:
    """The latch's file as others use it, and what it must be taken for at least.

    Parameters
    ----------
    path : Path
        The file; it is made, and says running.
    rng : Random
        What decides over what happens.
    note : callable
        Told of each fault: its kind and a line for the trace.
    """

    def __init__(self, path: Path, rng: Random, note: Callable[[str, str], None]) -> None:
        self._path = path
        self._rng = rng
        self._note = note
        self.state = State.RUNNING
        self.flatten = False
        path.write_bytes(encode(LatchRecord(state=State.RUNNING, reason="", by="drill", ts=1, sequence=1)))
        path.chmod(FILE_MODE)
        MemoryFile(beside(path)).save(Memory())

    def engage(self, now: int) -> None:
        """Have another process tighten it, sometimes on a full disk."""
        state = self._rng.choice((State.NO_ENTRIES, State.REDUCE_ONLY, State.HALTED))
        flatten = state is State.HALTED and self._rng.random() < 0.5
        full = self._rng.random() < 0.2
        self._note("stop_on_full_disk" if full else "stop", f"stop: {state.value}{' and flatten' if flatten else ''}")
        try:
            with full_at(0 if full else None):
                change = Latch(self._path).engage(state, "a drill", "drill", now, flatten=flatten)
        except KillSwitchError:  # it is told, and the caller kills the process by hand
            self._note("stop_refused", "the disk refused the stop")
            return
        self.state = max(self.state, change.after)
        self.flatten = change.flatten

    def release(self, now: int) -> None:
        """Have a person repair it if need be, and let everything go on."""
        self._note("release", "resume")
        if self._path.is_dir():
            shutil.rmtree(self._path)
        latch = Latch(self._path)
        if latch.read().is_fault:
            latch.engage(State.HALTED, "repaired", "drill", now)
        before = latch.read()
        if before.state is not State.RUNNING:
            latch.release(Release(Effect.of(before, State.RUNNING), "fine again", "drill", now), now)
        self.state, self.flatten = State.RUNNING, False

    def harm(self) -> None:
        """Damage the file: whoever reads it must take it for halted."""
        kind = self._rng.choice(HARMS)
        self._note("latch_harmed", f"the kill switch's file is {kind}")
        raw = self._path.read_bytes() if self._path.is_file() else b""
        if kind == "writable":
            if self._path.is_file():
                self._path.chmod(FILE_MODE | 0o022)
        elif self._path.is_file():
            os.unlink(self._path)
        if kind == "folder":
            self._path.mkdir(exist_ok=True)
        elif kind in ("empty", "torn", "altered") and not self._path.exists():
            damaged = {"empty": b"", "torn": raw[: len(raw) // 2], "altered": raw[:9] + b"!" + raw[10:]}[kind]
            self._path.write_bytes(damaged)
            self._path.chmod(FILE_MODE)
        self.state, self.flatten = State.HALTED, False
