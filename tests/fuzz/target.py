"""What a target is, and what its check may let pass."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MODE = 0o600


@dataclass(frozen=True)
class Target:
    """A parser or a reader of a file under attack.

    `check` takes any bytes. It returns where they were read as a valid value or refused as documented, and raises
    where they broke something. `slow` says that one check takes milliseconds.
    """

    seeds: tuple[bytes, ...]
    check: Callable[[bytes], None]
    slow: bool = False


@contextmanager
def refused(*documented: type[Exception], naming: str = "") -> Iterator[None]:
    """Let the documented errors pass if their message says something, and names the file or field `naming`."""
    caught: Exception | None = None
    try:
        yield
    except documented as error:
        caught = error
    if caught is not None:
        assert str(caught), f"{type(caught).__name__} without a message"
        assert naming in str(caught), f"{caught} does not name {naming!r}"


@cache
def folder(name: str) -> Path:
    """Return an empty folder for the files of one target; the process that made it removes it at its end."""
    return Path(_root().name) / name


@cache
def _root() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="sagetrade-fuzz-", ignore_cleanup_errors=True)


def fresh(name: str) -> Path:
    """Return the folder `name`, emptied."""
    place = folder(name)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def put(path: Path, raw: bytes) -> Path:
    """Write a file that only this user may read, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    path.chmod(MODE)
    return path


def kept(root: Path) -> dict[str, bytes]:
    """Return every file below `root` but for locks, which hold nothing."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@contextmanager
def untouched(root: Path) -> Iterator[None]:
    """Make sure that nothing below `root` is changed, made or taken away."""
    before = kept(root)
    yield
    assert kept(root) == before, f"{root}: changed"


def text_of(raw: bytes) -> str:
    """Return any text, lone surrogates too, so that every byte sequence is one."""
    return raw.decode("utf-8", "surrogatepass" if b"\xed" in raw and _is_passable(raw) else "replace")


def _is_passable(raw: bytes) -> bool:
    try:
        raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True
