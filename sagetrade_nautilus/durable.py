"""Small files that must survive a crash at any point: replaced whole, synced to the disk, under a lock.

Works on local file systems of Linux and macOS. The lock is on the folder, so a full disk cannot prevent it, and a
process that dies gives it back.
"""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
FILE_BYTES_MAX = 65_536
LOCK_RETRY_S = 0.001

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_CHANGE = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class UnsafeFileError(OSError):
    """A file that others could have written, or that is no file."""


def read(path: Path | str) -> bytes:
    """Return what the file at an absolute path holds, if nobody but root and this user may write to it.

    To root, the owner of the folder is as good.

    Raises
    ------
    UnsafeFileError
        It is no regular file, another user owns it or may write to it, or it is larger than 64 KiB.
    OSError
        It is missing, a symbolic link or unreadable.
    """
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnsafeFileError("it is not a regular file")
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise UnsafeFileError(f"others may write to it (mode {stat.S_IMODE(status.st_mode):04o}, not 0600)")
        if not _is_trusted(status.st_uid, path):
            raise UnsafeFileError(f"it belongs to another user ({status.st_uid})")
        raw = os.read(descriptor, FILE_BYTES_MAX + 1)
        if len(raw) > FILE_BYTES_MAX:
            raise UnsafeFileError(f"it is larger than {FILE_BYTES_MAX} bytes")
        return raw
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path, patience_s: float) -> Iterator[None]:
    """Hold the folder's lock; the folder is made if it is missing.

    Raises
    ------
    TimeoutError
        Another process held the lock for `patience_s` seconds.
    OSError
        The folder cannot be made, opened or locked.
    """
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + patience_s
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise TimeoutError(errno.ETIMEDOUT, f"another process has held its lock for {patience_s:g} s")
            time.sleep(LOCK_RETRY_S)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def sole(path: Path) -> Iterator[None]:
    """Be the only process that holds the file at `path`, which is made if it is missing; a death lets go of it.

    Raises
    ------
    BlockingIOError
        Another process holds it.
    OSError
        It cannot be made or locked.
    """
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Return whether a process holds the file at `path`, as `sole` does; raises `OSError` where that cannot be told."""
    if not path.exists():
        return False
    try:
        with sole(path):
            return False
    except BlockingIOError:
        return True


def replace(path: Path, raw: bytes) -> None:
    """Put `raw` in the place of the file: all of it or nothing. The caller holds the lock and syncs the folder."""
    temporary = path.with_name(path.name + ".tmp")
    if os.path.lexists(temporary):
        os.unlink(temporary)
    try:
        descriptor = os.open(temporary, _CREATE, FILE_MODE)
        _write(descriptor, raw, owner_of=path.parent)
        os.replace(temporary, path)
    except OSError:
        _forget(temporary)
        raise


def put(path: Path, raw: bytes) -> None:
    """Write a file that no other process writes, whole or not at all and onto the disk; its folder is made if missing.

    It may be read as this user's other files may; without a lock of its own, whoever comes last stands.
    """
    with _beside(path, raw) as made:
        made.replace(path)
    sync_folder(path.parent)


def put_new(path: Path, raw: bytes) -> None:
    """Do as `put`, but never in the place of a file that is there; raises `FileExistsError` where one is."""
    with _beside(path, raw) as made:
        os.link(made, path)
        made.unlink()
    sync_folder(path.parent)


@contextmanager
def _beside(path: Path, raw: bytes) -> Iterator[Path]:
    """Give a file with these bytes on the disk, to be put in its place; it is gone again where that fails."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with made.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        yield made
    except BaseException:
        _forget(made)
        raise


def overwrite(path: Path, raw: bytes) -> None:
    """Write `raw` over the file's own bytes, which needs no new space on a full disk; cut short it leaves nonsense."""
    _write(os.open(path, _CHANGE), raw)


def sync_folder(folder: Path) -> None:
    """Make names in the folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make what was written into the file survive a loss of power."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def may_be_written_by_others(folder: Path) -> bool:
    """Return whether others than the owner may put files in the folder, or take them away."""
    mode = os.stat(folder).st_mode
    return bool(mode & (stat.S_IWGRP | stat.S_IWOTH)) and not mode & stat.S_ISVTX


def _is_trusted(owner: int, path: Path | str) -> bool:
    """Return whether the file's owner is root, this user or, for root, the owner of the folder."""
    user = os.geteuid()
    return owner in (0, user) or (user == 0 and owner == os.stat(os.path.dirname(path)).st_uid)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(descriptor: int, raw: bytes, owner_of: Path | None = None) -> None:
    try:
        if owner_of is not None and os.geteuid() == 0:  # else the folder's owner could not read what root wrote
            folder = os.stat(owner_of)
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
        left = memoryview(raw)
        while left:
            left = left[os.write(descriptor, left) :]
        os.ftruncate(descriptor, len(raw))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget(path: Path) -> None:
    try:
        os.unlink(path)
    except OSError:  # a leftover does no harm: the next change removes it, and nobody reads it
        return
