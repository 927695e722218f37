"""The benchmark of sweeps runs, and finds that one worker and two find the same."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_one_worker_and_two_find_the_same_in_real_backtests(project_root: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.sweep", "--runs", "3", "--days", "5", "--memory-runs", "3"]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=True)
    assert "the same to the bit" in done.stdout
    assert "ms a task" in done.stdout
    assert "3 runs by 1 workers: resident MiB" in done.stdout
