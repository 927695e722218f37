"""Whatever happens to the latch's file, disk or writers: never looser than what was engaged, else halted."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State, decode, encode
from tests.support.latch import NOW, FaultyOs, confirmed, full_disk, put, record

KILLS = 300
DISK_ERRORS = [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES, errno.EMFILE, errno.EDQUOT]
PATIENCE_S = 120


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "latch.json"


def _start(root: Path, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.latch_processes", *map(str, words)]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _finish(process: subprocess.Popen[str]) -> str:
    out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, error
    return out


@pytest.fixture(scope="module")
def deaths(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    out = _finish(_start(project_root, "kill", tmp_path_factory.mktemp("kill"), 0, KILLS))
    return [json.loads(line) for line in out.splitlines()]


def test_a_process_killed_at_any_step_of_a_stop_leaves_the_old_state_the_new_or_a_halt(
    deaths: list[dict[str, Any]], record_property: Any
) -> None:
    stops = [death for death in deaths if not death["release"]]
    kinds: Counter[str] = Counter()
    for death in stops:
        old, new, wanted = State(death["old"]), State(death["new"]), max(State(death["old"]), State(death["to"]))
        is_new = death["reason"] == "the new reason" and new is wanted
        assert new >= old, death
        assert death["same"] or is_new or new is State.HALTED, death
        kinds["killed" if death["killed"] else "finished"] += 1
        if not death["killed"]:
            assert new >= wanted, death
    record_property("kinds", dict(kinds))
    assert kinds["killed"] > KILLS // 4
    assert kinds["finished"] > KILLS // 20


def test_a_process_killed_at_any_step_of_a_release_leaves_the_old_state_or_the_new(
    deaths: list[dict[str, Any]],
) -> None:
    releases = [death for death in deaths if death["release"]]
    assert len([death for death in releases if death["killed"]]) > KILLS // 20
    for death in releases:
        assert death["same"] or death["new"] == State.RUNNING, death
        if death["start"] in ("missing", "cut", "running") or death["full"]:
            assert death["same"], death


def test_after_any_death_the_next_stop_works_at_once(deaths: list[dict[str, Any]]) -> None:
    assert len(deaths) == KILLS
    assert {death["after"] for death in deaths} == {State.HALTED}


def test_a_file_cut_at_any_byte_is_halted(path: Path) -> None:
    latch, raw = put(path), encode(record())
    for length in range(len(raw)):
        path.write_bytes(raw[:length])
        assert latch.read().state is State.HALTED, length
        path.write_bytes(raw)
        assert latch.read().state is State.RUNNING


def test_a_file_with_any_bit_flipped_is_halted(path: Path) -> None:
    latch, raw = put(path), encode(record())
    for position in range(len(raw)):
        flips = [raw[:position] + bytes([raw[position] ^ 1 << bit]) + raw[position + 1 :] for bit in range(8)]
        assert {decode(damaged).state for damaged in flips} == {State.HALTED}, position
        path.write_bytes(flips[position % 8])
        assert latch.read().state is State.HALTED, position


def test_a_file_with_any_byte_zeroed_doubled_or_followed_by_more_is_halted(path: Path) -> None:
    latch, raw = put(path), encode(record())
    for position in range(len(raw)):
        for damaged in (
            raw[:position] + b"\0" + raw[position + 1 :],
            raw[:position] + raw[position : position + 1] + raw[position:],
            raw + raw[: position + 1],
            raw[:position] + bytes(len(raw) - position),
        ):
            path.write_bytes(damaged)
            assert latch.read().state is State.HALTED, position


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ENOENT, errno.EMFILE, errno.ESTALE, errno.ELOOP])
@pytest.mark.parametrize("call", ["open", "fstat", "read", "close"])
def test_a_file_that_cannot_be_read_is_halted(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    latch = put(path)
    assert latch.read().state is State.RUNNING

    def fault(count: int, name: str, args: tuple[Any, ...]) -> None:
        if name == call:
            raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        FaultyOs(fault).install(patch)
        assert latch.read().state is State.HALTED
        assert latch.read().is_fault
    assert latch.read().state is State.RUNNING


def _steps(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    latch = put(path)
    with monkeypatch.context() as patch:
        faulty = FaultyOs(lambda number, name, args: None).install(patch)
        latch.engage(State.HALTED, "why", "test", NOW + 1)
    return faulty.calls


@pytest.mark.parametrize("number", DISK_ERRORS)
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_a_disk_that_fails_at_any_step_of_a_stop_halts_or_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, lasting: bool
) -> None:
    steps = _steps(path, monkeypatch)
    outcomes: Counter[str] = Counter()
    for step in range(1, len(steps) + 1):
        put(path)
        latch = Latch(path)

        def fault(count: int, name: str, args: tuple[Any, ...], step: int = step) -> None:
            if count == step or (lasting and count > step):
                raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            FaultyOs(fault).install(patch)
            outcome = _stop(latch)
        outcomes[outcome] += 1
        assert latch.read().state is State.HALTED, step
        assert outcome == "told" or Latch(path).read().state is State.HALTED, (step, steps[step - 1])
        _clear(path)
    assert outcomes["halted"] > 0
    assert set(outcomes) <= ({"halted", "told"} if lasting else {"halted"})


def _stop(latch: Latch) -> str:
    try:
        latch.engage(State.HALTED, "why", "test", NOW + 1)
    except KillSwitchError as error:
        return "told" if "by hand" in str(error) else str(error)
    return "halted"


def _clear(path: Path) -> None:
    if path.is_dir():
        path.rmdir()


def test_a_full_disk_still_records_the_stop_with_its_reason(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latch = put(path, reason="long " * 20)
    FaultyOs(full_disk).install(monkeypatch)
    change = latch.engage(State.HALTED, "why", "anna", NOW + 1, flatten=True)
    seen = Latch(path).read()
    assert (seen.state, seen.reason, seen.flatten) == (State.HALTED, "why", True)
    assert change.problem == "No space left on device; it was written over the old file instead"


def test_a_full_disk_releases_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latch = put(path, State.HALTED)
    FaultyOs(full_disk).install(monkeypatch)
    with pytest.raises(KillSwitchError, match="not released: No space left"):
        latch.release(confirmed(latch.read(), State.RUNNING), NOW)
    assert Latch(path).read() == record(State.HALTED)


def test_a_process_whose_stop_the_disk_refused_stays_halted_and_releases_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(count: int, name: str, args: tuple[Any, ...]) -> None:
        if name in ("replace", "unlink", "mkdir") or (name == "open" and args[1] & (os.O_WRONLY | os.O_CREAT)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    latch = put(path)
    with monkeypatch.context() as patch:
        FaultyOs(broken).install(patch)
        with pytest.raises(KillSwitchError, match="NOT halted: it could not be written: Read-only"):
            latch.engage(State.HALTED, "why", "anna", NOW + 1)
    assert latch.read().state is State.HALTED
    with pytest.raises(KillSwitchError, match="start it anew"):
        latch.release(confirmed(latch.read(), State.RUNNING), NOW)


def test_a_lost_wish_to_close_positions_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(count: int, name: str, args: tuple[Any, ...]) -> None:
        if name == "open" and args[1] & (os.O_WRONLY | os.O_CREAT):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    latch = put(path)
    FaultyOs(broken).install(monkeypatch)
    change = latch.engage(State.REDUCE_ONLY, "why", "anna", NOW + 1, flatten=True)
    assert (change.after, change.flatten) == (State.HALTED, False)
    assert "wish to close positions could not be recorded" in change.problem


def test_a_stop_beats_a_release_that_was_frozen_with_the_lock_in_its_hands(path: Path, project_root: Path) -> None:
    put(path, State.HALTED)
    frozen = _start(project_root, "freeze", path)
    try:
        assert frozen.stdout is not None
        assert frozen.stdout.readline() == "frozen\n"
        change = Latch(path).engage(State.HALTED, "why", "anna", NOW + 1)
        assert "could not be locked or written: another process has held" in change.problem
        assert Latch(path).read().state is State.HALTED
    finally:
        frozen.send_signal(signal.SIGCONT)
    assert _finish(frozen).startswith("refused:")
    assert Latch(path).read().state is State.HALTED
    Latch(path).engage(State.HALTED, "why", "anna", NOW + 2)
    assert Latch(path).read().reason == "why"


def test_processes_that_engage_at_once_never_see_it_looser(path: Path, project_root: Path) -> None:
    put(path)
    racers = [_start(project_root, "engage", path, seed, 30) for seed in range(4)]
    ends = {_finish(racer).strip() for racer in racers}
    assert ends
    assert Latch(path).read().state == max(map(State, ends))
