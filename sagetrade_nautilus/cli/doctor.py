"""`sagetool doctor`: what is wrong, and how to mend it."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.cli.snapshot import DEFAULT_STORE, HERE, HomeOption, StoreOption
from sagetrade_nautilus.cli.startup import told_once
from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import ConfigError, GovernanceError
from sagetrade_nautilus.ops.doctor import Finding, Level, installation, nodes, worst
from sagetrade_nautilus.run.files import LATCH
from sagetrade_nautilus.run.startup.probes import probe
from sagetrade_nautilus.run.startup.startup import Check, Mode, Outcome, Startup

COLOURS = {Level.OK: "green", Level.NOTE: "yellow", Level.FAILED: "bold red"}
LEVELS = {Outcome.OK: Level.OK, Outcome.FAILED: Level.FAILED, Outcome.NOT_ASKED: Level.NOTE}


def doctor(
    config: Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/paper-binance.toml.")],
    mode: Annotated[Mode | None, typer.Option(help="How it is to run; as `node.data` says if left out.")] = None,
    home: HomeOption = HERE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Look at the configuration, the machine, every node's folder and the running node; say how to mend what is wrong.

    Nothing is changed. The exit code is 0 only if nothing failed.

    Example: sagetool doctor configs/paper-binance.toml
    """
    console = Console()
    findings = list(installation(home, store, time.time_ns()))
    try:
        settings = load(config)
    except ConfigError as error:
        findings.append(Finding("config", Level.FAILED, str(error), "docs/configuration.md lists every key"))
    else:
        chosen = mode or (Mode.REPLAY if settings.node.data == "replay" else Mode.PAPER)
        latch = Path(settings.node.state) / chosen.value / LATCH
        startup = Startup(config, chosen, latch=latch, venue=lambda run: probe(run, chosen, None))
        findings = [*map(_finding, told_once(_asked(asyncio.run(startup.run()), latch))), *findings, *nodes(settings)]
    for finding in findings:
        show(console, finding)
    failed = worst(findings)
    if failed:
        raise GovernanceError(f"to be mended: {', '.join(failed)}")
    console.print("nothing is wrong that can be seen from here", highlight=False)


def _asked(checks: list[Check], latch: Path) -> list[Check]:
    """Leave out what this mode does not ask, and the kill switch of a node that never was: its first start makes it."""
    return [
        check
        for check in checks
        if check.outcome is not Outcome.NOT_ASKED and (check.name != "kill switch" or latch.exists())
    ]


def _finding(check: Check) -> Finding:
    return Finding(check.name, LEVELS[check.outcome], check.says)


def show(console: Console, finding: Finding) -> None:
    """Print a finding on a line, and below it how it is mended."""
    colour = COLOURS[finding.level]
    name, says = escape(f"{plain(finding.name):24}"), escape(plain(finding.says))
    console.print(f"{name} [{colour}]{finding.level.value:6}[/] {says}", highlight=False, soft_wrap=True)
    if finding.mend:
        console.print(f"{'':31} -> {escape(plain(finding.mend))}", highlight=False, soft_wrap=True)
