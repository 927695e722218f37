"""`sagetool watchdog`: a process of its own that watches a node, and stops trading when the node hangs.

Like the kill switch's commands it imports neither Nautilus nor a strategy.
"""

import signal
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated, Literal, NoReturn

import typer

from sagetrade_nautilus import durable
from sagetrade_nautilus.cli.latches import STATE, OneLatchOption, latches, the_one
from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.errors import ConfigError, KillSwitchError, cause
from sagetrade_nautilus.guard.switch.heartbeat import beside
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.watchdog import BrokerSwitch, Watchdog


class Broker(StrEnum):
    """The brokers whose own switch the watchdog knows."""

    ALPACA = "alpaca"


def watchdog(
    heartbeat: Annotated[
        Path | None, typer.Option(help="The node's heartbeat; the one beside the kill switch's file if left out.")
    ] = None,
    latch: OneLatchOption = None,
    stale_s: Annotated[float, typer.Option(min=0.5, help="Seconds without a heartbeat that are too many.")] = 5.0,
    broker: Annotated[
        Broker | None, typer.Option(help="Suspend trading at this broker too; at none if left out.")
    ] = None,
    broker_url: Annotated[
        str | None, typer.Option(help="The broker's address; that of --account if left out.", metavar="<url>")
    ] = None,
    account: Annotated[
        Literal["paper", "live"], typer.Option(help="The account at the broker that the keys belong to.")
    ] = "paper",
    cancel_orders: Annotated[
        bool, typer.Option("--cancel-orders", help="Cancel what rests at the broker, protective stops included.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Watch a node's heartbeat. When it is stale or gone, halt the kill switch, and cut at the broker if one is named.

    It goes on trying until the broker itself confirms, and never resumes anything. One line for each event; runs until
    it is stopped. Keys come from the environment or config/secrets.env. Where no kill switch is named and none is
    below ./state, there is nothing to watch: it ends with code 9.

    Example: sagetool watchdog --latch state/live/latch.json --stale-s 5 --broker alpaca --account live
    """
    signal.signal(signal.SIGTERM, _end)
    latch = _watched(latch)
    path = heartbeat or beside(latch)
    switch = None if broker is None else _alpaca(broker_url, account)
    try:
        with durable.sole(path.with_suffix(".watchdog").absolute()):
            _watch(
                Watchdog(
                    path, Latch(latch), stale_s, _tell, broker=switch, cancel_orders=cancel_orders, dry_run=dry_run
                )
            )
    except BlockingIOError:
        raise KillSwitchError(
            f"{path}: another watchdog watches this heartbeat; end that one, or leave it to it"
        ) from None
    except OSError as error:
        raise KillSwitchError(f"{path}: cannot be watched: {cause(error)}") from None


def _watched(latch: Path | None) -> Path:
    """Return the kill switch that is named, there or not yet, or the only one below ./state."""
    if not latches(latch):
        raise KillSwitchError(
            f"no kill switch is below {Path.cwd() / STATE}, so there is nothing to watch; run it where the node runs, "
            "or name the node's own with --latch, which may not be there yet"
        )
    return the_one(latch)


def _watch(dog: Watchdog) -> None:
    try:
        dog.check_broker()
    except KillSwitchError as error:  # a broker that is away must not keep the latch from being guarded
        _tell(f"WARNING: the broker could not be asked: {error}")
    dog.run()


def _alpaca(url: str | None, account: Literal["paper", "live"]) -> BrokerSwitch:
    """Return Alpaca's switch with the keys of the environment or config/secrets.env."""
    try:
        from adapters.alpaca.constants import KEY_NAME, LIVE_URL, PAPER_URL, SECRET_NAME  # noqa: PLC0415 - an extra
        from adapters.alpaca.switch import AlpacaSwitch  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise ConfigError(f"{error.name} is missing: install `sagetrade-nautilus[alpaca]`") from None
    from sagetrade_nautilus.secrets import read_secret  # noqa: PLC0415 - as above

    usual = LIVE_URL if account == "live" else PAPER_URL
    return AlpacaSwitch(read_secret(KEY_NAME), read_secret(SECRET_NAME), url or usual)


def _tell(what: str) -> None:
    """Say it, if anything takes it: a full disk or a closed pipe is no reason to watch no more."""
    with suppress(OSError):
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} watchdog: {plain(what)}", flush=True)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """End in good order, as a service manager asks for it."""
    raise SystemExit(0)
