"""What belongs into a snapshot of a home folder, read so that a node may run meanwhile."""

import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from sagetrade_nautilus.errors import SnapshotError, cause
from sagetrade_nautilus.git_environment import git_environment
from sagetrade_nautilus.guard.journal.journal import head_path
from sagetrade_nautilus.ops.masking import Masker
from sagetrade_nautilus.ops.snapshots.manifest import Part
from sagetrade_nautilus.run.files import CONTROL, JOURNAL, LATCH
from sagetrade_nautilus.run.version import OWN_PACKAGES

SINGLE: Final = ("AI_POLICY.md", "constraints.txt", "pyproject.toml", "startup_check.py")
FOLDERS: Final = {"configs": Part.CONFIG, "config": Part.CONFIG, "models": Part.MODELS, "approvals": Part.APPROVALS}
MODELS: Final = frozenset({".npz", ".onnx", ".safetensors", ".pt", ".bin"})
STATE: Final = "state"
JOURNAL_NAMES: Final = frozenset({JOURNAL, head_path(Path(JOURNAL)).name})
LEFT_OUT_NAMES: Final = frozenset({LATCH, CONTROL, "secrets.env", "__pycache__"})
LEFT_OUT_ENDINGS: Final = frozenset(
    {".password", ".heartbeat", ".lock", ".tmp", ".pyc", ".env", ".pem", ".key", ".session", ".log"}
)
SQLITE: Final = b"SQLite format 3\0"
SQLITE_BESIDE: Final = ("-wal", "-shm", "-journal")
CATALOG_DATA: Final = ("catalog", "data")


class Found(NamedTuple):
    """A file to keep: its path below the home folder, its part, its bytes, and whether it may be executed."""

    path: str
    part: Part
    raw: bytes
    executable: bool


class HeldError(Exception):
    """A database that another process holds."""


def files(home: Path) -> Iterator[tuple[Path, Part]]:
    """Yield the files to keep, in an order in which a journal is read after its head: so the head is never ahead."""
    for name in SINGLE:
        if (home / name).is_file():
            yield home / name, Part.CONFIG if name == "constraints.txt" else Part.CODE
    for name in OWN_PACKAGES:
        for path in _below(home / name):
            if path.relative_to(home).parts[:2] != CATALOG_DATA:
                yield path, Part.MODELS if path.suffix in MODELS else Part.CODE
    for name, part in FOLDERS.items():
        yield from ((path, part) for path in _below(home / name))
    for path in _below(home / STATE):
        yield path, Part.JOURNAL if path.name in JOURNAL_NAMES else Part.STATE


def read(home: Path, path: Path, part: Part, masker: Masker) -> Found:
    """Return a file as it is kept: a journal's whole lines, a database as one consistent copy.

    Raises
    ------
    SnapshotError
        It cannot be read, or a secret stands in it.
    HeldError
        It is a database that another process holds.
    """
    name = path.relative_to(home).as_posix()
    try:
        raw = path.read_bytes()
        executable = bool(path.stat().st_mode & stat.S_IXUSR)
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read: {cause(error)}") from None
    if raw.startswith(SQLITE):
        raw = _database(path)
    if path.name == JOURNAL:
        raw = raw[: raw.rfind(b"\n") + 1]
    if masker.finds(raw.decode("utf-8", errors="replace")):
        raise SnapshotError(f"{path}: one of your keys stands in it; take it out, and replace the key")
    return Found(name, part, raw, executable)


def revision(home: Path) -> str:
    """Return git's commit, with '+changed' where files differ from it; '' where there is none."""
    commit = _git(home, "rev-parse", "HEAD")
    return f"{commit}{'+changed' if _git(home, 'status', '--porcelain', '-uno') else ''}" if commit else ""


def _below(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name in LEFT_OUT_NAMES or path.suffix in LEFT_OUT_ENDINGS or path.name.endswith(SQLITE_BESIDE):
            continue
        if path.is_symlink():
            raise SnapshotError(f"{path}: a symbolic link; a snapshot holds files alone, so put the file itself there")
        if path.is_dir():
            yield from _below(path)
        elif path.is_file():
            yield path


def _database(path: Path) -> bytes:
    try:
        database = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=0.5)
        try:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return database.serialize()
        finally:
            database.close()
    except sqlite3.OperationalError as error:
        raise HeldError(str(error)) from None
    except sqlite3.DatabaseError as error:
        raise SnapshotError(
            f"{path}: a damaged database: {error}; restore it from a snapshot, or move it away"
        ) from None


def _git(home: Path, *words: str) -> str:
    command = ["git", "-C", str(home), *words]
    try:
        done = subprocess.run(  # noqa: S603 - no word of others
            command, env=git_environment(), capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
