"""`sagetool ingest` and `sagetool score`: texts in and signals out, as processes of their own."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.run import ingest as run

Process = Callable[[RunConfig, Mapping[str, str], run.Tell], Coroutine[Any, Any, signal.Signals | None]]
ConfigArgument = Annotated[Path, typer.Argument(help="The TOML file that the nodes run, with `[messaging]` in it.")]


def ingest(config: ConfigArgument) -> None:
    """Collect texts and publish them to Redis, where nodes hear them.

    What Redis cannot take waits on the disk and follows in order. Several may run side by side, each with a queue file
    of its own: a text that two of them see is published once. Ends when all sources have ended, or with Ctrl-C.

    Example: sagetool ingest configs/ingest.toml
    """
    _run(run.ingest, load(config))


def score(config: ConfigArgument) -> None:
    """Score the texts of nodes whose `messaging.scoring` is "workers". As many may run as are needed.

    Example: sagetool score configs/ingest.toml
    """
    _run(run.score, load(config))


def _run(process: Process, settings: RunConfig) -> None:
    try:
        stopped_by = asyncio.run(process(settings, os.environ, _tell))
    except ExceptionGroup as errors:
        raise _first(errors) from None
    if stopped_by is signal.SIGINT:
        raise typer.Exit(128 + signal.SIGINT)


def _first(error: Exception) -> Exception:
    """Return what made a group of tasks fail."""
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


def _tell(line: str) -> None:
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {plain(line)}", flush=True)
