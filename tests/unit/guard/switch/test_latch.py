"""The latch fails closed, tightens freely, and loosens only as confirmed."""

import os
import stat
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch.latch import Effect, Latch
from sagetrade_nautilus.guard.switch.state import State, decode, encode
from tests.support.latch import NOW, confirmed, put, record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "latch.json"


def test_a_sound_file_says_what_was_written(path: Path) -> None:
    assert put(path).read() == record(State.RUNNING)


def test_a_missing_file_is_halted(path: Path) -> None:
    assert (Latch(path).read().state, Latch(path).read().reason) == (State.HALTED, "the file is missing")


def test_an_empty_file_is_halted(path: Path) -> None:
    path.touch(mode=0o600)
    assert (Latch(path).read().state, Latch(path).read().reason) == (State.HALTED, "the file is empty")


@pytest.mark.parametrize("mode", [0o602, 0o620, 0o666, 0o777])
def test_a_file_that_others_may_write_is_halted(path: Path, mode: int) -> None:
    latch = put(path)
    path.chmod(mode)
    assert latch.read().state is State.HALTED
    assert "others may write" in latch.read().reason


def test_a_link_is_halted_even_where_it_leads_to_a_sound_file(path: Path) -> None:
    put(path.with_name("real.json"))
    path.symlink_to("real.json")
    assert (Latch(path).read().state, Latch(path).read().reason) == (State.HALTED, "it is a symbolic link")


def test_a_folder_and_a_pipe_are_halted(path: Path) -> None:
    path.mkdir()
    assert (Latch(path).read().state, Latch(path).read().reason) == (State.HALTED, "it is not a regular file")
    path.rmdir()
    os.mkfifo(path, 0o600)
    assert (Latch(path).read().state, Latch(path).read().reason) == (State.HALTED, "it is not a regular file")


def test_a_huge_file_is_halted(path: Path) -> None:
    latch = put(path)
    path.write_bytes(encode(record()) + b" " * 70_000)
    assert (latch.read().state, "larger" in latch.read().reason) == (State.HALTED, True)


def test_a_change_with_the_same_size_times_and_inode_is_seen(path: Path) -> None:
    latch = put(path, State.RUNNING, reason="12345")
    assert latch.read().state is State.RUNNING
    before = path.stat()
    with path.open("r+b") as file:
        file.write(encode(record(State.HALTED, reason="123456")))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)
    assert latch.read().state is State.HALTED


def test_a_latch_that_was_sound_is_halted_once_its_file_is_gone(path: Path) -> None:
    latch = put(path)
    assert latch.read().state is State.RUNNING
    path.unlink()
    assert latch.read().state is State.HALTED


