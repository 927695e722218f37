"""`sagetool strategy`: a plugin that is sound passes, and one that is not is told what it does wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

GOOD = "        settings, up = self._settings, signal.direction\n"
FAULTS = {
    "repeats": ("        if id(signal) // 16 % 2:\n            return None\n", "differs"),
    "draws": ("        import random\n\n        if random.random() < 0.5:\n            return None\n", "differs"),
    "cost": (  # at one strong signal in twenty, so that the runs of the other judgements stay short
        "        import time\n\n        time.sleep(0.002 if signal.score > 0.9 else 0.0)\n",
        "for which a live node's loop waits",
    ),
    "raises": ("        1 / 0\n", "ZeroDivisionError"),
}


def sagetool(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "strategy", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_new_plugin_passes_every_judgement(tmp_path: Path) -> None:
    made = sagetool(tmp_path, "new", "calm_buyer")
    assert made.returncode == 0
    done = sagetool(tmp_path, "check", "calm_buyer")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" ok ") == 4
    assert "calm_buyer" in sagetool(tmp_path, "list").stdout.split()


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_plugin_with_a_fault_fails_and_is_told_which(tmp_path: Path, fault: str) -> None:
    sagetool(tmp_path, "new", "calm_buyer")
    path = tmp_path / "strategies" / "calm_buyer.py"
    line, says = FAULTS[fault]
    path.write_text(path.read_text().replace(GOOD, line + GOOD))
    done = sagetool(tmp_path, "check", "calm_buyer")
    assert done.returncode == 10
    assert says in done.stdout
    assert "Traceback" not in done.stderr


def test_a_plugin_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = sagetool(tmp_path, "check", "nobody")
    assert done.returncode == 10
    assert "there is no plugin 'nobody'" in done.stdout
