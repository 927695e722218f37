"""Making a snapshot."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import sagetrade_nautilus
from sagetrade_nautilus.errors import SnapshotError
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.ops.masking import Masker
from sagetrade_nautilus.ops.snapshots import contents
from sagetrade_nautilus.ops.snapshots.contents import HeldError
from sagetrade_nautilus.ops.snapshots.manifest import Entry, Snapshot, digest
from sagetrade_nautilus.ops.snapshots.store import Store

type Mark = Callable[[str], None]


def no_mark(step: str) -> None:
    """Do nothing at a step; tests die there."""


def create(
    home: Path,
    store: Store,
    now_ns: int,
    *,
    note: str = "",
    masker: Masker | None = None,
    is_running: bool = False,
    mark: Mark = no_mark,
) -> Snapshot:
    """Keep what is in `home` now, and return the snapshot.

    Parameters
    ----------
    is_running : bool
        Whether databases that a running node holds may be left out; else they are a reason to refuse.

    Raises
    ------
    SnapshotError
        A file cannot be read, is held by a running node, or has a secret in it; or another snapshot is being made.
        Nothing is there that was not there before.
    """
    entries, held = [], []
    masker = masker or Masker([])
    with store.alone():
        for path, part in contents.files(home):
            try:
                found = contents.read(home, path, part, masker)
            except HeldError:
                held.append(path.relative_to(home).as_posix())
                continue
            entries.append(Entry(found.path, part, store.put(found.raw), len(found.raw), found.executable))
            mark(f"kept {found.path}")
        if held and not is_running:
            raise SnapshotError(
                f"{', '.join(held)}: a running node holds it; stop the node, or leave it out with --running"
            )
        snapshot = _snapshot(home, entries, held, now_ns, note)
        mark("before the manifest")
        store.add(snapshot)
        mark("after the manifest")
        return snapshot


def _snapshot(home: Path, entries: list[Entry], held: list[str], now_ns: int, note: str) -> Snapshot:
    if not entries:
        raise SnapshotError(f"{home}: nothing of SageTrade's is there; go to its folder, or name it with --home")
    moment = dt.datetime.fromtimestamp(now_ns / NANOS_PER_SECOND, dt.UTC)
    ordered = tuple(sorted(entries, key=lambda entry: entry.path))
    return Snapshot(
        name=f"{moment:%Y%m%dT%H%M%S.%fZ}-{digest(ordered)[:8]}",
        made_ns=now_ns,
        note=note,
        version=sagetrade_nautilus.__version__,
        revision=contents.revision(home),
        entries=ordered,
        left_out=tuple(held),
    )
