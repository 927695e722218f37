"""`sagetool watchdog` as a process: one at a time, ended in good order, and quick to cut when a node hangs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.alpaca import KEY, SECRET, FakeAlpaca, alpaca
from tests.support.latch import put
from tests.support.live import PATIENCE_S, Node

STALE_S = 1.0


class Dog:
    """A watchdog process, and what it has said so far."""

    def __init__(self, folder: Path, *words: str, says_to: str = "", **environment: str) -> None:
        self._said = folder / f"said-{time.monotonic_ns()}"
        command = [sys.executable, "-m", "sagetrade_nautilus.cli", "watchdog", "--stale-s", str(STALE_S), *words]
        with Path(says_to or self._said).open("wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, "SAGETRADE_LATCH": str(folder / "latch.json"), **environment},
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> "Dog":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def said(self) -> str:
        return self._said.read_text()

    def wait(self, until: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def latch(tmp_path: Path) -> Latch:
    return put(tmp_path / "latch.json")


@pytest.fixture
def server() -> Iterator[FakeAlpaca]:
    pytest.importorskip("httpx", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")
    with alpaca() as made:
        yield made


def _keys(key: str = KEY) -> dict[str, str]:
    return {"APCA_API_KEY_ID": key, "APCA_API_SECRET_KEY": SECRET}


def test_it_cuts_though_what_it_says_can_be_written_nowhere(tmp_path: Path, latch: Latch) -> None:
    Heartbeat(tmp_path / "latch.heartbeat").write(Beat(pid=1, count=1))
    with Dog(tmp_path, says_to="/dev/full") as dog:
        deadline = time.monotonic() + PATIENCE_S
        while latch.read().state is not State.HALTED:
            assert time.monotonic() < deadline
            assert dog.process.poll() is None
            time.sleep(0.02)


def test_a_stale_heartbeat_halts_and_suspends_and_no_key_is_shown(
    tmp_path: Path, latch: Latch, server: FakeAlpaca
) -> None:
    Heartbeat(tmp_path / "latch.heartbeat").write(Beat(pid=1, count=1))
    server.faults = [None, 500, None, 429, "cut"]
    with Dog(tmp_path, "--broker", "alpaca", "--broker-url", server.url, **_keys()) as dog:
        dog.wait(lambda: "the cut is complete" in dog.said)
        assert dog.end(signal.SIGTERM) == 0
    assert (latch.read().state, latch.read().by) == (State.HALTED, "watchdog")
    assert server.suspended
    assert server.orders == ["one", "two"]
    assert "the broker answers: not suspended" in dog.said
    assert KEY not in dog.said
    assert SECRET not in dog.said


def test_a_broker_that_is_away_does_not_keep_it_from_halting(tmp_path: Path, latch: Latch) -> None:
    pytest.importorskip("httpx", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")
    Heartbeat(tmp_path / "latch.heartbeat").write(Beat(pid=1, count=1))
    with Dog(tmp_path, "--broker", "alpaca", "--broker-url", "http://127.0.0.1:9", **_keys()) as dog:
        dog.wait(lambda: dog.said.count("NOT YET: the broker confirms") >= 2)
        assert latch.read().state is State.HALTED
        assert dog.end(signal.SIGINT) == 130
    assert "WARNING: the broker could not be asked" in dog.said
    assert "ENDED BEFORE IT WAS CONFIRMED: the broker confirms" in dog.said


def test_a_key_that_the_broker_refuses_is_an_error_at_the_start(
    tmp_path: Path, latch: Latch, server: FakeAlpaca
) -> None:
    with Dog(tmp_path, "--broker", "alpaca", "--broker-url", server.url, **_keys("wrong")) as dog:
        assert dog.process.wait(PATIENCE_S) == 2
    assert "refused (401); look at APCA_API_KEY_ID" in dog.said
    assert latch.read().state is State.RUNNING


def test_without_a_key_it_does_not_start(tmp_path: Path, latch: Latch) -> None:
    pytest.importorskip("httpx", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")
    with Dog(tmp_path, "--broker", "alpaca", APCA_API_KEY_ID="", APCA_API_SECRET_KEY="") as dog:
        assert dog.process.wait(PATIENCE_S) == 2
    assert "APCA_API_KEY_ID is not set" in dog.said


def test_a_second_one_is_refused_and_a_dead_one_is_no_hindrance(tmp_path: Path, latch: Latch) -> None:
    with Dog(tmp_path) as first:
        first.wait(lambda: "waiting for a node" in first.said)
        with Dog(tmp_path) as second:
            assert second.process.wait(PATIENCE_S) == 9
            assert "another watchdog watches this heartbeat" in second.said
        first.process.kill()
        first.process.wait()
    with Dog(tmp_path) as third:
        third.wait(lambda: "waiting for a node" in third.said)
        assert third.end(signal.SIGINT) == 130


def test_it_loads_neither_nautilus_nor_what_depends_on_it(tmp_path: Path, latch: Latch) -> None:
    code = (
        "import sys; sys.argv = ['sagetool', 'watchdog', '--help']\n"
        "from sagetrade_nautilus.cli.main import main\n"
        "import adapters.alpaca.switch\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'nautilus_trader', 'pandas', 'numpy', 'strategies'} & set(sys.modules)))\n"
    )
    pytest.importorskip("httpx", reason="needs `pip install 'sagetrade-nautilus[alpaca]'`")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.slow
def test_a_node_that_is_frozen_is_cut_off_at_the_broker(
    tmp_path: Path, latch: Latch, server: FakeAlpaca, record_property: Callable[[str, object], None]
) -> None:
    with Node(tmp_path, "flood") as node:
        node.wait(lambda: len(node.log()) > 250)
        with Dog(tmp_path, "--broker", "alpaca", "--broker-url", server.url, **_keys()) as dog:
            dog.wait(lambda: "the heartbeat is there" in dog.said)
            time.sleep(2 * STALE_S)
            assert latch.read().state is State.RUNNING, dog.said
            node.process.send_signal(signal.SIGSTOP)
            frozen_ns = time.monotonic_ns()
            dog.wait(lambda: "the cut is complete" in dog.said)
            took_s = (server.suspended_at_ns - frozen_ns) / 1e9
            sent, thawed_ns = len(node.log()), time.time_ns()
            node.process.send_signal(signal.SIGCONT)
            node.wait(lambda: node.beat() is not None and node.beat().state == "halted")  # type: ignore[union-attr]
            dog.wait(lambda: "there again; what was stopped stays stopped" in dog.said)
            assert dog.end(signal.SIGTERM) == 0
        node.stop()
    record_property("seconds until suspended", took_s)
    assert 0.9 * STALE_S < took_s < STALE_S + 3.0
    late = [line["made"] < thawed_ns for line in node.log()[sent:] if line["what"] == "submit"]
    assert late in ([], [True])  # the one in the client's hands when it froze, which only the broker can refuse
    assert latch.read().by == "watchdog"
