"""Work on threads: in order, no more at once than asked, and nobody waits for it who is interrupted."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock

import pytest

from sagetrade_nautilus.experiments.sweeps.threads import at_once

INTERRUPTED = """
import sys
from pathlib import Path
from sagetrade_nautilus.experiments.sandbox.bubblewrap import Sandbox, SandboxLimits
from sagetrade_nautilus.experiments.sandbox.runner import Plain, limited
from sagetrade_nautilus.experiments.sweeps.threads import at_once
place = Path(sys.argv[1])
run = limited(Plain(), 60.0) if sys.argv[2] == "plain" else limited(Sandbox(), SandboxLimits(seconds=60.0))
sleep = ["sleep", sys.argv[3]]
print("begins", flush=True)
at_once(lambda number: run(sleep, worktree=place, inputs=[], outputs=place / f"{number}"), range(3), 2)
"""


def test_results_come_in_the_order_of_what_is_given() -> None:
    assert at_once(lambda number: number * number, range(50), 4) == [number * number for number in range(50)]
    assert at_once(str, [], 4) == []


def test_no_more_are_at_work_than_asked() -> None:
    lock, now, most = Lock(), [0], [0]

    def work(number: int) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1

    at_once(work, range(12), 3)
    assert most[0] <= 3


def test_what_fails_is_raised_and_nothing_more_begins() -> None:
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 1:
            raise ValueError("one")
        time.sleep(0.05)

    with pytest.raises(ValueError, match="one"):
        at_once(work, range(100), 1)
    assert len(begun) < 5


@pytest.mark.skipif(shutil.which("pgrep") is None, reason="needs pgrep: apt-get install procps")
@pytest.mark.parametrize("kind", ["plain", "sandbox"])
def test_an_interrupted_process_ends_at_once_with_all_that_it_runs(tmp_path: Path, kind: str) -> None:
    if kind == "sandbox" and shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    marker = f"31536{time.monotonic_ns() % 10**8}"
    (tmp_path / "w").mkdir()
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "w"), kind, marker]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    _wait(lambda: _running(marker))
    process.send_signal(signal.SIGINT)
    assert process.wait(20.0) != 0
    _wait(lambda: not _running(marker))


def _running(marker: str) -> bool:
    return subprocess.run(["pgrep", "-f", f"^sleep {marker}"], capture_output=True, check=False).returncode == 0


def _wait(until: object) -> None:
    deadline = time.monotonic() + 60.0
    while not until():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)
