"""How a command is run in a worktree: what a sandbox must offer, and a plain process for code that nobody proposed."""

import os
import subprocess
import time
from collections.abc import Sequence
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

    Its limit is a time in seconds.
    """

    def run(
        self, argv: Sequence[str], *, worktree: Path, inputs: Sequence[Path], outputs: Path, limits: float
    ) -> ProcessEnd:
        """Run `argv` in `worktree`, without our secrets."""
        known = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | SET_VARIABLES
        began = time.monotonic()
        try:
            done = subprocess.run(  # noqa: S603 - a command of ours
                list(argv), cwd=worktree, env=known, capture_output=True, timeout=limits, check=False
            )
        except subprocess.TimeoutExpired:
            return ProcessEnd(124, "", f"it took longer than {limits:g} s", time.monotonic() - began)
        said, complained = (stream.decode("utf-8", "replace") for stream in (done.stdout, done.stderr))
        return ProcessEnd(done.returncode, said, complained, time.monotonic() - began)
