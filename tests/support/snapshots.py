"""A home folder with everything that a snapshot looks at, and a process that dies at a step of one."""

import multiprocessing
import os
import signal
import sqlite3
from pathlib import Path

from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import RunRecord, StateRecord
from sagetrade_nautilus.guard.switch.latch import Effect, Latch, Release
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.ops.snapshots import copy, restore
from sagetrade_nautilus.ops.snapshots.create import create
from sagetrade_nautilus.ops.snapshots.manifest import VERSION
from sagetrade_nautilus.ops.snapshots.store import Store

NOW = 1_767_603_600_000_000_000


def check_copy(url: str, home: Path, store: Store, elsewhere: Store) -> None:
    """Make a snapshot, and see that it goes to `url` once, is listed there and comes back the same."""
    snapshot = create(home, store, NOW)
    assert copy.push(store, snapshot, url) == len({entry.sha256 for entry in snapshot.entries})
    assert copy.push(store, snapshot, url) == 0
    assert copy.names(url) == [snapshot.name]
    assert copy.pull(url, snapshot.name, elsewhere) == snapshot
    assert list(elsewhere.faults(snapshot)) == []


def put(home: Path, name: str, raw: bytes | str) -> None:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())


def make_home(home: Path, version: str = "one") -> Path:
    """Fill a home folder; another version has another plugin, an own file and another configuration."""
    put(home, "sagetrade_nautilus/guard.py", f"# {version}\n")
    put(home, "sagetrade_nautilus/model/weights.npz", f"weights {version}".encode() * 1_000)
    put(home, f"strategies/of_{version}.py", "pass\n")
    put(home, "configs/run.toml", f'name = "{version}"\n')
    put(home, "scripts/not_kept.py", "pass\n")
    put(home, "approvals/A-1.json", "{}\n")
    put(home, "config/secrets.env", "APCA_API_SECRET_KEY=cAnArY0123456789\n")
    state = home / "state" / "paper"
    if not state.exists():
        _state(state)
    return home


def _state(state: Path) -> None:
    state.mkdir(parents=True)
    latch = Latch(state / "latch.json")
    latch.engage(State.HALTED, "begin", "test", NOW)
    latch.release(Release(Effect.of(latch.read(), State.RUNNING), "begin", "test", NOW), NOW)
    for name in ("latch.password", "latch.heartbeat", "node.lock", "control"):
        put(state, name, "x")
    put(state, "breaker.json", "{}")
    journal = Journal(state / "decisions.jsonl", RunRecord(name="r"))
    journal.write(StateRecord(ts=1, subject="s", state="t", by="u"))
    journal.close()
    database = sqlite3.connect(state / "orders.sqlite")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE orders (id TEXT)")
    database.execute("INSERT INTO orders VALUES ('one')")
    database.commit()
    database.close()


def die_at(step: int, deed: str, home: Path, store: Path, name: str = "") -> int:
    """Do 'create' or 'rollback' in a process that is killed at its `step`-th step, and return how it ended."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    child = context.Process(target=main, args=(step, deed, home, store, name))
    child.start()
    child.join()
    assert child.exitcode is not None
    return child.exitcode


def main(step: int, deed: str, home: Path, store: Path, name: str) -> None:
    left = step

    def mark(said: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    kept = Store(store)
    if deed == "create":
        create(home, kept, NOW, mark=mark)
    else:
        restore.in_place(home, kept, kept.get(name), VERSION, NOW, mark)
