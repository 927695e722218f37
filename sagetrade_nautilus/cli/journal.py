"""`sagetool journal`: whether a journal is still what was written."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal.chain import Head, VerifyResult
from sagetrade_nautilus.guard.journal.journal import check, kept_head

app = typer.Typer(name="journal", no_args_is_help=True, help="Check a journal.")


@app.callback()
def _journal() -> None:
    """Check a journal."""


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="The journal, for example runs/demo-1a2b3c4d/decisions.jsonl.")],
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            help="The head as you noted it elsewhere; the one in the file beside the journal if left out.",
            metavar="<seq:hash>",
        ),
    ] = None,
) -> None:
    """Check every line of a journal: whether any was edited, deleted, moved, or put in.

    A tail that was cut off and a chain that was rebuilt can only be found with a head that was noted before and kept
    elsewhere. Without --head, the one in the file beside the journal is used, which an intruder may have changed too.
    Exits with code 8 if the journal does not hold.

    Example: sagetool journal verify runs/demo-1a2b3c4d/decisions.jsonl
    """
    noted = kept_head(file) if head is None else Head.parse(head)
    result = check(file, noted)
    raise_if_broken(file, result)
    if result.unfinished_bytes:
        raise JournalError(
            f"{plain(str(file))}: {result.lines:,} lines hold; after them stands an unfinished line of "
            f"{result.unfinished_bytes:,} bytes: the process died while it wrote, or the file was cut there; "
            "a node that goes on with it drops that line, and says so"
        )
    console = Console(highlight=False)
    console.print(
        Text.assemble(("ok", "green"), f" {result.lines:,} lines, {_against(result, noted, head is not None)}")
    )
    console.print(Text("head, to be kept elsewhere:"))
    console.print(Text(str(result.head)), soft_wrap=True)


def _against(result: VerifyResult, noted: Head | None, given: bool) -> str:
    """Say what a sound journal was checked against, and how far that reaches."""
    if noted is None:
        return "no head to check against, so a cut tail would not be noticed"
    later = result.lines - 1 - noted.seq
    since = f", which does not reach the last {later:,}" if later else ""
    return f"against the head {'that you gave' if given else 'beside it'}{since}"


def raise_if_broken(file: Path, result: VerifyResult) -> None:
    """Raise a `JournalError` that names the first bad line, if there is one."""
    if result.fault is not None:
        raise JournalError(
            f"{plain(str(file))}: {result.fault.value}: {result.detail}; "
            f"the {result.lines:,} lines before it hold, what follows proves nothing; "
            "keep the file as it is, and find out who changed it"
        )
