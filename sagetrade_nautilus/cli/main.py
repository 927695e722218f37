"""Where `sagetool` begins: a request to end is a clean stop from the first moment, so all else is imported later."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALLED = 128
"""Added to the number of the signal that ended a process, this is its exit code."""
AGAIN_S = 0.02
MAX_STREAM = 2
SERVICES = frozenset({"replay", "paper", "trial", "live", "ingest", "score", "watchdog", "bot", "dashboard"})
"""The commands that run for long, and whose log may go elsewhere; all others talk to a person."""


class _Stopped(SystemExit):
    """A request to end, in a form that the command line's own handling leaves alone."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise _Stopped(SIGNALLED + number)


def _unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """Have a request to end raised once more where it could not be passed on, as in a callback of compiled code."""
    asked = lost.exc_value
    if not isinstance(asked, SystemExit):
        sys.__unraisablehook__(lost)
        return

    def again(number: int, frame: FrameType | None) -> None:
        raise type(asked)(asked.code)

    signal.signal(signal.SIGALRM, again)
    signal.setitimer(signal.ITIMER_REAL, AGAIN_S)


def heed_requests_to_end() -> None:
    """Have Ctrl-C, SIGTERM and a terminal that closes end the process in good order, whatever is going on.

    A process that is to outlive its terminal, as by `nohup`, does.
    """
    sys.unraisablehook = _unraisable
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _stop)


def fill_closed_streams() -> None:
    """Let no file be opened in the place of a standard stream that was closed: what is printed would land in it."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= MAX_STREAM:
        os.set_inheritable(number, True)
    os.close(number)


@contextmanager
def _stop_told() -> Iterator[None]:
    try:
        yield
    except _Stopped:
        with suppress(OSError):  # its terminal may be gone
            print("stopped; nothing half-done was left behind", file=sys.stderr, flush=True)
        raise


def main() -> None:
    """Run the command line."""
    fill_closed_streams()
    heed_requests_to_end()
    with _stop_told():
        from sagetrade_nautilus.cli.app import app  # noqa: PLC0415 - Ctrl-C must work meanwhile
        from sagetrade_nautilus.cli.edge import edge  # noqa: PLC0415 - Ctrl-C must work meanwhile
        from sagetrade_nautilus.ops.logs import VARIABLE, diverted  # noqa: PLC0415 - as above
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    target = os.environ.get(VARIABLE) if name in SERVICES else None
    with edge(), diverted(name, target), edge(), _stop_told():
        app()
