"""A confined command, watched from outside until the last of its processes is gone."""

import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from sagetrade_nautilus.errors import ExperimentError

POLL_S = 0.05
START_S = 60.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class SandboxLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What proposed code may use.

    Parameters
    ----------
    seconds : float
        From its start to its end, by the clock.
    cpu_seconds : int
        Processor time of each of its processes.
    memory_bytes : int
        Resident memory of all its processes together, and memory of its own that each may ask for.
    address_bytes : int
        Address space of each; libraries reserve far more than they use.
    processes : int
        Processes at once.
    file_bytes : int
        Size of one file, and of what it says on each of its two streams.
    output_bytes : int
        Size of all its outputs; as much again for its temporary files.
    files : int
        Files and folders among them.
    open_files : int
        Open files of each process.
    """

    seconds: float = 1_800.0
    cpu_seconds: int = 3_600
    memory_bytes: int = 4 << 30
    address_bytes: int = 16 << 30
    processes: int = 32
    file_bytes: int = 256 << 20
    output_bytes: int = 512 << 20
    files: int = 5_000
    open_files: int = 512

    def kernel(self) -> dict[str, int]:
        """Return the limits of one process, by their names in `resource`."""
        return {
            "RLIMIT_AS": self.address_bytes,
            "RLIMIT_DATA": self.memory_bytes,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_NPROC": self.processes * 16,  # threads count here; the watch counts processes
            "RLIMIT_CORE": 0,
            "RLIMIT_MEMLOCK": 0,
            "RLIMIT_MSGQUEUE": 0,
        }


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a command.

    Parameters
    ----------
    returncode : int
        Its exit code; above 128 if a signal ended it.
    stdout, stderr : str
        The last mebibyte of each.
    seconds : float
        How long it ran.
    faults : tuple[str, ...]
        The limit that ended it, and what of its outputs was left out. Empty if all went well.
    """

    returncode: int
    stdout: str
    stderr: str
    seconds: float
    faults: tuple[str, ...] = ()


class Confined:
    """A command in namespaces of its own. Leaving the block ends whatever still runs.

    Parameters
    ----------
    command : sequence of str
        bubblewrap and what isolates.
    inside : sequence of str
        What starts the launcher inside; the number of its channel follows.
    given : sequence of str
        The launcher's other arguments.
    rules : bytes
        The filter of system calls.
    streams : tuple of two files
        Where stdout and stderr go.
    """

    def __init__(
        self,
        command: Sequence[str],
        inside: Sequence[str],
        given: Sequence[str],
        rules: bytes,
        streams: tuple[BinaryIO, BinaryIO],
    ) -> None:
        self.folders: list[int] = []
        self.returncode = 0
        self._init: int | None = None
        self._init_pid = 0
        self._has_begun = False
        told, tell = os.pipe()
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as filters, os.fdopen(told, "rb", buffering=0) as info, ours:
            filters.write(rules)
            filters.flush()
            filters.seek(0)
            passed = (tell, theirs.fileno(), filters.fileno())
            options = ["--info-fd", str(tell), "--seccomp", str(filters.fileno()), "--"]
            self._process = subprocess.Popen(  # noqa: S603 - it is what isolates
                [*command, *options, *inside, str(theirs.fileno()), *given],
                stdin=subprocess.DEVNULL,
                stdout=streams[0],
                stderr=streams[1],
                pass_fds=passed,
                env={},
                cwd="/",
                start_new_session=True,
            )
            os.close(tell)
            theirs.close()
            try:
                self._begin(info, ours)
            except BaseException:
                self.end()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def watch(self, limits: SandboxLimits) -> str:
        """Wait for the end, and return which limit brought it; empty if none did. Afterwards nothing runs any more."""
        deadline = time.monotonic() + limits.seconds
        fault = ""
        while self._init is not None and not _is_gone(self._init, POLL_S):
            fault = self._breach(limits, deadline)
            if fault:
                break
        self._stop()
        return fault

    def end(self) -> None:
        """End what runs, and let go of the folders."""
        self._stop()
        for descriptor in self.folders:
            os.close(descriptor)
        self.folders.clear()
        if self._init is not None:
            os.close(self._init)
            self._init = None

    def _begin(self, info: BinaryIO, channel: socket.socket) -> None:
        """Hear which process is the first inside, and get the folders that may be written to."""
        said = b""
        while b"}" not in said and (part := info.read(4_096)):
            said += part
        self._has_begun = True
        if b"}" not in said:
            return  # bubblewrap has ended, and said why on stderr
        self._init_pid = json.loads(said)["child-pid"]
        try:
            self._init = os.pidfd_open(self._init_pid)
        except ProcessLookupError:
            return  # so has what it started
        channel.settimeout(START_S)
        try:
            self.folders = socket.recv_fds(channel, 1, 8)[1]
        except TimeoutError:
            raise ExperimentError(
                f"the sandbox was not ready within {START_S:g} s: the machine has too much to do"
            ) from None

    def _stop(self) -> None:
        """End what runs, and wait until it has: the first process inside goes last."""
        if self._init is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._init, signal.SIGKILL)
            _is_gone(self._init, None)
        elif not self._has_begun:
            self._process.kill()  # whatever it has started dies with it
        code = self._process.wait()
        self.returncode = code if code >= 0 else 128 - code

    def _breach(self, limits: SandboxLimits, deadline: float) -> str:
        processes, resident = family(self._init_pid)
        files = 0
        for folder in self.folders:
            found = os.statvfs(folder)
            files = max(files, found.f_files - found.f_ffree)
        if time.monotonic() >= deadline:
            return f"it ran longer than {limits.seconds:g} s"
        if processes > limits.processes:
            return f"it had {processes} processes, and {limits.processes} are allowed"
        if resident > limits.memory_bytes:
            return f"it used {resident:,} bytes of memory, and {limits.memory_bytes:,} are allowed"
        if files > limits.files:
            return f"it made {files} files, and {limits.files} are allowed"
        return ""


def _is_gone(descriptor: int, patience_s: float | None) -> bool:
    """Return whether the process has ended, waiting for it so long; without a limit if that is ``None``."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(None if patience_s is None else patience_s * 1_000.0))


def family(first: int) -> tuple[int, int]:
    """Return how many processes descend from `first`, and how many bytes of memory they hold together.

    Memory that several share counts for each of them.
    """
    children: defaultdict[int, list[int]] = defaultdict(list)
    resident: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                after_name = Path(entry.path, "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            except OSError:  # it has ended meanwhile
                continue
            fields = after_name.split()
            children[int(fields[1])].append(int(entry.name))
            resident[int(entry.name)] = int(fields[21]) * PAGE_BYTES
    found, waiting = 0, list(children[first])
    total = 0
    while waiting:
        one = waiting.pop()
        found += 1
        total += resident[one]
        waiting += children[one]
    return found, total
