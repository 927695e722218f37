"""The folder of a node: kill switch, breaker's memory, journal and control file."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.replay.pace import taken
from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import KillSwitchError, RunError, cause
from sagetrade_nautilus.guard.breaker import memory
from sagetrade_nautilus.guard.breaker.breaker import Memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.journal.journal import head_path
from sagetrade_nautilus.guard.switch.heartbeat import beside
from sagetrade_nautilus.guard.switch.latch import Effect, Latch, Release
from sagetrade_nautilus.guard.switch.life import LOCK
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.run.files import CONTROL, JOURNAL, LATCH


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Be the only node that works in `folder`, which is made if it is missing.

    Raises
    ------
    RunError
        Another node works there, or the folder cannot be used.
    """
    try:
        with durable.sole((folder / LOCK).absolute()):
            yield
    except BlockingIOError:
        raise RunError(f"{folder}: another node is running there; stop it, or set another `node.state`") from None
    except OSError as error:
        raise RunError(f"{folder}: cannot be used: {cause(error)}") from None


def begin_anew(folder: Path) -> None:
    """Take away what an earlier replay left in `folder`, and begin with a kill switch that lets trade.

    For replays alone: their time begins anew too, and nothing that they send reaches anybody.
    """
    latch, journal, control = folder / LATCH, folder / JOURNAL, folder / CONTROL
    for path in (latch, memory.beside(latch), beside(latch), journal, head_path(journal), control, taken(control)):
        path.unlink(missing_ok=True)
    begin(folder)


def begin_halted(folder: Path) -> None:
    """Halt the node in `folder`, for a person to release, if none has been there before; else leave all as it is."""
    latch = Latch(folder / LATCH)
    if is_new(folder):
        latch.engage(State.HALTED, "a live node begins, and a person lets it trade", "runner", time.time_ns())
        MemoryFile(memory.beside(latch.path)).save(Memory())


def begin(folder: Path) -> None:
    """Let the simulated node in `folder` trade if none has been there before; else leave all as it is."""
    latch = Latch(folder / LATCH)
    if not is_new(folder):
        return
    now = time.time_ns()
    problem = latch.engage(State.HALTED, "a simulated node begins", "runner", now).problem
    if latch.read().is_fault:
        raise KillSwitchError(f"{latch.path}: no kill switch can be kept there, so nothing begins: {problem}")
    effect = Effect.of(latch.read(), State.RUNNING)
    latch.release(Release(effect, "a simulated node begins", "runner", now), now)
    MemoryFile(memory.beside(latch.path)).save(Memory())


def is_new(folder: Path) -> bool:
    """Return whether no node has been in `folder` yet, so that the first one makes its kill switch."""
    latch = folder / LATCH
    kept = MemoryFile(memory.beside(latch)).load()
    return not latch.exists() and not (folder / JOURNAL).exists() and kept is None
