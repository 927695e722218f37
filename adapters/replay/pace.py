"""How fast a replay goes, and the commands that change it while it runs."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from adapters.replay.clocks import ReplayClocks
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

SLICE_S = 0.05
"""How often the clocks go on, and the control file is read, while a replay waits."""
COMMANDS = "`pause`, `play`, `speed 60`, `speed max` or `jump 2022-03-02T10:00`"


class Command(msgspec.Struct, frozen=True):
    """What the control file asks for; what is ``None`` stays as it is.

    `speed` is how many times faster than the data were, 0 for as fast as it goes; `jump_ns` UNIX nanoseconds.
    """

    paused: bool | None = None
    speed: float | None = None
    jump_ns: int | None = None


def parse_speed(text: str) -> float:
    """Return how many times faster than it was: '1', '60', or 'max', which is 0.

    Raises
    ------
    ConfigError
        It is neither.
    """
    try:
        speed = 0.0 if text == "max" else float(text)
    except ValueError:
        speed = -1.0
    if not (text == "max" or 0.0 < speed < float("inf")):
        raise ConfigError(f"speed: {text!r} is neither a number above 0 nor `max`")
    return speed


def parse_moment(text: str) -> int:
    """Return a date and time, UTC unless it says otherwise, as UNIX nanoseconds; whole seconds.

    Raises
    ------
    ConfigError
        It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(moment.timestamp()) * NANOS_PER_SECOND
    except (ValueError, OverflowError):
        raise ConfigError(f"{text[:80]!r} is no date and time; write it as 2022-03-02T10:00") from None


def parse_command(text: str) -> Command:
    """Return what a line of the control file asks for.

    Raises
    ------
    ConfigError
        It is no command.
    """
    word, _, rest = text.strip().partition(" ")
    if word in ("pause", "play") and not rest:
        return Command(paused=word == "pause")
    if word == "speed":
        return Command(speed=parse_speed(rest.strip()))
    if word == "jump":
        return Command(jump_ns=parse_moment(rest.strip()))
    raise ConfigError(f"control: {text.strip()[:80]!r} is none of {COMMANDS}")


def taken(control: Path) -> Path:
    """Return where a control file is until it has been read."""
    return control.with_name(f"{control.name}.taken")


class Control:
    """A file that somebody writes a command to; each is obeyed once and taken away.

    It is taken away before it is read: what is written meanwhile is a file of its own. One that is still empty waits
    for its writer, whom a shell has open it first.

    Parameters
    ----------
    path : Path
        The file. It need not be there.
    tell : callable
        Told of every command, also of one that makes no sense.
    """

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self._path = path
        self._taken = taken(path)
        self._tell = tell

    def take(self) -> Command:
        """Return what is asked for, nothing if there is no file."""
        try:
            with suppress(FileNotFoundError):
                self._path.replace(self._taken)
            text = self._taken.read_bytes()[:200].decode(errors="replace")
            if not text.strip():
                return Command()
            self._taken.unlink()
        except OSError:
            return Command()
        try:
            command = parse_command(text)
        except ConfigError as error:
            self._tell(str(error))
            return Command()
        self._tell(f"control: {text.strip()}")
        return command


class Pace:
    """Makes a replay wait.

    Parameters
    ----------
    speed : float
        How many times faster than the data were; 0 is without waiting.
    control : Control, optional
        Where commands come from.
    jump_ns : int
        Until when it does not wait, UNIX nanoseconds: a jump plays what lies between, without waiting, so that
        indicators, positions and the guard are what they would be.
    """

    def __init__(self, speed: float = 0.0, control: Control | None = None, jump_ns: int = 0) -> None:
        self._speed = speed
        self._control = control
        self._jump_ns = jump_ns
        self._paused = False
        self._looked_s = 0.0
        self._anchor: tuple[float, int] | None = None

    async def reach(self, ts: int, clocks: ReplayClocks) -> None:
        """Wait until it is time for `ts`, letting the clocks go on and timers ring meanwhile."""
        while True:
            self._obey()
            if self._paused:
                self._anchor = None
                await asyncio.sleep(SLICE_S)
                continue
            if not self._speed or ts <= self._jump_ns:
                self._anchor = None
                return
            now_s = time.monotonic()
            began_s, began_ns = self._anchor = self._anchor or (now_s, clocks.now_ns)
            target = began_ns + round((now_s - began_s) * self._speed * NANOS_PER_SECOND)
            if target >= ts:
                return
            await clocks.ring_through(target)
            left_s = (ts - target) / NANOS_PER_SECOND / self._speed
            await asyncio.sleep(min(SLICE_S, left_s))

    def _obey(self) -> None:
        now_s = time.monotonic()
        if self._control is None or now_s - self._looked_s < SLICE_S:
            return
        self._looked_s = now_s
        command = self._control.take()
        if command.paused is not None:
            self._paused = command.paused
        if command.speed is not None:
            self._speed, self._anchor = command.speed, None
        if command.jump_ns is not None:
            self._jump_ns = command.jump_ns
