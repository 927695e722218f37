"""The watcher tells of every change, soon, and turns its own failures into a halt."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import LatchRecord, State
from sagetrade_nautilus.guard.switch.watch import LatchWatch
from tests.support.latch import NOW, put

PATIENCE_S = 10.0


class Heard:
    """What the callback was told, and a way to wait for it."""

    def __init__(self) -> None:
        self.records: list[LatchRecord] = []
        self.times: list[float] = []
        self.failures = 0
        self._news = threading.Condition()

    def __call__(self, record: LatchRecord) -> None:
        with self._news:
            if self.failures:
                self.failures -= 1
                raise RuntimeError("the loop is closed")
            self.records.append(record)
            self.times.append(time.monotonic())
            self._news.notify_all()

    def wait(self, count: int) -> None:
        with self._news:
            assert self._news.wait_for(lambda: len(self.records) >= count, PATIENCE_S), self.records


@pytest.fixture
def path(tmp_path: Path) -> Path:
    put(tmp_path / "latch.json")
    return tmp_path / "latch.json"


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def watch(path: Path, heard: Heard) -> Iterator[LatchWatch]:
    made = LatchWatch(path, heard)
    assert made.start().state is State.RUNNING
    yield made
    made.stop()
    assert not made.is_alive


def test_a_stop_is_told_with_its_reason(path: Path, watch: LatchWatch, heard: Heard) -> None:
    Latch(path).engage(State.HALTED, "why", "anna", NOW + 1, flatten=True)
    heard.wait(1)
    assert (heard.records[0].state, heard.records[0].reason, heard.records[0].flatten) == (State.HALTED, "why", True)


def test_a_stop_by_another_process_is_told(path: Path, watch: LatchWatch, heard: Heard) -> None:
    command = [sys.executable, "-m", "sagetrade_nautilus.cli", "stop", "--reason", "outside", "--latch", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    heard.wait(1)
    assert heard.records[0].reason == "outside"


def test_each_change_is_told_once_and_within_the_promise(path: Path, watch: LatchWatch, heard: Heard) -> None:
    latch, made = Latch(path), []
    for number in range(60):
        made.append(time.monotonic())
        latch.engage(State.HALTED, f"reason {number}", "anna", NOW + number + 1)
        heard.wait(number + 1)
    assert [record.reason for record in heard.records] == [f"reason {number}" for number in range(60)]
    delays = sorted(told - began for told, began in zip(heard.times, made, strict=True))
    assert delays[len(delays) // 2] < 0.05


def test_a_file_that_vanishes_is_a_halt(path: Path, watch: LatchWatch, heard: Heard) -> None:
    path.unlink()
    heard.wait(1)
    assert (heard.records[0].state, heard.records[0].reason) == (State.HALTED, "the file is missing")


def test_without_a_change_nothing_is_told(path: Path, watch: LatchWatch, heard: Heard) -> None:
    time.sleep(0.1)
    assert heard.records == []
    assert watch.is_alive


def test_a_callback_that_fails_halts_everybody_and_is_told_of_that(path: Path, watch: LatchWatch, heard: Heard) -> None:
    heard.failures = 3
    Latch(path).engage(State.NO_ENTRIES, "lunch", "anna", NOW + 1)
    heard.wait(1)
    assert heard.records[0].state is State.HALTED
    assert heard.records[0].reason == "the kill switch's watcher failed: RuntimeError: the loop is closed"
    assert Latch(path).read() == heard.records[0]


def test_a_watcher_that_cannot_read_halts(
    path: Path, watch: LatchWatch, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = Latch.read, iter(range(1_000_000))

    def broken(self: Latch) -> LatchRecord:
        if next(calls) == 0:
            raise MemoryError("no memory")
        return original(self)

    monkeypatch.setattr(Latch, "read", broken)
    heard.wait(1)
    assert (heard.records[0].state, heard.records[0].by) == (State.HALTED, "watch")


def test_a_watcher_whose_halt_fails_too_goes_on_trying(
    path: Path, heard: Heard, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Latch, *args: object) -> None:
        raise MemoryError("no memory")

    Latch(path).engage(State.NO_ENTRIES, "lunch", "anna", NOW + 1)
    monkeypatch.setattr(Latch, "engage", broken)
    watch = LatchWatch(path, heard)
    watch.start()
    heard.failures = 2
    path.unlink()
    heard.wait(1)
    heard.failures = 2
    put(path, State.NO_ENTRIES)
    heard.wait(2)
    watch.stop()
    assert "and so did the halt" in caplog.text
    assert [record.state for record in heard.records] == [State.HALTED, State.NO_ENTRIES]


def test_a_watcher_may_be_stopped_from_its_own_callback(path: Path) -> None:
    done = threading.Event()

    def stop(record: LatchRecord) -> None:
        watch.stop()
        done.set()

    watch = LatchWatch(path, stop)
    watch.start()
    Latch(path).engage(State.HALTED, "why", "anna", NOW + 1)
    assert done.wait(PATIENCE_S)
