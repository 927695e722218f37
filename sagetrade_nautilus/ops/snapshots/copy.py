"""Snapshots elsewhere: to and from whatever fsspec knows, as s3://bucket/folder or file:///mnt/backup."""

import hashlib
from typing import Any, Final

import fsspec

from sagetrade_nautilus.errors import SnapshotError
from sagetrade_nautilus.ops.snapshots.manifest import Snapshot, decode, encode
from sagetrade_nautilus.ops.snapshots.store import ENDING, MANIFESTS, OBJECTS, Store, meant

MISSING: Final = "pip install what it names: S3 needs `sagetrade-nautilus[s3]`"


def push(store: Store, snapshot: Snapshot, url: str) -> int:
    """Copy a snapshot to `url`, its manifest last, and return how many contents were not there yet.

    Raises
    ------
    SnapshotError
        It is damaged, or the other side refuses.
    """
    files, root = _open(url)
    count = 0
    for entry in {entry.sha256: entry for entry in snapshot.entries}.values():
        goal = f"{root}/{OBJECTS}/{entry.sha256}"
        if _size(files, goal) != entry.size:
            _put(files, goal, store.content(entry))
            count += 1
    _put(files, f"{root}/{MANIFESTS}/{snapshot.name}{ENDING}", encode(snapshot))
    return count


def pull(url: str, name: str, store: Store) -> Snapshot:
    """Copy a snapshot from `url`, by its name or the only beginning that it has; every content is checked on its way.

    Raises
    ------
    SnapshotError
        It is not there, several begin so, or it is damaged.
    """
    whole = meant(name, names(url), url, f"`sagetool snapshot list --from {url}` shows them")
    files, root = _open(url)
    snapshot = decode(_get(files, f"{root}/{MANIFESTS}/{whole}{ENDING}"), f"{url}: {whole}")
    if snapshot.name != whole:
        raise SnapshotError(f"{url}: {whole}: the manifest of {snapshot.name}; use another snapshot")
    with store.alone():
        for entry in snapshot.entries:
            raw = _get(files, f"{root}/{OBJECTS}/{entry.sha256}")
            if hashlib.sha256(raw).hexdigest() != entry.sha256:
                raise SnapshotError(f"{url}: {entry.path} is damaged there; use another snapshot")
            store.put(raw)
        store.add(snapshot)
    return snapshot


def names(url: str) -> list[str]:
    """Return the names of the snapshots at `url`, oldest first."""
    files, root = _open(url)
    try:
        found = files.ls(f"{root}/{MANIFESTS}", detail=False) if files.exists(f"{root}/{MANIFESTS}") else []
    except Exception as error:  # noqa: BLE001 - the edge of a service: each has errors of its own
        raise _failed(url, error) from None
    return sorted(path.rsplit("/", 1)[-1].removesuffix(ENDING) for path in found if path.endswith(ENDING))


def _open(url: str) -> tuple[Any, str]:
    try:
        files, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise SnapshotError(f"{url}: {error}; {MISSING}") from None
    except ValueError as error:
        raise SnapshotError(f"{url}: {error}; give s3://bucket/folder or file:///folder") from None
    return files, str(root).rstrip("/")


def _size(files: Any, path: str) -> int | None:
    try:
        return int(files.size(path)) if files.exists(path) else None
    except Exception as error:  # noqa: BLE001 - as above
        raise _failed(files.unstrip_protocol(path), error) from None


def _put(files: Any, path: str, raw: bytes) -> None:
    """Write whole or not at all: under another name first, as far as the other side is no object store anyway."""
    try:
        files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        files.pipe_file(f"{path}.part", raw)
        files.mv(f"{path}.part", path)
    except Exception as error:  # noqa: BLE001 - as above
        raise _failed(files.unstrip_protocol(path), error) from None


def _get(files: Any, path: str) -> bytes:
    try:
        return bytes(files.cat_file(path))
    except Exception as error:  # noqa: BLE001 - as above
        raise _failed(files.unstrip_protocol(path), error) from None


def _failed(where: str, error: Exception) -> SnapshotError:
    return SnapshotError(f"{where}: {type(error).__name__}: {error}; can this user reach it, with the keys it needs?")
