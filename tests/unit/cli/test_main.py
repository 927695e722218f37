"""Ctrl-C ends the process, wherever it comes."""

import subprocess
import sys

DEAF = """
import os, signal, time
from sagetrade_nautilus.cli.main import heed_ctrl_c

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)

heed_ctrl_c()
deaf = Deaf()
del deaf
time.sleep(20)
print("it went on")
"""


def test_ctrl_c_that_compiled_code_swallows_is_raised_again() -> None:
    """What is raised in a destructor cannot be passed on, nor can it from a compiled callback."""
    done = subprocess.run([sys.executable, "-c", DEAF], capture_output=True, text=True, timeout=15, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
