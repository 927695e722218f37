"""`sagetool startup-check`: is everything ready to trade? One line each, and a failure is an exit code."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from sagetrade_nautilus.cli.latches import DEFAULT_LATCH, named_latch
from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import ConfigError, GovernanceError
from sagetrade_nautilus.ops.snapshots.restore import pending
from sagetrade_nautilus.run.files import LATCH
from sagetrade_nautilus.run.startup.probes import probe
from sagetrade_nautilus.run.startup.startup import Check, Mode, Outcome, Startup

COLOURS = {Outcome.OK: "green", Outcome.FAILED: "bold red", Outcome.NOT_ASKED: "dim"}


def startup_check(
    config: Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/live-alpaca.toml.")],
    mode: Annotated[Mode, typer.Option(help="How it is to run.")] = Mode.LIVE,
    latch: Annotated[
        Path | None,
        typer.Option(
            envvar="SAGETRADE_LATCH",
            help="The kill switch's file; that of this run's node in this mode, below `node.state`, if left out.",
            callback=named_latch,
        ),
    ] = None,
    venue_url: Annotated[
        str | None, typer.Option(help="The venue's address; the usual one if left out.", metavar="<url>")
    ] = None,
) -> None:
    """Check whatever must hold before a run may trade: configuration, keys, approvals, clock, disk, venue, kill switch.

    Nothing is changed and no order is sent. The exit code is 0 only if no check failed.

    Example: sagetool startup-check configs/live-alpaca.toml --mode paper
    """
    require_ready(config, mode, latch or _latch(config, mode), venue_url)


def _latch(config: Path, mode: Mode) -> Path:
    """Return the kill switch of the run's node; of a configuration that cannot be read a check of its own speaks."""
    try:
        return Path(load(config).node.state) / mode.value / LATCH
    except ConfigError:
        return DEFAULT_LATCH


def require_ready(config: Path, mode: Mode, latch: Path, venue_url: str | None = None) -> None:
    """Print a line for each check, and let a run start only if none failed.

    Raises
    ------
    GovernanceError
        A check failed.
    """
    if pending(Path()) is not None:
        raise GovernanceError("a restore was cut off half-way: `sagetool snapshot resume` finishes it")
    startup = Startup(config, mode, latch=latch, venue=lambda settings: probe(settings, mode, venue_url))
    checks = asyncio.run(startup.run())
    show(checks, Console())
    failed = [check.name for check in checks if check.outcome is Outcome.FAILED]
    if failed:
        raise GovernanceError(f"not ready for {mode}: {', '.join(failed)}")


def show(checks: list[Check], console: Console) -> None:
    """Print a line for each check."""
    for check in told_once(checks):
        colour = COLOURS[check.outcome]
        line = f"{check.name:16} [{colour}]{check.outcome.value:10}[/] {escape(plain(check.says))}"
        console.print(line, highlight=False, soft_wrap=True)


def told_once(checks: Iterable[Check]) -> Iterator[Check]:
    """Yield the checks; a fault that one before has told already points there."""
    said: dict[str, str] = {}
    for check in checks:
        first = said.setdefault(check.says, check.name) if check.outcome is Outcome.FAILED else check.name
        yield check if first == check.name else check._replace(says=f"as above, at {first}")
