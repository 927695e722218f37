"""Bringing a snapshot back: into a new folder, or in place.

In place, everything is first checked and laid ready beside its goal; then a plan is put on the disk; then files take
their places one by one. A death before the plan has changed nothing; after it, `resume` does what is left. So what is
there is the old or the new once one of both was run, and never a mixture that nobody knows of.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import SnapshotError, cause
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.life import LOCK, below, is_held
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.ops.masking import Masker
from sagetrade_nautilus.ops.snapshots import contents
from sagetrade_nautilus.ops.snapshots.create import Mark, no_mark
from sagetrade_nautilus.ops.snapshots.manifest import VERSION, Entry, Part, Snapshot, digest, leaves
from sagetrade_nautilus.ops.snapshots.store import Store
from sagetrade_nautilus.run.files import LATCH

WORK: Final = ".sagetrade-restore"
PLAN: Final = "plan.json"
EXECUTABLE: Final = 0o700
EVIDENCE: Final = frozenset({Part.JOURNAL, Part.APPROVALS})


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is brought back, and which files go because the snapshot has none of them."""

    name: str
    parts: tuple[Part, ...]
    entries: tuple[Entry, ...]
    removed: tuple[str, ...]


def into(store: Store, snapshot: Snapshot, folder: Path) -> str:
    """Bring a snapshot back into a folder that is not there yet, and return the digest of what is there then.

    Raises
    ------
    SnapshotError
        The folder is there, the snapshot is damaged, or the disk refuses. There is no folder then.
    """
    if folder.exists():
        raise SnapshotError(f"{folder}: it is there already; name a new folder")
    staged = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        for entry in snapshot.entries:
            _write(staged / entry.path, store.content(entry), entry)
        found = tree_digest(staged, snapshot.entries)
        if found != snapshot.digest():
            raise SnapshotError(f"{folder}: what was written is not what was kept; look at the disk")
        os.replace(staged, folder)
        durable.sync_folder(folder.absolute().parent)
    except OSError as error:
        raise SnapshotError(f"{folder}: cannot be written: {cause(error)}") from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return found


def in_place(
    home: Path, store: Store, snapshot: Snapshot, parts: Iterable[Part], now_ns: int, mark: Mark = no_mark
) -> None:
    """Bring parts of a snapshot back over what is in `home`.

    Of code, configuration and models, files go that the snapshot does not have. A journal or an approval that is there
    is never written over. Where state or a journal comes back, every kill switch is engaged first.

    Raises
    ------
    SnapshotError
        A node runs, the snapshot is damaged or has nothing of these parts, a journal or approval there is another one,
        or the disk refuses.
    """
    wanted = tuple(sorted(frozenset(parts)))
    refuse_while_running(home)
    resume(home, mark)
    entries = snapshot.of(wanted)
    if not entries:
        raise SnapshotError(f"{snapshot.name}: there is nothing of {', '.join(wanted)} in it; nothing was changed")
    _refuse_writing_over_evidence(home, snapshot, entries)
    try:
        for number, entry in enumerate(entries):
            _write(_staged(home, entry), store.content(entry), entry)
            mark(f"staged {number}")
        present = {path.relative_to(home).as_posix(): part for path, part in contents.files(home)}
        kept = {entry.path for entry in entries}
        goes = tuple(name for name, part in present.items() if part in VERSION and part in wanted and name not in kept)
        if {Part.STATE, Part.JOURNAL} & set(wanted):
            _halt(home, snapshot, entries, now_ns)
        mark("before the plan")
        durable.replace(home / WORK / PLAN, msgspec.json.encode(Plan(snapshot.name, wanted, entries, goes)))
        durable.sync_folder(home / WORK)
        mark("after the plan")
    except OSError as error:
        raise SnapshotError(f"{home / WORK}: cannot be written: {cause(error)}; nothing was changed") from None
    resume(home, mark)


