"""A heartbeat is alive while it changes, whatever clocks and file times say."""

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat, Pulse, Vital, beside, look, parse

STALE_S = 5.0


def raw(count: int, **fields: object) -> bytes:
    return msgspec.json.encode(Beat(pid=1, count=count, **fields))  # type: ignore[arg-type]


def test_what_is_written_is_read_back_and_nobody_else_may_write_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "latch.heartbeat"
    beat = Beat(pid=os.getpid(), count=3, state="halted", sequence=9, cancelled=2, closing=1)
    Heartbeat(path).write(beat)
    assert parse(look(path)) == beat
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["latch.heartbeat"]


def test_it_stands_beside_the_latch() -> None:
    assert beside(Path("state/latch.json")) == Path("state/latch.heartbeat")


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(GuardError, match="no heartbeat can be written there"):
        Heartbeat(tmp_path / "state" / "latch.heartbeat")


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"pid":1}'])
def test_what_is_no_beat_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "beat"
    path.write_bytes(content)
    assert parse(look(path)) is None


def test_a_missing_file_is_waited_for() -> None:
    pulse = Pulse(STALE_S)
    assert {pulse.judge(None, float(second)) for second in range(100)} == {Vital.WAITING}


def test_a_beat_that_changes_is_alive_and_one_that_does_not_is_stale() -> None:
    pulse = Pulse(STALE_S)
    assert {pulse.judge(raw(second), float(second)) for second in range(20)} == {Vital.ALIVE}
    assert pulse.judge(raw(19), 19.0 + STALE_S) is Vital.ALIVE
    assert pulse.judge(raw(19), 19.1 + STALE_S) is Vital.STALE
    assert pulse.judge(raw(20), 30.0) is Vital.ALIVE


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_a_file_that_vanishes_or_makes_no_sense_is_stale_in_time(content: bytes | None) -> None:
    pulse = Pulse(STALE_S)
    pulse.judge(raw(1), 0.0)
    assert pulse.judge(content, 4.0) is Vital.ALIVE
    assert pulse.judge(content, 6.0) is Vital.STALE


def test_a_file_that_stood_still_before_anybody_looked_is_stale_in_time() -> None:
    pulse = Pulse(STALE_S)
    assert pulse.judge(raw(7), 100.0) is Vital.ALIVE
    assert pulse.judge(raw(7), 106.0) is Vital.STALE


def test_a_node_that_stopped_in_good_order_never_grows_stale() -> None:
    pulse = Pulse(STALE_S)
    pulse.judge(raw(1), 0.0)
    assert pulse.judge(raw(2, stopped=True), 1.0) is Vital.STOPPED
    assert pulse.judge(None, 1_000.0) is Vital.STOPPED
    assert pulse.judge(raw(1), 1_001.0) is Vital.ALIVE
    assert pulse.judge(raw(1), 1_007.0) is Vital.STALE


@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 4.0)), min_size=1, max_size=60))
def test_it_is_stale_exactly_while_nothing_changed_for_too_long(looks: list[tuple[bool, float]]) -> None:
    pulse, now, changed, count = Pulse(STALE_S), 0.0, 0.0, 0
    pulse.judge(raw(0), 0.0)
    for beats, pause in looks:
        now += pause
        if beats:
            count, changed = count + 1, now
        wanted = Vital.STALE if now - changed > STALE_S else Vital.ALIVE
        assert pulse.judge(raw(count), now) is wanted


def test_a_beat_that_is_nested_too_deeply_is_none_and_the_heart_stands_still() -> None:
    deep = b'{"x":' + b"[" * 30_000
    assert parse(deep) is None
    pulse = Pulse(STALE_S)
    assert pulse.judge(deep, 0.0) is Vital.ALIVE
    assert pulse.judge(deep, STALE_S + 1.0) is Vital.STALE
