"""Whether a node works in a folder, as its lock and its last heartbeat say."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat, beside
from sagetrade_nautilus.guard.switch.life import below, told
from sagetrade_nautilus.run.files import LATCH
from sagetrade_nautilus.run.node.state import held

NODE = """\
import sys, time
from pathlib import Path
from sagetrade_nautilus.run.node.state import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def latch(tmp_path: Path) -> Path:
    return tmp_path / "paper" / LATCH


def test_where_no_node_has_been_none_runs(latch: Path) -> None:
    assert told(latch) == "does not run"


def test_a_node_that_is_killed_is_said_to_have_died(latch: Path) -> None:
    node = subprocess.Popen([sys.executable, "-c", NODE, str(latch.parent)], stdout=subprocess.PIPE)
    assert node.stdout is not None
    node.stdout.readline()
    Heartbeat(beside(latch)).write(Beat(pid=node.pid, count=1, state="running"))
    assert told(latch) == f"runs, process {node.pid}"
    node.send_signal(signal.SIGKILL)
    node.wait()
    assert told(latch).startswith(f"does NOT run: process {node.pid} died without winding down")


def test_a_node_that_has_ended_well_is_said_to_have(latch: Path) -> None:
    with held(latch.parent):
        Heartbeat(beside(latch)).write(Beat(pid=1, count=2, stopped=True))
        assert told(latch) == "runs, process 1"
    assert told(latch) == "does not run; the last one stopped in good order"


def test_a_switch_is_found_behind_links_once_and_without_end(tmp_path: Path) -> None:
    disk, state = tmp_path / "disk" / "live", tmp_path / "state"
    disk.mkdir(parents=True)
    (disk / LATCH).touch()
    (disk / "round").symlink_to(disk)
    (state / "paper" / LATCH).mkdir(parents=True)  # a folder in its place blocks it
    for name in ("live", "same"):
        (state / name).symlink_to(disk)
    assert below(state, LATCH) == [state / "live" / LATCH, state / "paper" / LATCH]
    assert below(tmp_path / "nowhere", LATCH) == []


def test_a_folder_that_cannot_be_looked_into_may_hold_a_switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "live"
    closed.mkdir()
    (tmp_path / "lost+found").mkdir()

    def scandir(folder: Path) -> object:
        if folder.name in (closed.name, "lost+found"):
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return listed(folder)

    listed = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)
    assert below(tmp_path, LATCH) == [closed / LATCH]
