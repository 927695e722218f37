"""The process's edge: whatever ends a command becomes one message and an exit code, and never a traceback."""

import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

from sagetrade_nautilus.errors import SageTradeError, cause
from sagetrade_nautilus.ops.logs import is_diverted
from sagetrade_nautilus.ops.masking import Masker
from sagetrade_nautilus.secrets import present

FAILED: Final = 1


@contextmanager
def edge() -> Iterator[None]:
    """Turn what is raised in the block into a line on standard error and an exit code."""
    _write_anything()
    try:
        try:
            yield
        finally:
            print(end="", flush=True)
    except SageTradeError as error:
        _leave(str(error), error.exit_code)
    except BrokenPipeError:
        _drop_output()
        sys.exit(FAILED)
    except OSError as error:
        _drop_output()
        _leave(f"{error.filename or 'the operating system refuses'}: {cause(error)}", FAILED)
    except ImportError as error:
        _leave(f"a part of the installation cannot be loaded: {error}; install sagetrade-nautilus anew", FAILED)
    except Exception as error:  # noqa: BLE001 - a defect is told in one line, and its traceback kept for the report
        _leave(_defect(error), FAILED)


def _write_anything() -> None:
    """Have what a stream's encoding lacks become '?', instead of an error in the midst of an answer."""
    for stream in (sys.stdout, sys.stderr):
        change = getattr(stream, "reconfigure", None)
        if change is not None:
            change(errors="replace")


def _drop_output() -> None:
    """Have nothing more go to standard output, since the interpreter would fail on the rest when it ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _leave(message: str, code: int) -> NoReturn:
    from rich.console import Console  # noqa: PLC0415 - the kill switch's commands start sooner without
    from rich.markup import escape  # noqa: PLC0415 - as above

    with suppress(OSError):
        Console(stderr=True).print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    sys.exit(code)


def _defect(error: Exception) -> str:
    """Say what broke and where, and keep the traceback: in the log where there is one, else in a file."""
    masker = Masker(present())
    at = traceback.extract_tb(error.__traceback__)[-1]
    said = f"this is a defect: {type(error).__name__}: {masker.mask(str(error))} (at {at.filename}:{at.lineno})"
    told = masker.mask("".join(traceback.format_exception(error)))
    if is_diverted():
        return f"{said}\n{told}"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="sagetool-", suffix=".txt", delete=False) as kept:
            kept.write(told)
    except OSError:
        return f"{said}. Please report it"
    return f"{said}. Please report it, with what stands in {kept.name}"
