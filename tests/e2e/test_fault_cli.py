"""`sagetool-fault` from outside: figures and an exit code, and the same bytes each time that a seed is traced."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def _run(root: Path, *words: str, hash_seed: str = "0") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sagetrade_nautilus.cli.fault", *words]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "COLUMNS": "120"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_a_run_prints_its_figures_and_ends_well(project_root: Path) -> None:
    done = _run(project_root, "--seeds", "3", "--first", "5")
    assert done.returncode == 0, done.stderr
    assert "orders at the venue" in done.stdout
    assert "violations, in seeds" in done.stdout


@pytest.mark.slow
def test_a_trace_is_the_same_bytes_in_every_process(project_root: Path) -> None:
    first, second = (_run(project_root, "--seed", "3", "--trace", hash_seed=seed) for seed in ("1", "2"))
    assert first.stdout == second.stdout
    assert first.stdout.count("\n") > 100


@pytest.mark.slow
def test_a_strict_run_names_the_seed_and_ends_with_an_error(project_root: Path) -> None:
    done = _run(project_root, "--seeds", "2", "--first", "19", "--strict")
    assert done.returncode == 1
    assert "sagetool-fault --seed 20 --trace --strict" in done.stdout


@pytest.mark.slow
def test_ctrl_c_ends_it_without_a_traceback_and_leaves_no_process(project_root: Path) -> None:
    command = [sys.executable, "-m", "sagetrade_nautilus.cli.fault", "--seeds", "100000"]
    with subprocess.Popen(
        command, cwd=project_root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as drill:
        children = Path(f"/proc/{drill.pid}/task/{drill.pid}/children")
        deadline_s = time.monotonic() + 60.0
        while not children.read_text():
            assert time.monotonic() < deadline_s
            time.sleep(0.001)
        os.killpg(drill.pid, signal.SIGINT)
        said, _ = drill.communicate(timeout=60.0)
    assert drill.returncode == 130
    assert "Traceback" not in said
    with pytest.raises(ProcessLookupError):
        os.killpg(drill.pid, 0)
