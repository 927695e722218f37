"""The doctor: each fault is named with the way to mend it, and a healthy installation has none."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import NodeConfig, OpsConfig, RunConfig, load
from sagetrade_nautilus.guard.breaker.breaker import Memory, Trip
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import RunRecord
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.ops import doctor
from sagetrade_nautilus.ops.doctor import Finding, Level, installation, nodes
from sagetrade_nautilus.ops.snapshots import restore
from sagetrade_nautilus.ops.snapshots.create import create
from sagetrade_nautilus.ops.snapshots.store import Store
from sagetrade_nautilus.run.node.state import begin
from tests.support.ops import free_port
from tests.support.snapshots import NOW, make_home, put

HOLDS_THE_LOCK = """
import sys, time
from pathlib import Path
from sagetrade_nautilus import durable
with durable.sole(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""

BEATS = """
import sys, time
from pathlib import Path
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat
beat = Heartbeat(Path(sys.argv[1]))
for count in range(9, 2000):
    beat.write(Beat(pid=1, count=count))
    time.sleep(0.05)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A node's folder as a node leaves it that stopped in good order."""
    made = tmp_path / "state" / "paper"
    made.mkdir(parents=True, mode=0o700)
    begin(made)
    journal = Journal(made / "decisions.jsonl", RunRecord(name="r"))
    journal.close()
    Heartbeat(made / "latch.heartbeat").write(Beat(pid=os.getpid(), count=7, stopped=True))
    return made


@pytest.fixture
def config(project_root: Path, folder: Path) -> RunConfig:
    demo = load(project_root / "configs" / "demo.toml")
    return msgspec.structs.replace(demo, node=NodeConfig(state=str(folder.parent)))


@pytest.fixture
def running(folder: Path) -> Iterator[int]:
    """A process that holds the folder as a node does."""
    lock = folder / "node.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDS_THE_LOCK, str(lock)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.send_signal(signal.SIGKILL)


def found(config: RunConfig, name: str) -> Finding:
    return next(finding for finding in nodes(config) if finding.name == f"paper: {name}")


def test_a_healthy_node_that_stopped_has_nothing_to_mend(config: RunConfig) -> None:
    assert {finding.level for finding in nodes(config)} == {Level.OK}


def test_a_node_that_died_is_told_from_one_that_stopped(config: RunConfig, folder: Path) -> None:
    Heartbeat(folder / "latch.heartbeat").write(Beat(pid=4711, count=8))
    node = found(config, "node")
    assert (node.level, node.says) == (Level.FAILED, "process 4711 died without winding down")
    assert node.mend


def test_a_node_that_hangs_is_told_from_one_that_runs(config: RunConfig, folder: Path, running: int) -> None:
    beat = Heartbeat(folder / "latch.heartbeat")
    beat.write(Beat(pid=running, count=8))
    hangs = found(config, "node")
    assert hangs.level is Level.FAILED
    assert f"kill -9 {running}" in hangs.mend
    writer = subprocess.Popen([sys.executable, "-c", BEATS, str(folder / "latch.heartbeat")])
    try:
        deadline = time.monotonic() + 20.0
        while found(config, "node").level is not Level.OK:
            assert time.monotonic() < deadline
    finally:
        writer.kill()
        writer.wait()


def test_a_stop_is_said_with_its_reason_and_the_way_on(config: RunConfig, folder: Path) -> None:
    Latch(folder / "latch.json").engage(State.HALTED, "wrong prices", "a test", NOW)
    switch = found(config, "switch")
    assert (switch.level, switch.says) == (Level.NOTE, "halted: wrong prices")
    assert "sagetool resume" in switch.mend


def test_a_kill_switch_that_is_gone_under_a_node_is_a_failure(config: RunConfig, folder: Path, running: int) -> None:
    (folder / "latch.json").unlink()
    assert found(config, "switch").level is Level.FAILED


def test_a_breaker_that_tripped_or_forgot_is_said(config: RunConfig, folder: Path) -> None:
    kept = MemoryFile(folder / "breaker.json")
    kept.save(Memory(trips=(Trip("max_drawdown_pct", 21.0, 20.0, 1, State.HALTED, False),)))
    assert found(config, "breaker").says == "max_drawdown_pct: 21 against 20"
    (folder / "breaker.json").write_text("torn")
    assert found(config, "breaker").level is Level.FAILED


def test_an_altered_journal_is_found(config: RunConfig, folder: Path) -> None:
    path = folder / "decisions.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"name":"r"', b'"name":"s"'))
    assert found(config, "journal").level is Level.FAILED


def test_a_folder_that_others_may_write_to_is_found(config: RunConfig, folder: Path) -> None:
    folder.chmod(0o777)
    assert found(config, "folder").mend == f"chmod go-w {folder}"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::"])
def test_a_node_whose_ops_server_is_silent_is_found(config: RunConfig, folder: Path, running: int, host: str) -> None:
    served = msgspec.structs.replace(config, ops=OpsConfig(enabled=True, host=host, port=free_port()))
    assert found(served, "ops server").level is Level.FAILED


def test_a_restore_that_was_cut_off_and_a_missing_snapshot_are_found(tmp_path: Path) -> None:
    home, store = make_home(tmp_path / "home"), Store(tmp_path / "store")
    by_name = {finding.name: finding for finding in installation(home, store.folder, NOW)}
    assert by_name["restore"].level is Level.OK
    assert by_name["snapshots"].level is Level.NOTE
    create(home, store, NOW)
    put(home, f"{restore.WORK}/{restore.PLAN}", msgspec.json.encode(restore.Plan("one", (), (), ())))
    by_name = {finding.name: finding for finding in installation(home, store.folder, NOW)}
    assert (by_name["restore"].level, by_name["restore"].mend) == (Level.FAILED, "`sagetool snapshot resume`")
    assert by_name["snapshots"].level is Level.OK


def test_a_folder_that_is_not_there_is_told_and_nothing_else_is_looked_for_in_it(tmp_path: Path) -> None:
    (found,) = installation(tmp_path / "nowhere", tmp_path / "snapshots", NOW)
    assert (found.name, found.level, found.mend) == (
        "home",
        Level.FAILED,
        "name the folder that SageTrade works in: --home",
    )


def test_a_node_that_this_user_may_not_look_at_is_told_and_hides_no_other(
    config: RunConfig, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_held(asked: Path) -> bool:
        if asked.name == "live":
            raise PermissionError(errno.EACCES, "Permission denied")
        return False

    (folder.parent / "live").mkdir()
    (folder.parent / "live" / "latch.json").touch()
    monkeypatch.setattr(doctor, "is_held", is_held)
    told = {finding.name: finding for finding in nodes(config)}
    assert told["live: node"].level is Level.FAILED
    assert told["live: node"].says == f"{folder.parent / 'live'}: cannot be looked into: Permission denied " + (
        "(give this user the right to it, or name another place)"
    )
    assert told["paper: node"].level is Level.OK
