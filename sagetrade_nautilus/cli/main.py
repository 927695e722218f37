"""The process's edge: errors of ours become one clear message and a non-zero exit, Ctrl-C a clean stop."""

import os
import signal
import sys
from types import FrameType

from rich.console import Console
from rich.markup import escape

from sagetrade_nautilus.cli.app import app
from sagetrade_nautilus.errors import SageTradeError
from sagetrade_nautilus.ops.logs import VARIABLE, diverted

INTERRUPTED = 130
AGAIN_S = 0.02
SERVICES = frozenset({"replay", "paper", "live", "ingest", "score", "watchdog", "bot", "dashboard"})
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


def main() -> None:
    """Run the command line."""
    heed_requests_to_end()
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    with diverted(name, os.environ.get(VARIABLE) if name in SERVICES else None):
        _run()


def _run() -> None:
    console = Console(stderr=True)
    try:
        app()
    except SageTradeError as error:
        console.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except _Stopped:
        console.print("stopped; nothing half-done was left behind")
        raise
