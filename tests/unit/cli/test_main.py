"""A request to end ends the process, wherever it comes."""

import subprocess
import sys
from pathlib import Path

import pytest

DEAF = """
import os, signal, time
from sagetrade_nautilus.cli.main import heed_requests_to_end

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        time.sleep(0.2)

heed_requests_to_end()
deaf = Deaf()
del deaf
time.sleep(20)
print("it went on")
"""


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_request_that_is_swallowed_is_made_again(name: str, code: int) -> None:
    """What is raised in a destructor cannot be passed on, nor can it from a compiled callback."""
    script = DEAF.replace("{name}", name)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=15, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_nothing_is_opened_in_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """The shell's `>&-` leaves number 1 to the first file that is opened: Nautilus would log into a journal."""
    script = "import os, sys; from sagetrade_nautilus.cli.main import fill_closed_streams; fill_closed_streams(); "
    kept = tmp_path / "kept"
    script += (
        f"file = open({str(kept)!r}, 'w'); os.write(1, b'said'); os.write(2, b'said'); file.write(str(file.fileno()))"
    )
    subprocess.run(["sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, script], timeout=15, check=True)
    assert kept.read_text() == "3"
