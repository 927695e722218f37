"""`sagetool stop`, `status`, `resume` and `password` as a person uses them, in a terminal and without one."""

import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sagetrade_nautilus.cli.killswitch import stop
from sagetrade_nautilus.guard.breaker import memory
from sagetrade_nautilus.guard.breaker.breaker import Memory, Trip
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat, beside
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.latch import NOW, put
from tests.support.live import Node

PATIENCE_S = 60
PHRASE = "correct horse battery"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "latch.json"


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "sagetrade_nautilus.cli", *words]


def _environment(path: Path) -> dict[str, str]:
    return {**os.environ, "SAGETRADE_LATCH": str(path), "NO_COLOR": "1", "COLUMNS": "200", "TERM": "dumb"}


def _run(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*words), env=_environment(path), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


class Terminal:
    """A command in a terminal of its own, and a person who reads and types."""

    def __init__(self, path: Path, *words: str) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            _command(*words), env=_environment(path), stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self.shown = ""

    def read_until(self, pattern: str) -> re.Match[str]:
        deadline, seen = time.monotonic() + PATIENCE_S, len(self.shown)
        while time.monotonic() < deadline:
            found = re.search(pattern, self.shown[seen:])
            if found:
                return found
            try:
                self.shown += os.read(self._master, 4096).decode()
            except OSError:
                break
        raise AssertionError(f"{pattern!r} was not shown: {self.shown}")

    def type(self, text: str) -> None:
        os.write(self._master, text.encode() + b"\n")

    def finish(self) -> int:
        try:
            while chunk := os.read(self._master, 4096):
                self.shown += chunk.decode()
        except OSError:  # the other end is closed
            pass
        os.close(self._master)
        return self._process.wait(PATIENCE_S)


def test_without_a_file_status_says_halted_and_what_to_do(path: Path) -> None:
    done = _run(path, "status")
    assert done.returncode == 0
    assert done.stdout.startswith("node: does not run\nkill switch: halted")
    assert "the file is missing" in done.stdout
    assert "`sagetool resume` writes a sound file" in done.stdout
    assert not path.exists()


def test_a_stop_needs_no_reason_and_no_permission(path: Path) -> None:
    put(path)
    done = _run(path, "stop")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("running -> halted")
    assert Latch(path).read().state is State.HALTED


def test_a_stop_says_what_it_did_and_status_says_why(path: Path) -> None:
    put(path)
    done = _run(path, "stop", "--flatten", "--state", "reduce_only", "--reason", "[wrong] prices")
    assert done.stdout.startswith("running -> reduce_only, closing positions")
    shown = _run(path, "status").stdout
    assert "[wrong] prices" in shown
    assert "cli:" in shown
    assert "positions are to be closed" in shown


def test_a_stop_says_when_no_node_is_running(path: Path) -> None:
    put(path)
    assert "No node is running here" in _run(path, "stop").stdout
    Heartbeat(beside(path)).write(Beat(pid=4321, count=9, stopped=True))
    assert "No node is running here" in _run(path, "stop").stdout


def test_a_stop_says_when_a_node_does_not_answer(path: Path) -> None:
    put(path)
    Heartbeat(beside(path)).write(Beat(pid=4321, count=9, state="running"))
    shown = _run(path, "stop").stdout
    assert shown.startswith("running -> halted")
    assert "The node (process 4321) has not answered within 1 s: it shows no life, and may hang" in shown


@pytest.mark.slow
def test_a_stop_says_what_the_running_node_did(path: Path) -> None:
    put(path)
    with Node(path.parent, "flood") as node:
        node.wait(lambda: len(node.log()) > 250)
        shown = _run(path, "stop", "--flatten", "--reason", "a drill").stdout
        node.stop()
    found = re.search(r"The node \(process (\d+)\) has heard it: cancelled (\d+), closing ([01])\.", shown)
    assert found, shown
    assert int(found.group(1)) == node.process.pid
    assert int(found.group(2)) >= 100


def test_a_stop_cannot_be_used_to_run(path: Path) -> None:
    put(path, State.HALTED)
    assert _run(path, "stop", "--state", "running").returncode == 2
    assert Latch(path).read().state is State.HALTED


def test_a_stop_that_cannot_be_recorded_says_so_and_fails(path: Path) -> None:
    path.mkdir()
    (path / "a file").touch()
    done = _run(path, "stop", "--flatten")
    assert done.returncode == 9
    assert "positions are NOT being closed" in done.stderr
    assert Latch(path).read().state is State.HALTED


def test_a_lone_resume_changes_nothing(path: Path) -> None:
    put(path, State.HALTED)
    for words in (["resume"], ["resume", "--code", "AAAA-AAAA"], ["resume", "--to", "no_entries"]):
        done = _run(path, *words)
        assert done.returncode == 9, done.stdout
        assert Latch(path).read().state is State.HALTED


