"""The kill switch in a node's event loop: answers every change there, and turns its own failures into a halt."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nautilus_trader.common.component import LiveClock

from sagetrade_nautilus.guard.switch.heartbeat import Beat, beside, look, parse
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.live import LiveSwitch
from sagetrade_nautilus.guard.switch.response import Response
from sagetrade_nautilus.guard.switch.state import State, StateChange
from tests.support.latch import confirmed, put

PATIENCE_S = 10.0


class FakeResponse:
    """Notes what it is asked for, on which task, and fails the first `failures` times."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.asked: list[tuple[State, bool, str]] = []
        self.done = Response()

    def apply(self, state: State, *, flatten: bool, reason: str) -> Response:
        asyncio.get_running_loop()  # raises elsewhere than on the loop
        self.asked.append((state, flatten, reason))
        if self.failures:
            self.failures -= 1
            raise RuntimeError("no cache")
        self.done = Response(3, 1 if flatten else 0, state is State.HALTED)
        return self.done


class Scene:
    def __init__(self, folder: Path, state: State = State.RUNNING, failures: int = 0) -> None:
        self.latch = put(folder / "latch.json", state)
        self.response = FakeResponse(failures)
        self.journal: list[StateChange] = []
        self.looks = 0
        self.look_fails = False
        self.switch = LiveSwitch(
            Latch(self.latch.path),
            self._answer,
            lambda: self.response.done,
            self._look,
            asyncio.get_running_loop(),
            LiveClock(),
            beside(self.latch.path),
            0.02,
            self.journal.append,
        )

    def _answer(self) -> Response:
        said = self.latch.read()
        return self.response.apply(said.state, flatten=said.flatten, reason=said.reason)

    def _look(self) -> None:
        self.looks += 1
        if self.look_fails:
            raise RuntimeError("no account")

    def engage(self, state: State = State.HALTED, *, flatten: bool = False) -> None:
        self.latch.engage(state, "a drill", "test", time.time_ns(), flatten=flatten)

    def beat(self) -> Beat:
        beat = parse(look(beside(self.latch.path)))
        assert beat is not None
        return beat


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


def test_each_change_is_answered_journaled_and_shown(tmp_path: Path) -> None:
    async def play() -> None:
        scene = Scene(tmp_path)
        scene.switch.start()
        await until(lambda: scene.response.asked)
        scene.engage(flatten=True)
        await until(lambda: len(scene.response.asked) == 2)
        await until(lambda: scene.beat().state == "halted")
        assert (scene.beat().cancelled, scene.beat().closing, scene.beat().stopped) == (3, 1, False)
        assert scene.beat().sequence == scene.latch.read().sequence
        now = time.time_ns()
        scene.latch.release(confirmed(scene.latch.read(), State.RUNNING, now), now)
        await until(lambda: len(scene.response.asked) == 3)
        scene.switch.end()
        assert scene.beat().stopped
        assert [state for state, _, _ in scene.response.asked] == [State.RUNNING, State.HALTED, State.RUNNING]
        assert [(line.before, line.after, line.by) for line in scene.journal] == [
            (State.RUNNING, State.HALTED, "test"),
            (State.HALTED, State.RUNNING, "test"),
        ]

    asyncio.run(play())


def test_what_the_latch_says_already_is_answered_after_the_start(tmp_path: Path) -> None:
    async def play() -> None:
        scene = Scene(tmp_path, State.HALTED)
        scene.switch.start()
        assert scene.response.asked == []  # strategies that start after this one must hear of it
        await until(lambda: scene.response.asked)
        scene.switch.end()
        assert scene.response.asked == [(State.HALTED, False, "r")]
        assert [(line.after, line.changed) for line in scene.journal] == [(State.HALTED, False)]

    asyncio.run(play())


def test_an_answer_that_fails_halts_everybody_and_is_tried_until_it_succeeds(tmp_path: Path) -> None:
    async def play() -> None:
        scene = Scene(tmp_path)
        scene.switch.start()
        await until(lambda: scene.response.asked)
        scene.response.failures = 2
        scene.engage(State.NO_ENTRIES)
        await until(lambda: scene.latch.read().state is State.HALTED)
        await until(lambda: scene.beat().state == "halted")
        scene.switch.end()
        assert scene.latch.read().by == "guard"
        assert scene.latch.read().reason == "the answer to the kill switch failed: RuntimeError: no cache"

    asyncio.run(play())


def test_a_dead_watcher_halts_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        scene = Scene(tmp_path)
        scene.switch.start()
        await until(lambda: scene.response.asked)
        scene.switch._watch.stop()
        await until(lambda: scene.beat().state == "halted")
        scene.switch.end()
        assert scene.latch.read().reason == "the kill switch's watcher died"
        assert scene.response.asked[-1][0] is State.HALTED

    asyncio.run(play())


def test_a_disk_that_takes_no_heartbeat_does_not_end_the_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def play() -> None:
        scene = Scene(tmp_path)
        scene.switch.start()
        await until(lambda: look(beside(scene.latch.path)))
        (tmp_path / "latch.heartbeat.tmp").mkdir()
        await until(lambda: "no heartbeat could be written" in caplog.text)
        (tmp_path / "latch.heartbeat.tmp").rmdir()
        count = scene.beat().count
        await until(lambda: scene.beat().count > count)
        scene.switch.end()
        scene.switch.end()

    asyncio.run(play())


async def _looked(folder: Path, *, fails: bool) -> tuple[int, State]:
    scene = Scene(folder)
    scene.look_fails = fails
    scene.switch.start()
    deadline = time.monotonic() + PATIENCE_S
    while scene.looks < 3 and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    scene.switch.end()
    return scene.looks, scene.latch.read().state


@pytest.mark.parametrize(("fails", "state"), [(False, State.RUNNING), (True, State.HALTED)])
def test_it_looks_at_the_account_with_every_beat_and_halts_if_it_cannot(
    tmp_path: Path, fails: bool, state: State
) -> None:
    looks, said = asyncio.run(_looked(tmp_path, fails=fails))
    assert looks >= 3
    assert said is state
