"""What exists inside the sandbox, in bubblewrap's terms: the interpreter, the worktree, the inputs; all read-only."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.secrets import SECRETS_FILE

PYTHON: Final = os.path.realpath(sys.executable)
LAUNCHER: Final = "/run/launch.py"
SCRATCH: Final = ("/tmp", "/dev/shm")  # noqa: S108 - those of the sandbox
SYSTEM: Final = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
ETC: Final = ("/etc/ld.so.cache", "/etc/localtime")
KERNEL_FILES: Final = (
    "kcore",
    "keys",
    "key-users",
    "kmsg",
    "kallsyms",
    "kpagecount",
    "kpageflags",
    "kpagecgroup",
    "latency_stats",
    "sched_debug",
    "slabinfo",
    "sysrq-trigger",
    "timer_list",
    "vmallocinfo",
)
"""What /proc shows of the kernel itself, and of no process."""
HIDDEN_FILES: Final = (str(SECRETS_FILE), ".env")
HIDDEN_FOLDERS: Final = (".git", "state", "proposals")
"""What is never shown of a worktree or an input, should it stand there."""


def arguments(worktree: Path, inputs: Sequence[Path], outputs: Path, bytes_each: int) -> list[str]:
    """Return what isolates. `outputs` and `SCRATCH` are in memory, of `bytes_each`, and all that may be written to.

    Raises
    ------
    ExperimentError
        A path is missing, or would show a home folder.
    """
    shown = [worktree, *inputs]
    for path in shown:
        _require_harmless(path)
    return [
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
        "--hostname",
        "sandbox",
        *_system(),
        *_in_memory(SCRATCH, bytes_each),
        *_read_only(dict.fromkeys([sys.base_prefix, sys.prefix, *map(str, shown)])),
        *(part for path in shown for part in _hidden(path)),
        "--ro-bind",
        str(Path(__file__).with_name("launch.py")),
        LAUNCHER,
        *_in_memory([str(outputs)], bytes_each),
        *_proc(),
        *(part for path in ("/dev", "/") for part in ("--remount-ro", path)),
        *_environment(worktree),
        "--chdir",
        str(worktree),
    ]


def _in_memory(folders: Iterable[str], bytes_each: int) -> Iterator[str]:
    for folder in folders:
        yield from ("--size", str(bytes_each), "--tmpfs", folder)


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr", "--dev", "/dev")
    for path in SYSTEM:
        if os.path.islink(path):
            yield from ("--symlink", os.readlink(path), path)
        else:
            yield from ("--ro-bind-try", path, path)
    for path in ETC:
        yield from ("--ro-bind-try", path, path)


def _proc() -> Iterator[str]:
    """Show the processes inside, and nothing that can be written to: to root's eyes /proc/sys is the machine's own."""
    yield from ("--proc", "/proc")
    for name in KERNEL_FILES:
        if os.path.exists(f"/proc/{name}"):
            yield from ("--ro-bind", "/dev/null", f"/proc/{name}")
    yield from ("--remount-ro", "/proc")


def _read_only(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        yield from ("--ro-bind", path, path)


def _hidden(path: Path) -> Iterator[str]:
    for name in HIDDEN_FILES:
        if (path / name).is_file():
            yield from ("--ro-bind", "/dev/null", str(path / name))
    for name in HIDDEN_FOLDERS:
        if (path / name).is_dir():
            yield from ("--tmpfs", str(path / name), "--remount-ro", str(path / name))


def _environment(worktree: Path) -> Iterator[str]:
    """Set all variables that there are inside. One thread a library, so that sums do not depend on the machine."""
    known = {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - that of the sandbox
        "USER": "sandbox",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": str(worktree),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
    }
    yield "--clearenv"
    for name, value in known.items():
        yield from ("--setenv", name, value)


def _require_harmless(path: Path) -> None:
    if not path.exists():
        raise ExperimentError(f"{path}: it is not there, so the sandbox cannot show it")
    if Path.home().is_relative_to(path.resolve()):
        raise ExperimentError(f"{path}: it holds your home folder; give the sandbox the folder that it needs, not all")