def test_resume_shows_a_code_in_the_terminal_and_wants_it_back(path: Path) -> None:
    put(path, State.HALTED)
    terminal = Terminal(path, "resume", "--to", "no_entries", "--reason", "looked at it")
    code = terminal.read_until(r"change halted to no_entries\. To confirm, type  (\w{4}-\w{4})").group(1)
    terminal.type(code)
    assert terminal.finish() == 0, terminal.shown
    assert (Latch(path).read().state, Latch(path).read().reason) == (State.NO_ENTRIES, "looked at it")
    assert _run(path, "resume", "--to", "no_entries").stdout.endswith("nothing to resume.\n")


def test_resume_with_a_wrong_code_changes_nothing(path: Path) -> None:
    put(path, State.HALTED)
    terminal = Terminal(path, "resume")
    terminal.read_until("To confirm")
    terminal.type("yes")
    assert terminal.finish() == 9
    assert "wrong code" in terminal.shown
    assert Latch(path).read().state is State.HALTED


def test_a_code_that_was_shown_before_may_be_given_as_an_option_once(path: Path) -> None:
    put(path, State.HALTED)
    terminal = Terminal(path, "resume")
    code = terminal.read_until(r"type  (\w{4}-\w{4})").group(1)
    assert _run(path, "resume", "--code", code).returncode == 0
    assert Latch(path).read().state is State.RUNNING
    terminal.type(code)
    assert terminal.finish() == 9


def test_a_missing_file_is_resumed_by_way_of_a_recorded_halt(path: Path) -> None:
    terminal = Terminal(path, "resume")
    code = terminal.read_until(r"type  (\w{4}-\w{4})").group(1)
    assert Latch(path).read().reason == "found so: the file is missing"
    terminal.type(code)
    assert terminal.finish() == 0
    assert Latch(path).read().state is State.RUNNING


def test_the_first_resume_begins_the_circuit_breakers_memory_and_status_says_what_tripped(path: Path) -> None:
    assert "memory is missing" in _run(path, "status").stdout
    terminal = Terminal(path, "resume")
    terminal.type(terminal.read_until(r"type  (\w{4}-\w{4})").group(1))
    assert terminal.finish() == 0
    assert "begins anew" in terminal.shown
    assert "nothing tripped" in _run(path, "status").stdout
    trip = Trip("max_daily_loss_pct", 3.5, 3.0, NOW, State.REDUCE_ONLY, until_next_day=True)
    memory.MemoryFile(memory.beside(path)).save(Memory(trips=(trip,)))
    said = "circuit breaker reduce_only: max_daily_loss_pct: 3.5 against 3, until 00:00 UTC"
    assert said in _run(path, "status").stdout


@pytest.mark.slow
def test_once_a_password_is_set_resume_asks_for_it_and_never_shows_it(path: Path) -> None:
    put(path, State.HALTED)
    assert _run(path, "password").returncode == 9
    setting = Terminal(path, "password")
    for prompt in ("New password: ", "Again: "):
        setting.read_until(prompt)
        setting.type(PHRASE)
    assert setting.finish() == 0, setting.shown
    for phrase, exit_code in (("wrong phrase", 9), (PHRASE, 0)):
        terminal = Terminal(path, "resume")
        code = terminal.read_until(r"type  (\w{4}-\w{4})").group(1)
        terminal.type(code)
        terminal.read_until("Password: ")
        terminal.type(phrase)
        assert terminal.finish() == exit_code, terminal.shown
        assert phrase not in terminal.shown
    assert Latch(path).read().state is State.RUNNING


def test_a_stop_does_not_wait_for_nautilus_to_load(path: Path) -> None:
    code = (
        "import sys; sys.argv = ['sagetool', 'status']\n"
        "from sagetrade_nautilus.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'nautilus_trader', 'pandas', 'numpy'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=_environment(path), capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")


def test_a_stop_that_names_no_switch_stops_every_node_below_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The nodes of the shipped configurations are two folders down."""
    monkeypatch.chdir(tmp_path)
    found = [Path("state/replay/latch.json"), Path("state/binance/paper/latch.json")]
    for latch in found:
        latch.parent.mkdir(parents=True)
        Latch(latch).engage(State.NO_ENTRIES, "before", "test", 1, False)
    stop()
    assert [Latch(latch).read().state for latch in found] == [State.HALTED, State.HALTED]
    said = capsys.readouterr().out
    assert all(str(latch) in said for latch in found)
    assert not Path("state/latch.json").exists()


def test_what_is_no_switch_is_not_written_over(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "sagetrade_nautilus.cli", "stop", "--latch", str(config)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert config.read_text() == "mine"