def test_a_stop_is_written_for_every_other_process(path: Path) -> None:
    change = put(path).engage(State.REDUCE_ONLY, "why", "anna", NOW + 5, flatten=True)
    seen = Latch(path).read()
    assert (seen.state, seen.reason, seen.by, seen.ts, seen.flatten) == (
        State.REDUCE_ONLY,
        "why",
        "anna",
        NOW + 5,
        True,
    )
    assert (change.before, change.after, change.changed, change.problem) == (State.RUNNING, seen.state, True, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_stop_makes_the_folder_that_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "a" / "state" / "latch.json"
    Latch(path).engage(State.HALTED, "why", "anna", NOW)
    assert not Latch(path).read().is_fault
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_second_stop_changes_nothing(path: Path) -> None:
    latch = put(path)
    latch.engage(State.HALTED, "why", "anna", NOW)
    raw = path.read_bytes()
    change = latch.engage(State.HALTED, "why", "anna", NOW + 1)
    assert (change.changed, path.read_bytes()) == (False, raw)


def test_nothing_but_the_record_is_left_in_the_folder(path: Path) -> None:
    put(path).engage(State.HALTED, "why", "anna", NOW)
    assert [entry.name for entry in path.parent.iterdir()] == ["latch.json"]


@pytest.mark.parametrize("wish", [State.RUNNING, State.NO_ENTRIES])
def test_a_stop_never_loosens(path: Path, wish: State) -> None:
    latch = put(path, State.REDUCE_ONLY)
    latch.engage(wish, "why", "anna", NOW)
    assert latch.read().state is State.REDUCE_ONLY


def test_a_stop_puts_a_sound_file_in_the_place_of_a_link_a_pipe_or_a_folder(path: Path) -> None:
    real = path.with_name("real.json")
    put(real)
    path.symlink_to(real)
    for make in (lambda: None, lambda: os.mkfifo(path), path.mkdir):
        make()
        Latch(path).engage(State.NO_ENTRIES, "why", "anna", NOW)
        assert (Latch(path).read().state, Latch(path).read().is_fault) == (State.HALTED, False)
        path.unlink()
    assert decode(real.read_bytes()).state is State.RUNNING


def test_a_confirmed_release_loosens_and_ends_the_flattening(path: Path) -> None:
    latch = put(path, State.HALTED, flatten=True)
    change = latch.release(confirmed(latch.read(), State.RUNNING), NOW + 1)
    seen = Latch(path).read()
    assert (seen.state, seen.flatten, seen.by, seen.reason) == (State.RUNNING, False, "test", "fine again")
    assert seen.sequence > NOW
    assert (change.before, change.after) == (State.HALTED, State.RUNNING)


def test_a_release_works_once(path: Path) -> None:
    latch = put(path, State.HALTED)
    release = confirmed(latch.read(), State.RUNNING)
    latch.release(release, NOW)
    latch.engage(State.HALTED, "r", "test", NOW)
    with pytest.raises(KillSwitchError, match="changed since"):
        latch.release(release, NOW)
    assert latch.read().state is State.HALTED


def test_a_stop_between_confirmation_and_release_wins(path: Path) -> None:
    latch = put(path, State.HALTED)
    release = confirmed(latch.read(), State.RUNNING)
    Latch(path).engage(State.HALTED, "again", "boris", NOW)
    with pytest.raises(KillSwitchError, match="changed since"):
        latch.release(release, NOW)
    assert latch.read().state is State.HALTED


@pytest.mark.parametrize("age_s", [-1, 61])
def test_an_old_confirmation_releases_nothing(path: Path, age_s: int) -> None:
    latch = put(path, State.HALTED)
    with pytest.raises(KillSwitchError, match="older than a minute"):
        latch.release(confirmed(latch.read(), State.RUNNING), NOW + age_s * 1_000_000_000)
    assert latch.read().state is State.HALTED


@pytest.mark.parametrize("to", [State.NO_ENTRIES, State.HALTED])
def test_a_release_to_something_no_looser_is_refused(path: Path, to: State) -> None:
    latch = put(path, State.NO_ENTRIES)
    with pytest.raises(KillSwitchError, match="not looser"):
        latch.release(confirmed(latch.read(), to), NOW)


def test_a_fault_is_not_released_before_it_is_on_record(path: Path) -> None:
    latch = Latch(path)
    with pytest.raises(KillSwitchError, match="missing"):
        latch.release(confirmed(latch.read(), State.RUNNING), NOW)
    assert not path.exists()


def test_a_release_for_another_state_of_the_file_is_refused(path: Path) -> None:
    latch = put(path, State.HALTED)
    release = confirmed(record(State.HALTED, sequence=1), State.RUNNING)
    assert release.effect != Effect.of(latch.read(), State.RUNNING)
    with pytest.raises(KillSwitchError, match="changed since"):
        latch.release(release, NOW)


def test_nothing_is_released_in_a_folder_that_others_may_write(path: Path) -> None:
    latch = put(path, State.HALTED)
    path.parent.chmod(0o777)
    with pytest.raises(KillSwitchError, match="others may write to this folder"):
        latch.release(confirmed(latch.read(), State.RUNNING), NOW)
    path.parent.chmod(0o700)
    assert latch.read().state is State.HALTED


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_stop_by_root_can_be_read_by_the_owner_of_the_folder(path: Path) -> None:
    os.chown(path.parent, 1234, 1234)
    change = put(path).engage(State.NO_ENTRIES, "why", "root", NOW + 1, flatten=True)
    assert (change.before, change.after, change.flatten) == (State.RUNNING, State.NO_ENTRIES, True)
    assert Latch(path).read().reason == "why"
    assert (path.stat().st_uid, path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) == (1234, 1234, 0o600)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_a_stranger_is_halted(path: Path) -> None:
    latch = put(path)
    os.chown(path, 1234, 1234)
    assert (latch.read().state, latch.read().reason) == (State.HALTED, "it belongs to another user (1234)")
