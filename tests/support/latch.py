"""Latches for tests: records, a confirmed release, and an operating system that fails at a chosen call."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagetrade_nautilus import durable
from sagetrade_nautilus.guard.breaker.breaker import Memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.switch import latch as latch_module
from sagetrade_nautilus.guard.switch.latch import Effect, Latch, Release
from sagetrade_nautilus.guard.switch.state import LatchRecord, State, encode

NOW = 1_800_000_000_000_000_000
CALLS = ("open", "write", "ftruncate", "fsync", "replace", "unlink", "mkdir", "rmdir", "fstat", "read", "close")


def record(state: State = State.RUNNING, **changes: Any) -> LatchRecord:
    fields: dict[str, Any] = {"reason": "r", "by": "test", "ts": NOW, "sequence": NOW}
    return LatchRecord(state=state, **{**fields, **changes})


def put(path: Path, state: State = State.RUNNING, **changes: Any) -> Latch:
    """Return the latch at `path`, whose file says `state`."""
    path.write_bytes(encode(record(state, **changes)))
    path.chmod(0o600)
    return Latch(path)


def forget(folder: Path) -> None:
    """Put a circuit breaker's memory into `folder` that remembers nothing, as the first `sagetool resume` does."""
    MemoryFile(folder / "breaker.json").save(Memory())


def confirmed(before: LatchRecord, to: State, ts: int = NOW) -> Release:
    return Release(Effect.of(before, to), "fine again", "test", ts)


class FaultyOs:
    """The module `os`, except that `fault` is called before each system call, with its number, name and arguments.

    A close is done first, as the system does it, and then fails.
    """

    def __init__(self, fault: Callable[[int, str, tuple[Any, ...]], None]) -> None:
        self._fault = fault
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def call(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if name == "close":
                real(*args, **options)
            self._fault(len(self.calls), name, args)
            return None if name == "close" else real(*args, **options)

        return call

    def install(self, patch: pytest.MonkeyPatch) -> "FaultyOs":
        patch.setattr(durable, "os", self)
        patch.setattr(latch_module, "os", self)
        return self


def full_disk(number: int, name: str, args: tuple[Any, ...]) -> None:
    """Fail as a full disk does: no new file, no new folder."""
    if name == "mkdir" or (name == "open" and len(args) > 1 and args[1] & os.O_CREAT):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