def resume(home: Path, mark: Mark = no_mark) -> str | None:
    """Finish what a death has cut off; return the name of the snapshot that is in place now, ``None`` if none was due.

    Raises
    ------
    SnapshotError
        What was laid ready is gone, or the disk refuses.
    """
    plan = pending(home)
    if plan is None:
        shutil.rmtree(home / WORK, ignore_errors=True)
        return None
    try:
        for number, entry in enumerate(plan.entries):
            staged, goal = _staged(home, entry), home / entry.path
            if staged.exists():
                goal.parent.mkdir(parents=True, exist_ok=True)
                for ending in contents.SQLITE_BESIDE:  # of a newer database: it would be played into the older one
                    goal.with_name(goal.name + ending).unlink(missing_ok=True)
                os.replace(staged, goal)
                mark(f"placed {number}")
        for name in plan.removed:
            (home / name).unlink(missing_ok=True)
            mark(f"removed {name}")
        if tree_digest(home, plan.entries) != digest(plan.entries):
            raise SnapshotError(f"{home}: it is not as {plan.name}; run the restore again")
        for folder in {(home / entry.path).parent for entry in plan.entries}:
            durable.sync_folder(folder)
        mark("before the end")
        (home / WORK / PLAN).unlink()
        shutil.rmtree(home / WORK)
    except OSError as error:
        raise SnapshotError(f"{home}: {error.filename}: {cause(error)}; run `sagetool snapshot resume`") from None
    return plan.name


def pending(home: Path) -> Plan | None:
    """Return the plan of a restore that was cut off after it had begun to change files.

    Raises
    ------
    SnapshotError
        There is one, and it cannot be read, or names files outside of the home folder.
    """
    path = home / WORK / PLAN
    try:
        plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    except FileNotFoundError:
        return None
    except (OSError, *UNDECODABLE) as error:
        raise SnapshotError(f"{path}: cannot be read: {error}; restore a snapshot into a new folder") from None
    if any(map(leaves, (*(entry.path for entry in plan.entries), *plan.removed))):
        raise SnapshotError(f"{path}: it names files outside of the home folder; nothing was touched")
    return plan


def refuse_while_running(home: Path) -> None:
    """Raise `SnapshotError` while a node runs in `home`."""
    for lock in below(home / contents.STATE, LOCK):
        try:
            if is_held(lock.parent):
                raise SnapshotError(f"{lock.parent}: a node runs there; stop it first")
        except OSError as error:
            raise SnapshotError(f"{lock.parent}: whether a node runs there cannot be told: {cause(error)}") from None


def tree_digest(home: Path, like: Iterable[Entry]) -> str:
    """Return the digest of the files in `home` that `like` names."""
    found = []
    for entry in like:
        path = home / entry.path
        if path.is_file():
            raw = path.read_bytes()
            executable = bool(path.stat().st_mode & 0o100)
            found.append(Entry(entry.path, entry.part, _sha256(raw), len(raw), executable))
    return digest(found)


def current(home: Path, parts: Iterable[Part] = VERSION) -> str:
    """Return the digest of parts of what is in `home` now."""
    wanted = frozenset(parts)
    found = [contents.read(home, path, part, Masker([])) for path, part in contents.files(home) if part in wanted]
    return digest(Entry(item.path, item.part, _sha256(item.raw), len(item.raw), item.executable) for item in found)


def _refuse_writing_over_evidence(home: Path, snapshot: Snapshot, entries: Iterable[Entry]) -> None:
    for entry in entries:
        path = home / entry.path
        if entry.part in EVIDENCE and path.exists() and _sha256(path.read_bytes()) != entry.sha256:
            raise SnapshotError(f"{path}: another one than in {snapshot.name}; move it away first, and keep it")


def _halt(home: Path, snapshot: Snapshot, entries: Iterable[Entry], now_ns: int) -> None:
    """Engage the kill switch of every folder that state comes back to: only a person lets what is old trade."""
    folders = {(home / entry.path).parent for entry in entries if entry.part in (Part.STATE, Part.JOURNAL)}
    for folder in sorted(folders):
        reason = f"state was brought back from snapshot {snapshot.name}"
        Latch(folder / LATCH).engage(State.HALTED, reason, "snapshot", now_ns)


def _write(path: Path, raw: bytes, entry: Entry) -> None:
    path.parent.mkdir(mode=durable.FOLDER_MODE, parents=True, exist_ok=True)
    durable.replace(path, raw)
    if entry.executable:
        path.chmod(EXECUTABLE)


def _staged(home: Path, entry: Entry) -> Path:
    return home / WORK / "files" / entry.path


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
