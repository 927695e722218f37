"""The kill switch's latch: a small file that survives the death of every process, and fails closed.

Whatever is wrong with the file (missing, empty, cut, damaged, unreadable, writable by others, no file at all) reads as
halted. Anyone may tighten it, at any time, from any process; only a confirmed `Release` loosens it.
"""

import errno
import os
import stat
from pathlib import Path

import msgspec

from sagetrade_nautilus import durable
from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch.state import (
    LatchRecord,
    State,
    StateChange,
    change,
    decode,
    encode,
    fault,
    tighten,
)
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE

LOCK_PATIENCE_S = 0.5
BLOCK_TRIES = 16
RELEASE_AGE_NS_MAX = NANOS_PER_MINUTE


class Effect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly what a release would do: from the record with this digest to this state."""

    digest: str
    to: State

    @classmethod
    def of(cls, record: LatchRecord, to: State) -> "Effect":
        """Return the effect of releasing `record` to `to`."""
        return cls(record.digest, to)


class Release(msgspec.Struct, frozen=True):
    """A confirmed permission to loosen the latch once, as `Confirmation.confirm` gives it.

    `ts` is when it was confirmed, UNIX nanoseconds; it is good for a minute, and for the exact effect alone.
    """

    effect: Effect
    reason: str
    by: str
    ts: int


class Latch:
    """The kill switch's file.

    Reading is safe from any thread, and cheap enough for every order (it reads and compares a few hundred bytes, so
    no change can hide behind a file's times). A process that could not write a stop to the disk stays halted by
    itself until it is started anew.

    Parameters
    ----------
    path : Path
        The file, on a local disk. Temporary files and the lock use its folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._name = os.fspath(self._path)
        self._seen: tuple[bytes, LatchRecord] = (b"", decode(b""))
        self._tripped: LatchRecord | None = None

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._path

    def read(self) -> LatchRecord:
        """Return what the kill switch says now. Never raises for anything that is wrong with the file."""
        if self._tripped is not None:
            return self._tripped
        try:
            raw = durable.read(self._name)
        except OSError as error:
            return fault(_why(error))
        seen = self._seen
        if raw != seen[0]:
            seen = self._seen = (raw, decode(raw))
        return seen[1]

    def engage(self, state: State, reason: str, by: str, now_ns: int, flatten: bool = False) -> StateChange:
        """Make the kill switch at least as strict as `state`, and return what came of it.

        It only ever tightens, and asking twice changes nothing. Where the record cannot be written, the file is made
        unreadable instead: the switch is then halted, and `problem` says so.

        Raises
        ------
        KillSwitchError
            The disk refused even that. Another process may still be trading; this latch reads halted from now on.
        """
        problem = ""
        try:
            with durable.locked(self._path.parent, LOCK_PATIENCE_S):
                before = self.read()
                after = tighten(before, state, reason=reason, by=by, now_ns=now_ns, flatten=flatten)
                if after is not before:
                    problem = self._store(after)
        except OSError as error:
            before = self.read()
            problem = f"it could not be locked or written: {_why(error)}; it was put out of use instead"
            if not self._block() and not self._says_at_least(state):
                self._tripped = fault(f"{reason} (by {by}), which the disk refused: {_why(error)}")
                raise KillSwitchError(
                    f"{self._path}: NOT {state}: it could not be written: {_why(error)}. Other processes may go on: "
                    "kill the trading process, and cancel at the venue by hand, now."
                ) from error
        after = self.read()
        if flatten and not after.flatten:
            problem += "; the wish to close positions could not be recorded"
        return StateChange.between(before, after, now_ns, problem)

    def release(self, release: Release, now_ns: int) -> StateChange:
        """Loosen the kill switch as confirmed, and return the change.

        Raises
        ------
        KillSwitchError
            The latch has changed since the confirmation, the confirmation is old, the effect is not looser, others
            may write to the folder, or the disk refused. Nothing was loosened.
        """
        try:
            with durable.locked(self._path.parent, LOCK_PATIENCE_S):
                before = self.read()
                self._check(release, before, now_ns)
                to = release.effect.to
                after = change(before, to, reason=release.reason, by=release.by, now_ns=now_ns)
                durable.replace(self._path, encode(after))
                problem = self._sync()
        except OSError as error:
            raise KillSwitchError(f"{self._path}: not released: {_why(error)}") from error
        return StateChange.between(before, after, now_ns, problem)

    def _check(self, release: Release, before: LatchRecord, now_ns: int) -> None:
        if self._tripped is not None:
            raise KillSwitchError(f"{self._path}: this process could not write a stop; start it anew to release")
        if before.is_fault:
            raise KillSwitchError(f"{self._path}: {before.reason}; engage it first, to have what to release")
        if release.effect != Effect.of(before, release.effect.to):
            raise KillSwitchError(f"{self._path}: it has changed since the confirmation; look again and confirm anew")
        if not release.effect.to < before.state:
            raise KillSwitchError(f"{self._path}: {release.effect.to} is not looser than {before.state}")
        if not 0 <= now_ns - release.ts <= RELEASE_AGE_NS_MAX:
            raise KillSwitchError(f"{self._path}: the confirmation is older than a minute; confirm anew")
        if durable.may_be_written_by_others(self._path.parent):
            raise KillSwitchError(f"{self._path.parent}: others may write to this folder; `chmod go-w` it first")

    def _store(self, record: LatchRecord) -> str:
        """Write `record`, by force if need be, and return what went wrong on the way."""
        raw = encode(record)
        try:
            if self._is_folder():
                os.rmdir(self._path)
            durable.replace(self._path, raw)
        except OSError as error:
            return f"{_why(error)}; {self._force(raw)}"
        return self._sync()

    def _sync(self) -> str:
        try:
            durable.sync_folder(self._path.parent)
        except OSError as error:
            return f"it might not survive a loss of power: {_why(error)}"
        return ""

    def _force(self, raw: bytes) -> str:
        """Write over the old file in place, which a full disk allows; else make it unreadable, which halts."""
        try:
            durable.overwrite(self._path, raw)
        except OSError:
            self._invalidate()
            return "the file was put out of use instead"
        return "it was written over the old file instead"

    def _invalidate(self) -> None:
        """Make the file read as halted, by taking it away or emptying it; raises OSError if neither can be done."""
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            return
        except OSError:
            durable.overwrite(self._path, b"")

    def _block(self) -> bool:
        """Put a folder in the file's place, without the lock, and return whether the file is out of use.

        A process that was frozen on its way to a release cannot put its file over a folder when it thaws, so the stop
        stands. Only the next `engage` that gets the lock clears the folder, and what it writes is halted.
        """
        for _ in range(BLOCK_TRIES):
            if self._is_folder():
                return True
            try:
                self._invalidate()
            except OSError:
                return False
            try:
                os.mkdir(self._path, durable.FOLDER_MODE)
            except FileExistsError:
                continue
            except OSError:  # no file is as good as a folder, but for the frozen process
                return True
        return self._is_folder()

    def _says_at_least(self, state: State) -> bool:
        """Return whether everybody must read the file as `state` or stricter; our own errors prove nothing of that."""
        try:
            return decode(durable.read(self._name)).state >= state
        except FileNotFoundError:
            return True
        except OSError:
            return False

    def _is_folder(self) -> bool:
        try:
            return stat.S_ISDIR(os.lstat(self._path).st_mode)
        except OSError:
            return False


def _why(error: OSError) -> str:
    if error.errno is None:
        return str(error)
    known = {
        errno.ENOENT: "the file is missing",
        errno.ELOOP: "it is a symbolic link",
        errno.EISDIR: "a folder is in its place",
    }
    return known.get(error.errno, error.strerror or str(error))
