"""A request to end ends the process, wherever it comes."""

import subprocess
import sys

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
