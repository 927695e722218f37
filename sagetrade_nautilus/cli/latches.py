"""Which kill switch a command means: the one that `--latch` names, or what stands below ``./state``."""

from pathlib import Path
from typing import Annotated

import typer

from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch.life import below

STATE = Path("state")
DEFAULT_LATCH = STATE / "latch.json"


def named_latch(latch: Path | None) -> Path | None:
    """Return the file that `--latch` names, if it can be a kill switch's."""
    if latch is not None and latch.name in ("", ".."):
        raise typer.BadParameter(f"name the file, such as {DEFAULT_LATCH}", param_hint="--latch")
    if latch is not None and latch.parts[0].startswith("~"):
        raise typer.BadParameter(f"{latch}: no shell has put your home in the place of ~", param_hint="--latch")
    if latch is not None and latch.suffix != DEFAULT_LATCH.suffix:
        raise typer.BadParameter(f"{latch} is no kill switch's file: those end with .json", param_hint="--latch")
    return latch


AnyLatchOption = Annotated[
    Path | None,
    typer.Option(
        "--latch", envvar="SAGETRADE_LATCH", help="One kill switch's file; all below ./state if left out.",
        callback=named_latch,
    ),
]  # fmt: skip


OneLatchOption = Annotated[
    Path | None,
    typer.Option(
        "--latch", envvar="SAGETRADE_LATCH", help="The kill switch's file; the only one below ./state if left out.",
        callback=named_latch,
    ),
]  # fmt: skip


def latches(latch: Path | None) -> list[Path]:
    """Return the kill switches that are meant: the one that is named, or every one below ``state/``."""
    return below(STATE, DEFAULT_LATCH.name) if latch is None else [latch]


def the_one(latch: Path | None) -> Path:
    """Return the kill switch that is meant where only one can be, there or not yet."""
    found = latches(latch)
    if len(found) > 1:
        raise KillSwitchError(f"there are several: name one with --latch: {', '.join(map(str, found))}")
    return found[0] if found else DEFAULT_LATCH
