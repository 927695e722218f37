"""How a command is run in a worktree: what a sandbox must offer, and a plain process for code that nobody proposed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import msgspec

KEPT_VARIABLES: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
"""What a plain process may know of our environment: no secret stands in any of them."""
SET_VARIABLES: Final = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}
"""As the sandbox sets them: sums depend on how many threads share them, and both are compared to the last digit."""


TIED: Final = str(Path(__file__).with_name("tied.py"))


class CommandEnd(Protocol):
    """How a command ended."""

    @property
    def returncode(self) -> int: ...
    @property
    def stdout(self) -> str: ...
    @property
    def stderr(self) -> str: ...
    @property
    def seconds(self) -> float: ...


class Runner[L](Protocol):
    """Runs a command in a worktree; `L` is what may be limited."""

    def run(
        self, argv: Sequence[str], *, worktree: Path, inputs: Sequence[Path], outputs: Path, limits: L
    ) -> CommandEnd:
        """Run `argv` in `worktree`; it may read `inputs` and write to `outputs`."""
        ...


class Run(Protocol):
    """A runner whose limits are set already."""

    def __call__(self, argv: Sequence[str], *, worktree: Path, inputs: Sequence[Path], outputs: Path) -> CommandEnd: ...


def limited[L](runner: Runner[L], limits: L) -> Run:
    """Return `runner` with its limits set."""

    def run(argv: Sequence[str], *, worktree: Path, inputs: Sequence[Path], outputs: Path) -> CommandEnd:
        return runner.run(argv, worktree=worktree, inputs=inputs, outputs=outputs, limits=limits)

    return run


class ProcessEnd(msgspec.Struct, frozen=True):
    """How a plain process ended; 124 if it was too slow."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float


class Plain:
    """Runs a command as a process of its own, without any isolation: for code that stands in the repository already.

    Its limit is a time in seconds. However it ends, by Ctrl-C too, all that it has started ends with it; a kill of ours
    ends the command itself.
    """

    def run(
        self, argv: Sequence[str], *, worktree: Path, inputs: Sequence[Path], outputs: Path, limits: float
    ) -> ProcessEnd:
        """Run `argv` in `worktree`, without our secrets."""
        known = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | SET_VARIABLES
        began = time.monotonic()
        command = [sys.executable, "-I", "-S", TIED, str(os.getpid()), *argv]
        with subprocess.Popen(  # noqa: S603 - a command of ours
            command, cwd=worktree, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        ) as process:
            try:
                streams = process.communicate(timeout=limits)
            except subprocess.TimeoutExpired:
                return ProcessEnd(124, "", f"it took longer than {limits:g} s", time.monotonic() - began)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        said, complained = (stream.decode("utf-8", "replace") for stream in streams)
        return ProcessEnd(process.returncode, said, complained, time.monotonic() - began)
