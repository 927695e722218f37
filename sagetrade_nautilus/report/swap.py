"""Putting a finished directory in the place of an older one, all at once."""

import ctypes
import errno
import os
import shutil
import tempfile
from pathlib import Path

from sagetrade_nautilus.durable import sync_folder

AT_FDCWD = -100
RENAME_EXCHANGE = 2
NOT_SUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def put_in_place(new: Path, final: Path) -> None:
    """Make `new` become `final`; an older `final` is left at the path of `new`, or gone.

    On Linux the two change places in one step, so at every moment `final` is whole: the old or the new. Where
    the system cannot do that, the old one is set aside first and brought back if the second step fails.

    Raises
    ------
    OSError
        The directories could not be renamed; `final` is as it was.
    """
    if not final.exists():
        new.rename(final)
    elif not _exchange(new, final):
        _set_aside(new, final)
    sync_folder(final.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; ``False`` where the system or file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in NOT_SUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _set_aside(new: Path, final: Path) -> None:
    aside = Path(tempfile.mkdtemp(prefix=f".{final.name}-", dir=final.parent))
    old = aside / final.name
    try:
        final.rename(old)
        try:
            new.rename(final)
        except OSError:
            old.rename(final)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
