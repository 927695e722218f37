"""A small file that a node's event loop writes again and again: while it changes, the loop runs.

It also carries the node's answer to the kill switch, for `sagetool stop`. It is no record of anything: nothing is
synced to the disk, and a node that starts anew begins anew.
"""

import os
from enum import StrEnum
from pathlib import Path

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import GuardError, cause

SUFFIX = ".heartbeat"


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """One heartbeat.

    Parameters
    ----------
    pid : int
        The node's process.
    count : int
        Rises with every beat, so that no two are alike.
    stopped : bool
        Whether this is the last one of a node that stopped in good order.
    state : str
        What the node last heard of the kill switch.
    sequence : int
        The record's sequence that it has answered; 0 for a fault.
    cancelled, closing : int
        How many cancels and closing orders it has sent since trading was stopped.
    """

    pid: int
    count: int
    stopped: bool = False
    state: str = ""
    sequence: int = 0
    cancelled: int = 0
    closing: int = 0

    def has_heard(self, sequence: int, state: str) -> bool:
        """Return whether the node has answered the kill switch's record with that sequence and state."""
        return self.sequence >= sequence and self.state == state


class Heartbeat:
    """Writes the beats of one process.

    Parameters
    ----------
    path : Path
        The file; its folder is made if it is missing.

    Raises
    ------
    GuardError
        The folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._temporary = self._path.with_name(f"{self._path.name}.tmp")
        try:
            self._path.parent.mkdir(mode=durable.FOLDER_MODE, parents=True, exist_ok=True)
        except OSError as error:
            raise GuardError(f"{self._path}: no heartbeat can be written there: {cause(error)}") from error

    def write(self, beat: Beat) -> None:
        """Put `beat` in the place of the last one; raises `OSError`, which leaves the old one to grow stale."""
        descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, durable.FILE_MODE)
        try:
            os.write(descriptor, msgspec.json.encode(beat) + b"\n")
        finally:
            os.close(descriptor)
        os.replace(self._temporary, self._path)


def beside(latch: Path) -> Path:
    """Return where a node keeps its heartbeat unless told otherwise: 'latch.heartbeat' beside 'latch.json'."""
    return latch.with_suffix(SUFFIX)


def look(path: Path) -> bytes | None:
    """Return what the heartbeat's file holds, ``None`` if it is missing or cannot be trusted."""
    try:
        return durable.read(path.absolute())
    except OSError:
        return None


def parse(raw: bytes | None) -> Beat | None:
    """Return the beat in `raw`, ``None`` if there is none."""
    try:
        return None if raw is None else msgspec.json.decode(raw, type=Beat)
    except UNDECODABLE:
        return None


class Vital(StrEnum):
    """What the looks at a heartbeat amount to."""

    WAITING = "waiting"
    ALIVE = "alive"
    STOPPED = "stopped"
    STALE = "stale"


class Pulse:
    """Judges successive looks at a heartbeat. Pure: bytes and seconds in, a `Vital` out.

    Only change counts, timed by whoever looks, so a clock that is set, a copied file or an old time stamp deceive
    nobody. A file that is missing or makes no sense is one that does not change.

    Parameters
    ----------
    stale_s : float
        Seconds without a change after which the heartbeat is stale.
    """

    def __init__(self, stale_s: float) -> None:
        self._stale_s = stale_s
        self._last: bytes | None = None
        self._since_s = 0.0
        self._stopped = False

    def judge(self, raw: bytes | None, now_s: float) -> Vital:
        """Return what `raw`, as it was read at `now_s`, says together with what was read before."""
        if raw is None and self._last is None:
            return Vital.WAITING
        beat = parse(raw)
        if self._last is None or (beat is not None and raw != self._last):
            self._last, self._since_s = raw, now_s
            self._stopped = beat is not None and beat.stopped
        if self._stopped:
            return Vital.STOPPED
        return Vital.STALE if now_s - self._since_s > self._stale_s else Vital.ALIVE
