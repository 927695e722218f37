"""Where proposed code runs: with no network, no secrets, nothing to write to but its outputs, and within limits.

bubblewrap gives it namespaces of its own, in which only the interpreter, its worktree and its inputs exist, all of them
read-only; `seccomp` shuts what namespaces leave open; the kernel's limits bound each of its processes, and a watch from
outside all of them together. What it may write to is memory of bounded size, and `harvest` copies plain files out of it
once the last of its processes is gone. Where any of this is missing, proposed code does not run.
"""

import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

from sagetrade_nautilus.errors import ExperimentError, cause
from sagetrade_nautilus.experiments.sandbox import isolation, seccomp
from sagetrade_nautilus.experiments.sandbox.confined import Confined, Finished, SandboxLimits
from sagetrade_nautilus.experiments.sandbox.harvest import Harvest

__all__ = ["Finished", "Sandbox", "SandboxLimits"]

TAIL_BYTES = 1 << 20
HOW_TO_GET: Final = "install bubblewrap 0.8 or newer (as `apt install bubblewrap`) on Linux"


class Sandbox:
    """Runs proposed code in isolation, or not at all.

    Raises
    ------
    ExperimentError
        This machine cannot isolate it; the message says what to do about it.
    """

    def __init__(self) -> None:
        program = shutil.which("bwrap")
        if platform.system() != "Linux" or program is None:
            raise ExperimentError(f"proposed code runs in a sandbox only, and there is none here: {HOW_TO_GET}")
        self._bwrap = program
        self._filter = seccomp.program()
        with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
            place = Path(folder)
            self.run(["true"], worktree=place, inputs=(), outputs=place / "outputs", limits=SandboxLimits(seconds=60.0))

    def run(
        self, argv: Sequence[str], *, worktree: Path, inputs: Sequence[Path], outputs: Path, limits: SandboxLimits
    ) -> Finished:
        """Run `argv` in `worktree`, and copy what it leaves in `outputs` there once it has ended.

        All paths are the same inside. `outputs` begins empty inside; ``/tmp`` is empty too and is thrown away.

        Parameters
        ----------
        argv : sequence of str
            The command.
        worktree : Path
            The folder with the proposed code, which it runs in and imports from. Read-only.
        inputs : sequence of Path
            Files and folders that it may read, as the research data. They must hold nothing that it may not see.
        outputs : Path
            The folder that it may write to; it is made if it is missing.
        limits : SandboxLimits
            What it may use.

        Raises
        ------
        ExperimentError
            A path is missing or would show a home folder, there is no place for the outputs, or isolation failed; the
            command has not run then.
        """
        place = _made(outputs)
        shown = [path.absolute() for path in inputs]
        command = [self._bwrap, *isolation.arguments(worktree.absolute(), shown, place, limits.output_bytes)]
        inside = [isolation.PYTHON, "-I", "-S", isolation.LAUNCHER]
        given = [json.dumps(limits.kernel()), json.dumps([str(place), *isolation.SCRATCH]), *argv]
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            began = time.monotonic()
            with Confined(command, inside, given, self._filter, (stdout, stderr)) as confined:
                fault = confined.watch(limits)
                seconds = time.monotonic() - began
                if not confined.folders:
                    raise ExperimentError(
                        "proposed code runs in a sandbox only, and none can be made here: "
                        f"{_tail(stderr).strip()[-300:]}; {HOW_TO_GET}, and allow user namespaces"
                    )
                harvest = Harvest(limits.output_bytes, limits.files)
                harvest.copy(confined.folders[0], place)
            return Finished(
                returncode=confined.returncode,
                stdout=_tail(stdout),
                stderr=_tail(stderr),
                seconds=seconds,
                faults=(*([fault] if fault else []), *harvest.faults),
            )


def _made(outputs: Path) -> Path:
    place = outputs.absolute()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExperimentError(f"{place}: no folder for the outputs can be made there: {cause(error)}") from None
    return place


def _tail(stream: BinaryIO) -> str:
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - TAIL_BYTES))
    return stream.read(TAIL_BYTES).decode("utf-8", errors="replace")
