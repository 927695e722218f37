"""Files that are only ever added to, each line chained to the one before, on the disk before anybody goes on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.guard import chain, durable

PATIENCE_S: Final = 30.0


class Chained:
    """Records in a JSON Lines file, chained as `guard.chain` says. Any number of processes may add to it.

    Parameters
    ----------
    path : Path
        The file; it and its folder are made by the first record.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody else add anything as long as the block lasts."""
        try:
            with durable.locked(self.path.parent, PATIENCE_S):
                yield
        except OSError as error:
            raise ExperimentError(f"{self.path}: {error.strerror or error}; nothing was written") from None

    def lines(self) -> list[bytes]:
        """Return every whole line.

        Raises
        ------
        ExperimentError
            The file was altered, or cannot be read.
        """
        try:
            raw = self.path.read_bytes() if self.path.exists() else b""
        except OSError as error:
            raise ExperimentError(f"{self.path}: cannot be read: {error.strerror}") from None
        found = raw.splitlines(keepends=True)
        result = chain.verify(found) if found else None
        if result is not None and result.fault is not None and result.lines + bool(result.unfinished_bytes) > 0:
            raise ExperimentError(f"{self.path}: {result.detail}; it was altered, so nothing rests on it any more")
        return [line for line in found if line.endswith(b"\n")]

    def add(self, record: bytes) -> None:
        """Add an encoded JSON object; the caller holds the file. A line that a crash cut short is dropped first.

        Raises
        ------
        ExperimentError
            The file was altered, or cannot be written.
        """
        lines = self.lines()
        last = chain.verify(lines).head if lines else None
        line, _ = chain.link(record, len(lines), last.hash if last else chain.START)
        try:
            is_new = not self.path.exists()
            with self.path.open("ab") as file:
                file.truncate(sum(map(len, lines)))
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                durable.sync_folder(self.path.parent)
        except OSError as error:
            raise ExperimentError(f"{self.path}: cannot be written: {error.strerror}") from None
