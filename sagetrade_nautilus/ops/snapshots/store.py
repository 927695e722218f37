"""Where snapshots are kept: every distinct content once, under its hash, and a manifest a snapshot.

A manifest is written last and whole, so a snapshot is there or not, whenever a process dies.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import SnapshotError, cause
from sagetrade_nautilus.ops.snapshots.manifest import Entry, Snapshot, decode, encode

MANIFESTS: Final = "manifests"
OBJECTS: Final = "objects"
ENDING: Final = ".json"
LOCK: Final = ".lock"


def meant(name: str, names: list[str], where: str, way_out: str) -> str:
    """Return which of `names` is meant by `name`: that very one, or the only one that begins so.

    Raises
    ------
    SnapshotError
        There is none, or there are several; the message names them.
    """
    found = [known for known in names if known == name] or [known for known in names if known.startswith(name)]
    if len(found) != 1:
        said = f"several begin with {name!r}: {', '.join(found)}" if found else f"none is or begins with {name!r}"
        raise SnapshotError(f"{where}: {said}; {way_out}")
    return found[0]


class Store:
    """A folder of snapshots.

    Parameters
    ----------
    folder : Path
        It is made, for this user alone, when something is first put there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only process that puts contents there or takes them away.

        Raises
        ------
        SnapshotError
            Another process does, or the folder cannot be used.
        """
        try:
            with durable.sole(self.folder / LOCK):
                yield
        except BlockingIOError:
            raise SnapshotError(f"{self.folder}: another process works there; wait for it") from None
        except OSError as error:
            raise SnapshotError(f"{self.folder}: cannot be written: {cause(error)}") from None

    def names(self) -> list[str]:
        """Return the names of all snapshots, oldest first."""
        return sorted(path.name.removesuffix(ENDING) for path in (self.folder / MANIFESTS).glob(f"*{ENDING}"))

    def get(self, name: str) -> Snapshot:
        """Return a snapshot, by its name or the only beginning that it has.

        Raises
        ------
        SnapshotError
            There is none of that name, or several, or its manifest was altered.
        """
        found = meant(name, self.names(), str(self.folder), "`sagetool snapshot list` shows them")
        path = self.folder / MANIFESTS / f"{found}{ENDING}"
        snapshot = decode(_read(path), str(path))
        if snapshot.name != found:
            raise SnapshotError(f"{path}: the manifest of {snapshot.name}; use another snapshot")
        return snapshot

    def put(self, raw: bytes) -> str:
        """Keep a content, and return its hash."""
        sha256 = hashlib.sha256(raw).hexdigest()
        path = self.path_of(sha256)
        if not path.exists() or path.stat().st_size != len(raw):
            path.parent.mkdir(mode=durable.FOLDER_MODE, parents=True, exist_ok=True)
            durable.replace(path, raw)
            durable.sync_folder(path.parent)
        return sha256

    def content(self, entry: Entry) -> bytes:
        """Return the bytes of a file.

        Raises
        ------
        SnapshotError
            They are gone, or are not those that were kept.
        """
        raw = _read(self.path_of(entry.sha256))
        if hashlib.sha256(raw).hexdigest() != entry.sha256:
            raise SnapshotError(f"{self.path_of(entry.sha256)}: damaged; it is {entry.path}. Use another snapshot")
        return raw

    def add(self, snapshot: Snapshot) -> None:
        """Let a snapshot be there, once all its contents are."""
        folder = self.folder / MANIFESTS
        folder.mkdir(mode=durable.FOLDER_MODE, parents=True, exist_ok=True)
        durable.replace(folder / f"{snapshot.name}{ENDING}", encode(snapshot))
        durable.sync_folder(folder)

    def faults(self, snapshot: Snapshot) -> Iterator[str]:
        """Yield what is wrong with a snapshot's contents."""
        for entry in snapshot.entries:
            try:
                self.content(entry)
            except SnapshotError as error:
                yield str(error)

    def prune(self, keep: int, made: str = "") -> list[str]:
        """Forget all but the newest `keep` snapshots and what no snapshot names; return what was forgotten.

        Contents are let go only where every manifest can be read: a damaged one might name them.

        Parameters
        ----------
        made : str
            The one that was just made: it is the newest, whatever the clock says.

        Raises
        ------
        SnapshotError
            Another process works there, a manifest was altered, or the disk refuses.
        """
        with self.alone():
            gone = sorted(self.names(), key=lambda name: (name == made, name))[:-keep]
            for name in gone:
                (self.folder / MANIFESTS / f"{name}{ENDING}").unlink()
            named = {entry.sha256 for name in self.names() for entry in self.get(name).entries}
            for path in (self.folder / OBJECTS).glob("*/*"):
                if path.name not in named:
                    path.unlink()
            return gone

    def path_of(self, sha256: str) -> Path:
        """Return where a content is kept."""
        return self.folder / OBJECTS / sha256[:2] / sha256


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"{path}: cannot be read: {cause(error)}; use another snapshot") from None
