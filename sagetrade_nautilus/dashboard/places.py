"""What lies on the disk: the reports of runs, and the folders in which nodes work. Found, never named by a request.

A request says an id, which is looked up among what was found; no path is ever made of what a browser sends.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.report.figures import Metrics
from sagetrade_nautilus.report.write import CONFIG, METRICS
from sagetrade_nautilus.run.files import JOURNAL, LATCH

DEPTHS: Final = ("*", "*/*")
"""A run lies below the folder of reports, or one deeper, by the runner that made it."""


class RunFolder(msgspec.Struct, frozen=True, kw_only=True):
    """A folder with a report. `fault` says why its figures cannot be read; `metrics` is ``None`` then."""

    id: str
    folder: Path
    metrics: Metrics | None
    fault: str = ""

    @property
    def journal(self) -> Path:
        """Where its journal is, if it has one."""
        return self.folder / JOURNAL


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A folder in which a node works or has worked: it holds a kill switch, a journal, or both."""

    id: str
    folder: Path

    @property
    def journal(self) -> Path:
        """Where the node's journal is, if it has one."""
        return self.folder / JOURNAL

    @property
    def latch(self) -> Path:
        """Where its kill switch is."""
        return self.folder / LATCH


class Runs:
    """The reports below a folder, each read once as long as it is not replaced."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[Path, tuple[tuple[int, int, int], RunFolder]] = {}

    def all(self) -> list[RunFolder]:
        """Return every run, the last written first; a folder that is not there holds none."""
        found = [(_stamp(path), path) for path in _below(self._root, METRICS)]
        found.sort(key=lambda row: (-row[0][0], row[1]))
        before, now = self._read, {}
        for stamp, path in found:
            known = before.get(path)
            now[path] = known if known is not None and known[0] == stamp else (stamp, _read_run(self._root, path))
        self._read = now
        return [run for _, run in now.values()]

    def get(self, wanted: str) -> RunFolder | None:
        """Return the run with that id."""
        return next((run for run in self.all() if run.id == wanted), None)


def places(root: Path) -> list[Place]:
    """Return the folders of nodes at and below `root`, by name: 'state/' is itself, then 'paper', 'binance/paper'."""
    paths = [path for name in (LATCH, JOURNAL) for depth in (".", *DEPTHS) for path in root.glob(f"{depth}/{name}")]
    found = sorted({path.parent for path in paths})
    named = [Place(id=_id(root, folder), folder=folder) for folder in found]
    return [place for place in named if _can_be_said(place.id)]


def _id(root: Path, folder: Path) -> str:
    return f"{root.name}/" if folder == root else folder.relative_to(root).as_posix()


def run_config(run: RunFolder) -> RunConfig | None:
    """Return the configuration that a run was made with; ``None`` if it is missing or not of this version."""
    try:
        return msgspec.json.decode((run.folder / CONFIG).read_bytes(), type=RunConfig)
    except (OSError, *UNDECODABLE):
        return None


def _below(root: Path, name: str) -> Iterator[Path]:
    for depth in DEPTHS:
        for path in root.glob(f"{depth}/{name}"):
            within = path.relative_to(root)
            if _can_be_said(str(within)) and not any(part.startswith(".") for part in within.parts):
                yield path


def _can_be_said(name: str) -> bool:
    """Return whether a name is text: a file system takes any bytes, JSON does not."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _read_run(root: Path, path: Path) -> RunFolder:
    name = path.parent.relative_to(root).as_posix()
    try:
        metrics = msgspec.json.decode(path.read_bytes(), type=Metrics)
    except OSError as error:
        return RunFolder(id=name, folder=path.parent, metrics=None, fault=f"{METRICS}: {error.strerror}")
    except UNDECODABLE as error:
        return RunFolder(id=name, folder=path.parent, metrics=None, fault=f"{METRICS}: {error}")
    return RunFolder(id=name, folder=path.parent, metrics=metrics)
