"""How fast a replay goes, and what its control file may say."""

import asyncio
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.common.component import TestClock

from adapters.replay.clocks import ReplayClocks
from adapters.replay.pace import Command, Control, Pace, parse_command, parse_moment, parse_speed
from sagetrade_nautilus.errors import ConfigError

SECOND = 1_000_000_000


@pytest.mark.parametrize(("text", "speed"), [("1", 1.0), ("60", 60.0), ("0.5", 0.5), ("max", 0.0)])
def test_a_speed_is_a_number_above_0_or_max(text: str, speed: float) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "fast"])
def test_no_other_speed_is_taken(text: str) -> None:
    with pytest.raises(ConfigError, match="speed"):
        parse_speed(text)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("pause\n", Command(paused=True)),
        ("play", Command(paused=False)),
        ("speed 60", Command(speed=60.0)),
        ("speed max", Command(speed=0.0)),
        ("jump 2022-03-02T10:00", Command(jump_ns=1_646_215_200 * SECOND)),
        ("jump 2022-03-02 11:00+01:00", Command(jump_ns=1_646_215_200 * SECOND)),
    ],
)
def test_each_command_is_understood(text: str, command: Command) -> None:
    assert parse_command(text) == command


@given(st.text(max_size=40))
def test_any_other_text_is_refused_with_a_reason(text: str) -> None:
    word = text.strip().partition(" ")[0]
    if word not in ("pause", "play", "speed", "jump"):
        with pytest.raises(ConfigError, match="control"):
            parse_command(text)


def test_a_moment_without_a_zone_is_utc() -> None:
    assert parse_moment("2022-03-02") == parse_moment("2022-03-02T00:00:00Z")


def test_a_command_is_obeyed_once_and_nonsense_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    control = Control(tmp_path / "control", told.append)
    assert control.take() == Command()
    (tmp_path / "control").write_text("pause")
    assert control.take() == Command(paused=True)
    assert control.take() == Command()
    (tmp_path / "control").write_bytes(b"\xff\xfe")
    assert control.take() == Command()
    assert len(told) == 2
    assert "none of" in told[1]


def test_a_command_that_a_shell_has_begun_to_write_is_not_lost(tmp_path: Path) -> None:
    told: list[str] = []
    control = Control(tmp_path / "control", told.append)
    with (tmp_path / "control").open("w") as shell:
        assert control.take() == Command()
        shell.write("pause\n")
    assert control.take() == Command(paused=True)
    assert control.take() == Command()
    assert told == ["control: pause"]


def test_an_empty_file_keeps_no_later_command_out(tmp_path: Path) -> None:
    control = Control(tmp_path / "control", lambda line: None)
    (tmp_path / "control").touch()
    assert control.take() == Command()
    (tmp_path / "control").write_text("play")
    assert control.take() == Command(paused=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("writers", [1, 4])
def test_of_commands_written_without_rest_the_last_is_always_heard(tmp_path: Path, writers: int) -> None:
    heard: list[Command] = []
    control = Control(tmp_path / "control", lambda line: None)
    done = threading.Event()

    def write() -> None:
        for _ in range(300):
            (tmp_path / "control").write_text("pause\n")
        done.set()

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    while not done.is_set():
        heard.append(control.take())
    for thread in threads:
        thread.join()
    (tmp_path / "control").write_text("play\n")
    assert Command(paused=True) in heard
    assert Command(paused=False) in [control.take(), control.take()]


def reach(pace: Pace, ts: int) -> tuple[float, list[int]]:
    """Return how long it took, and at which of its moments a clock that ticks every second rang."""
    clock, rung = TestClock(), []

    async def nothing() -> None:
        pass

    clocks = ReplayClocks(lambda: [clock], nothing)
    clocks.set(0)
    clock.set_timer_ns("tick", SECOND, 0, 0, lambda event: rung.append(event.ts_event // SECOND))
    began = time.monotonic()
    asyncio.run(pace.reach(ts, clocks))
    return time.monotonic() - began, rung


def test_it_waits_as_long_as_the_speed_says_and_timers_ring_meanwhile() -> None:
    took, rung = reach(Pace(50.0), 10 * SECOND)
    assert 0.2 <= took < 1.0
    assert rung == list(range(1, len(rung) + 1))
    assert len(rung) >= 5


@pytest.mark.parametrize("pace", [Pace(), Pace(1.0, jump_ns=10 * SECOND)])
def test_it_does_not_wait_at_full_speed_or_within_a_jump(pace: Pace) -> None:
    took, rung = reach(pace, 10 * SECOND)
    assert took < 0.2
    assert rung == []
