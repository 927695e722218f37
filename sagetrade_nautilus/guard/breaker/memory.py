"""The file that keeps the circuit breaker's memory over a restart, with a checksum of its own."""

import hashlib
from pathlib import Path

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.guard.breaker.breaker import Memory

LOCK_PATIENCE_S = 0.5


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    memory: Memory
    sha256: str


_DECODER = msgspec.json.Decoder(_Sealed)


def encode(memory: Memory) -> bytes:
    """Return the file that holds `memory`: one line of JSON with its own checksum."""
    digest = hashlib.sha256(msgspec.json.encode(memory)).hexdigest()
    return msgspec.json.encode(_Sealed(memory, digest)) + b"\n"


def decode(raw: bytes) -> Memory | None:
    """Return the memory in `raw`, ``None`` where a byte differs from what `encode` gives."""
    try:
        memory = _DECODER.decode(raw).memory
        return memory if encode(memory) == raw else None
    except UNDECODABLE:
        return None


def beside(latch: Path) -> Path:
    """Return where the breaker's memory is kept unless a run says otherwise: 'breaker.json' beside the latch."""
    return latch.with_name("breaker.json")


class MemoryFile:
    """Where the memory is kept, on a local disk.

    Parameters
    ----------
    path : Path
        The file; temporary files and the lock use its folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()

    def load(self) -> Memory | None:
        """Return what was kept; ``None`` if there is no sound file, whatever is wrong with it."""
        try:
            return decode(durable.read(self._path))
        except OSError:
            return None

    def save(self, memory: Memory) -> None:
        """Put `memory` on the disk, all of it or nothing.

        Raises
        ------
        OSError
            The disk refused.
        """
        with durable.locked(self._path.parent, LOCK_PATIENCE_S):
            durable.replace(self._path, encode(memory))
            durable.sync_folder(self._path.parent)
