"""What proposed code wrote, copied out of the sandbox: plain files and folders, and no more bytes than allowed.

Links, pipes, devices and sockets stay behind, and so do the permissions that were set on files: nothing that is copied
can point, or do, anything outside.
"""

import os
import stat
from pathlib import Path

DEPTH_MAX = 16
CHUNK_BYTES = 1 << 20


class Harvest:
    """Copies a folder out, once what wrote it has ended.

    Parameters
    ----------
    bytes_max, files_max : int
        How much is copied at most. Holes in a file count as what they would fill, links to it as often as there are.
    """

    def __init__(self, bytes_max: int, files_max: int) -> None:
        self._bytes = bytes_max
        self._files = files_max
        self.faults: list[str] = []

    def copy(self, source: int, target: Path, name: str = "", depth: int = 0) -> None:
        """Copy what is in the folder with the descriptor `source` into `target`, and note in `faults` what is not.

        A file that is there already is replaced. After the first that goes beyond the limits nothing is copied.
        """
        for entry in sorted(os.scandir(source), key=lambda found: found.name):
            place = f"{name}{entry.name}"
            mode = entry.stat(follow_symlinks=False).st_mode
            self._files -= 1
            if self._files < 0 or self._bytes < 0:
                self.faults.append(f"{place!r} and what follows it is beyond the limits of the outputs: left out")
                return
            if stat.S_ISREG(mode):
                self._copy_file(source, entry.name, target, place)
            elif stat.S_ISDIR(mode) and depth < DEPTH_MAX:
                self._copy_folder(source, entry.name, target, place, depth)
            else:
                self.faults.append(f"{place!r} is no plain file: left out")

    def _copy_folder(self, source: int, name: str, target: Path, place: str, depth: int) -> None:
        os.chmod(name, 0o700, dir_fd=source)
        inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=source)
        try:
            made = target / name
            if made.is_symlink() or (made.exists() and not made.is_dir()):
                made.unlink()
            made.mkdir(mode=0o755, exist_ok=True)
            self.copy(inner, made, f"{place}/", depth + 1)
        finally:
            os.close(inner)

    def _copy_file(self, source: int, name: str, target: Path, place: str) -> None:
        os.chmod(name, 0o600, dir_fd=source)
        made = target / name
        if made.is_symlink() or made.is_file():
            made.unlink()
        reading = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=source)
        with (
            os.fdopen(reading, "rb") as there,
            os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as here,
        ):
            self._bytes -= os.fstat(reading).st_size
            if self._bytes < 0:
                self.faults.append(f"{place!r} is beyond the limits of the outputs: cut to nothing")
                return
            while chunk := there.read(CHUNK_BYTES):
                here.write(chunk)
