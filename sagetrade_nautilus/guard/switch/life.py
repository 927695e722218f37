"""Whether a node works in a folder: its lock tells, which the system lets go of however the process ends."""

from pathlib import Path
from typing import Final

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import cause
from sagetrade_nautilus.guard.switch.heartbeat import beside, look, parse

LOCK: Final = "node.lock"
NEVER_OURS: Final = "lost+found"
"""The folder of a disk's own, which nobody but root may look into."""


def below(root: Path, *names: str) -> list[Path]:
    """Return what has one of `names` in the folders at and below `root`, through links too, in the order of paths.

    A folder that cannot be looked into may hold all, so their paths are among them: whoever opens one is told why not.
    """
    found: list[Path] = []
    seen: set[Path] = set()

    def note_closed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            found.extend(Path(error.filename) / name for name in names)

    for folder, folders, files in root.walk(on_error=note_closed, follow_symlinks=True):
        if (real := folder.resolve()) in seen:
            folders.clear()
            continue
        seen.add(real)
        found.extend(folder / name for name in names if name in files or name in folders)
        folders[:] = sorted(set(folders) - {NEVER_OURS})
    return sorted(found)


def is_held(folder: Path) -> bool:
    """Return whether a process works in the folder; raises `OSError` where that cannot be told."""
    return durable.is_held((folder / LOCK).absolute())


def told(latch: Path) -> str:
    """Say whether the node of this kill switch runs, and how the last one ended."""
    beat = parse(look(beside(latch)))
    try:
        if is_held(latch.parent):
            return f"runs{f', process {beat.pid}' if beat else ''}"
    except OSError as error:
        return f"it cannot be told whether one runs: {cause(error)}"
    if beat is None:
        return "does not run"
    if beat.stopped:
        return "does not run; the last one stopped in good order"
    return (
        f"does NOT run: process {beat.pid} died without winding down; look at the venue, and `sagetool doctor CONFIG`"
    )
