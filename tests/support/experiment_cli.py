"""`sagetool experiment` as people call it, in the repository `root`, with the run `configs/small.toml`."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.support.signers import allow, key_of

TOOL = [sys.executable, "-m", "sagetrade_nautilus.cli"]
CONFIG = ["--config", "configs/small.toml"]


def tool(root: Path, *words: str, code: int = 0) -> str:
    """Run sagetool, which must end with `code` and without a traceback; return what it said."""
    done = subprocess.run([*TOOL, *words], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def approve(root: Path, name: str) -> str:
    """Have anna approve the experiment at a terminal, after a script could not; return what was said."""
    allow("anna@desk", root)
    words = ["experiment", "approve", name, *CONFIG, "--as", "anna@desk", "--key", str(key_of("anna@desk", root))]
    done = subprocess.run([*TOOL, *words], cwd=root, input="approve\n", capture_output=True, text=True, check=False)
    assert (done.returncode, "asked for at a terminal" in done.stderr) == (11, True)
    terminal, end = pty.openpty()
    running = subprocess.Popen(
        [*TOOL, *words], cwd=root, stdin=end, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    os.close(end)
    os.write(terminal, b"approve\n")
    said, _ = running.communicate(timeout=120)
    os.close(terminal)
    assert running.returncode == 0, said
    return said
