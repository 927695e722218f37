"""What a snapshot is: a list of files by their hashes, sealed with a hash of its own. Pure."""

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import SnapshotError


class Part(StrEnum):
    """What a file belongs to."""

    CODE = "code"
    CONFIG = "config"
    MODELS = "models"
    STATE = "state"
    JOURNAL = "journal"
    APPROVALS = "approvals"


VERSION = frozenset({Part.CODE, Part.CONFIG, Part.MODELS})
"""What a rollback brings back."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file: its path below the home folder, the SHA-256 of its bytes, how many, and whether it may be executed."""

    path: str
    part: Part
    sha256: str
    size: int
    executable: bool = False


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One snapshot.

    Parameters
    ----------
    name : str
        When it was made and the first digits of its digest.
    made_ns : int
        When, UNIX nanoseconds.
    note : str
        Why.
    version, revision : str
        SageTrade's version, and git's commit ('' without one; with '+changed' where files differed from it).
    entries : tuple[Entry, ...]
        The files, by their paths.
    left_out : tuple[str, ...]
        Files that a running node held, and that are therefore not in it.
    """

    name: str
    made_ns: int
    note: str
    version: str
    revision: str
    entries: tuple[Entry, ...]
    left_out: tuple[str, ...] = ()

    def of(self, parts: Iterable[Part]) -> tuple[Entry, ...]:
        """Return the files of some parts."""
        wanted = frozenset(parts)
        return tuple(entry for entry in self.entries if entry.part in wanted)

    def digest(self, parts: Iterable[Part] = Part) -> str:
        """Return the digest of some parts, all unless given."""
        return digest(self.of(parts))


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    snapshot: Snapshot
    sha256: str


def digest(entries: Iterable[Entry]) -> str:
    """Return a SHA-256 over paths, contents and modes: two trees are alike if and only if theirs are."""
    ordered = sorted(entries, key=lambda entry: entry.path)
    lines = [[entry.path, entry.part, entry.sha256, entry.size, entry.executable] for entry in ordered]
    return hashlib.sha256(msgspec.json.encode(lines)).hexdigest()


def encode(snapshot: Snapshot) -> bytes:
    """Return a snapshot's manifest."""
    seal = hashlib.sha256(msgspec.json.encode(snapshot)).hexdigest()
    return msgspec.json.format(msgspec.json.encode(_Sealed(snapshot, seal)), indent=1) + b"\n"


def decode(raw: bytes, where: str) -> Snapshot:
    """Return the snapshot of a manifest.

    Raises
    ------
    SnapshotError
        It was altered, or is none.
    """
    try:
        snapshot = msgspec.json.decode(raw, type=_Sealed).snapshot
    except UNDECODABLE as error:
        raise SnapshotError(f"{where}: no manifest of a snapshot: {error}; use another snapshot") from None
    if encode(snapshot) != raw:
        raise SnapshotError(f"{where}: the manifest was altered; use another snapshot")
    if any(leaves(entry.path) for entry in snapshot.entries):
        raise SnapshotError(f"{where}: it names files outside of the home folder; nothing was touched")
    return snapshot


def leaves(path: str) -> bool:
    """Return whether a path is none below the home folder."""
    return path.startswith("/") or "\\" in path or any(word in ("", ".", "..") for word in path.split("/"))
