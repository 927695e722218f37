"""An environment for each peer, since what they pin does not go together."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

MADE = "requirements.txt"
"""Stands in an environment that was made whole, and says what it holds."""


def interpreter(folder: Path, requirements: Sequence[str], tell: Callable[[str], None]) -> Path:
    """Return the interpreter of the environment in `folder`, which is made if it is missing or holds something else.

    With no requirements that is the interpreter which runs this.

    Raises
    ------
    SystemExit
        Something could not be installed.
    """
    if not requirements:
        return Path(sys.executable)
    python, made = folder / "bin" / "python", folder / MADE
    wanted = "\n".join(requirements) + "\n"
    if made.is_file() and made.read_text() == wanted:
        return python
    tell(f"making {folder}: pip install {' '.join(requirements)}")
    steps = (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(step)}\n{done.stderr}")
    made.write_text(wanted)
    return python
