"""Daily files that appear whole or not at all.

New files are first written, complete and synced, into ``<catalog>/.staging``. A marker then seals them, and
they are renamed into place one by one. A crash before the marker changes nothing; a crash after it is
finished by `recover`, which every reader and writer of this package calls first. Nautilus, reading
directly, sees only whole files at any moment and never a row twice: a day whose span grows has its old file
renamed before the new one replaces it.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from nautilus_trader.core.datetime import unix_nanos_to_iso8601
from nautilus_trader.model.data import BarType

from sagetrade_nautilus.durable import sync_file, sync_folder
from sagetrade_nautilus.errors import DataError, cause
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_SECOND

STAGING = ".staging"
_SEAL = "SEALED"
_LOCK = ".lock"
_MOMENT = r"(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{9})Z"
_MISREAD = re.compile(r"^~|^[A-Za-z][A-Za-z0-9+.-]*:/")
_PATTERN = re.compile(r"[*?\[\x00-\x1f\x7f\ud800-\udfff]")
_NAME = re.compile(rf"{_MOMENT}_{_MOMENT}\.parquet")


@dataclass(frozen=True, order=True)
class DayFile:
    """A file of the catalog: the first and last ``ts_init`` that its name claims, in nanoseconds."""

    first_ns: int
    last_ns: int
    path: Path

    @property
    def day(self) -> int:
        """The UTC day, in days since 1970-01-01."""
        return self.first_ns // NANOS_PER_DAY


def folder_name(identity: BarType | str) -> str:
    """Name the folder of a bar type or an instrument as Nautilus's catalog does: without the slash of a pair."""
    return str(identity).replace("/", "")


def file_name(first_ns: int, last_ns: int) -> str:
    """Name a file as Nautilus's catalog does: from its first to its last ``ts_init``."""
    ends = (unix_nanos_to_iso8601(ns).replace(":", "-").replace(".", "-") for ns in (first_ns, last_ns))
    return "_".join(ends) + ".parquet"


def held(directory: Path) -> list[Path]:
    """Return what `directory` holds, by name; nothing if it does not exist.

    Raises
    ------
    DataError
        It cannot be read: then it must not pass for empty.
    """
    try:
        return sorted(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DataError(f"{directory}: cannot be read: {cause(error)}") from None


def require_readable_name(root: Path) -> None:
    """Make sure that all who read and write files find the same ones at this path.

    Nautilus looks for files by patterns and Arrow by addresses, so that some paths are to them another place or none.

    Raises
    ------
    DataError
        They would not.
    """
    found = _MISREAD.search(str(root)) or _PATTERN.search(str(root.absolute()))
    if found:
        raise DataError(
            f"catalog {str(root.absolute())!r}: Nautilus cannot read below a path with {found[0]!r}; "
            "rename the folder, or name another catalog"
        )


def list_files(directory: Path) -> list[DayFile]:
    """Return the data files of `directory` by time; none if it does not exist.

    Raises
    ------
    DataError
        A Parquet file there has no name of Nautilus's form, or the folder cannot be read.
    """
    files = []
    for path in held(directory):
        if path.suffix != ".parquet":
            continue
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise DataError(f"{path}: no name that the catalog gives; move the file away")
        parts = match.groups()
        files.append(DayFile(_nanoseconds(parts[:5]), _nanoseconds(parts[5:]), path))
    return sorted(files)


def _nanoseconds(parts: tuple[str, ...]) -> int:
    day, hours, minutes, seconds, fraction = parts
    moment = datetime.fromisoformat(f"{day}T{hours}:{minutes}:{seconds}").replace(tzinfo=UTC)
    return int(moment.timestamp()) * NANOS_PER_SECOND + int(fraction)


def files_by_day(directory: Path) -> dict[int, DayFile]:
    """Return the file of each UTC day.

    Raises
    ------
    DataError
        A file spans several days or a day has several files: something else wrote them, and merging could
        lose rows.
    """
    days: dict[int, DayFile] = {}
    for file in list_files(directory):
        if file.last_ns // NANOS_PER_DAY != file.day or file.day in days:
            raise DataError(
                f"{file.path}: not one file a day, so it was not written by SageTrade; "
                "import into another catalog with --catalog"
            )
        days[file.day] = file
    return days


class Transaction:
    """Collects whole files in the staging folder; `transaction` puts them in place."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._staging = root / STAGING

    def write(self, table: pa.Table, directory: Path, first_ns: int, last_ns: int) -> None:
        """Stage `table` as the file of its day in `directory`, which lies in the catalog."""
        target = self._staging / directory.relative_to(self._root) / file_name(first_ns, last_ns)
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, target, row_group_size=5_000, write_page_checksum=True)
        sync_file(target)


@contextmanager
def transaction(root: Path) -> Iterator[Transaction]:
    """Change the catalog `root` as a whole: either all files staged inside appear, or none.

    Raises
    ------
    DataError
        The disk is full or forbids writing, or nobody could read what is written there. The message says whether
        anything has changed.
    """
    require_readable_name(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _exclusive(root):
            yield from _stage_and_commit(root)
    except OSError as error:
        raise DataError(f"catalog {root}: {cause(error)}; {_state(root)}") from error


def _stage_and_commit(root: Path) -> Iterator[Transaction]:
    _finish(root)
    staging = root / STAGING
    try:
        staging.mkdir()
        yield Transaction(root)
        if any(staging.iterdir()):
            for directory in (staging, *_folders(staging)):
                sync_folder(directory)
            (staging / _SEAL).touch()
            sync_folder(staging)
            _finish(root)
    finally:
        if not (staging / _SEAL).exists():
            shutil.rmtree(staging, ignore_errors=True)


def recover(root: Path) -> None:
    """Finish an import that was cut off after its files were complete; forget one that was cut off before."""
    if (root / STAGING / _SEAL).exists():
        with _exclusive(root):
            _finish(root)


def _finish(root: Path) -> None:
    staging = root / STAGING
    if (staging / _SEAL).exists():
        for staged in sorted(staging.rglob("*.parquet")):
            _put(staged, root / staged.relative_to(staging))
        for folder in _folders(staging):
            sync_folder(root / folder.relative_to(staging))
    if staging.exists():
        shutil.rmtree(staging)


def _folders(staging: Path) -> list[Path]:
    return sorted(path for path in staging.rglob("*") if path.is_dir())


def _put(staged: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    match = _NAME.fullmatch(target.name)
    day = match[1] if match else ""
    old = next(iter(sorted(target.parent.glob(f"{day}T*.parquet"))), target)
    if old != target:
        os.rename(old, target)
    os.replace(staged, target)


@contextmanager
def _exclusive(root: Path) -> Iterator[None]:
    """Hold the catalog's lock; the system lets go of it when the process ends, however it ends."""
    with (root / _LOCK).open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _state(root: Path) -> str:
    if (root / STAGING / _SEAL).exists():
        return "the new files are complete and will be put in place by the next command that uses this catalog"
    return "nothing was changed"
