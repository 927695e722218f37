"""Where `sagetool` begins: Ctrl-C is a clean stop from the first moment, so all else is imported after it is."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130
AGAIN_S = 0.02
SERVICES = frozenset({"replay", "paper", "trial", "live", "ingest", "score", "watchdog", "bot", "dashboard"})
"""The commands that run for long, and whose log may go elsewhere; all others talk to a person."""


class _Stopped(SystemExit):
    """Ctrl-C, in a form that the command line's own handling leaves alone."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise _Stopped(INTERRUPTED)


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
    """Have Ctrl-C end the process with `INTERRUPTED`, and every request to end heeded, whatever is going on."""
    sys.unraisablehook = _unraisable
    signal.signal(signal.SIGINT, _stop)


@contextmanager
def _stop_told() -> Iterator[None]:
    try:
        yield
    except _Stopped:
        print("stopped; nothing half-done was left behind", file=sys.stderr)
        raise


def main() -> None:
    """Run the command line."""
    heed_requests_to_end()
    with _stop_told():
        from sagetrade_nautilus.cli.app import app  # noqa: PLC0415 - Ctrl-C must work meanwhile
        from sagetrade_nautilus.cli.edge import edge  # noqa: PLC0415 - Ctrl-C must work meanwhile
        from sagetrade_nautilus.ops.logs import VARIABLE, diverted  # noqa: PLC0415 - as above
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    target = os.environ.get(VARIABLE) if name in SERVICES else None
    with edge(), diverted(name, target), edge(), _stop_told():
        app()
