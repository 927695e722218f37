"""`sagetool replay`, `paper`, `trial` and `live`: the strategies of a backtest in a node that runs."""

import signal
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from adapters.replay.pace import Control, Pace, parse_moment, parse_speed
from sagetrade_nautilus.cli.backtest import bar, count, report, require_place
from sagetrade_nautilus.cli.startup import require_ready
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.ops.logs import identify
from sagetrade_nautilus.run.backtest import prepare
from sagetrade_nautilus.run.compose import interval_ns
from sagetrade_nautilus.run.files import CONTROL, JOURNAL, LATCH
from sagetrade_nautilus.run.live import live as trade_live
from sagetrade_nautilus.run.node.clients import Account
from sagetrade_nautilus.run.paper import paper as trade
from sagetrade_nautilus.run.replay import Played
from sagetrade_nautilus.run.replay import replay as play
from sagetrade_nautilus.run.startup.startup import Mode

FOLDERS = {"replay": "replay", "paper": "paper-replay"}
"""What is played begins anew each time, so it never shares a folder with paper trading on real data."""
ConfigArgument = Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/demo.toml.")]
BrokerArgument = Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/live-alpaca.toml.")]
SpeedOption = Annotated[
    str | None,
    typer.Option(help="How many times faster than the data: 1, 60, max; as `node.speed` says if left out."),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="The moment, UTC, up to which it goes as fast as possible; at the speed throughout if left out.",
        metavar="<moment>",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print the report's folder and nothing else.")]


def replay(
    config: ConfigArgument, speed: SpeedOption = None, start: FromOption = None, quiet: QuietOption = False
) -> None:
    """Play the catalog into a real trading node, on a clock that follows the data, and write the report.

    The node has a kill switch, a heartbeat, a gate and a journal, as in live trading; its orders go to a simulated
    venue. They stand in the folder replay/ of `node.state`, state/replay if that is left out: `sagetool stop --latch
    state/replay/latch.json` stops it. While it runs, `echo pause > state/replay/control` holds it; `play`, `speed 60`,
    `speed max` and `jump 2022-03-02T10:00` go on.

    Ctrl-C cancels or closes what `node.on_stop` says, closes the journal, and exits with code 130.

    Example: sagetool replay configs/demo.toml --speed 60 --from 2022-03-02T10:00
    """
    _replay(load(config), "replay", speed, start, quiet)


def paper(
    config: ConfigArgument, speed: SpeedOption = None, start: FromOption = None, quiet: QuietOption = False
) -> None:
    """Trade on paper: real data or the catalog's, a simulated account, no order to any broker.

    It stands in the folder paper/ of `node.state`. With `node.data = "replay"` the catalog is played, as `sagetool
    replay` does, in the folder paper-replay/ there; --speed and --from are for that alone.

    Example: sagetool paper configs/paper-binance.toml
    """
    settings = load(config)
    if settings.node.data == "replay":
        _replay(settings, "paper", speed, start, quiet)
        return
    if speed is not None or start is not None:
        raise ConfigError("--speed and --from are for a catalog that is played: `node.data` = 'replay'")
    folder = Path(settings.node.state) / "paper"
    identify(run=settings.name, config=settings.digest[:12])

    def check() -> None:
        require_ready(config, Mode.PAPER, folder / LATCH)
        print(f"paper {settings.name}. Stop: sagetool stop --latch {folder / LATCH}", flush=True)

    number = trade(settings, folder, lambda line: print(line, flush=True), check=check)
    print(f"stopped by {number.name}; the journal is closed: {folder / JOURNAL}")
    raise typer.Exit(128 + number)


def trial(config: BrokerArgument) -> None:
    """Trade at the broker's simulated account, as `sagetool live` would with money: try it there first.

    Orders leave for the broker's paper trading, with the keys of its paper account. Gates A and B are not asked. All
    else is as in live trading: the start-up checks, the canary plan, the comparison of books, and a beginning that is
    halted. It stands in the folder trial/ of `node.state`.

    Example: sagetool trial configs/live-alpaca.toml
    """
    _at_broker(config, Mode.TRIAL, "paper", "at the broker's simulated account")


def live(config: BrokerArgument) -> None:
    """Trade with real money, by the canary plan; or refuse, and say what is missing.

    It starts where gates A and B are approved for this very policy, configuration and code, every start-up check
    passes, and the venue's orders and positions are found to be our own; until then nothing can leave. It stands in
    the folder live/ of `node.state`: state/live if that is left out, state/live-alpaca/live for the example below.
    The first time it is halted: look with `sagetool status --latch FILE` at the latch.json there, then let it trade
    with `sagetool resume --latch FILE`. `sagetool stop --latch FILE` stops this node, and `sagetool stop` alone every
    node below ./state.

    Ctrl-C cancels or closes what `node.on_stop` says, closes the journal, and exits with code 130.

    Example: sagetool live configs/live-alpaca.toml
    """
    _at_broker(config, Mode.LIVE, "live", "REAL MONEY")


def _at_broker(config: Path, mode: Mode, account: Account, warning: str) -> None:
    settings = load(config)
    folder = Path(settings.node.state) / mode
    identify(run=settings.name, config=settings.digest[:12])

    def check() -> None:
        require_ready(config, mode, folder / LATCH)
        print(f"{mode} {settings.name}: {warning}. Stop: sagetool stop --latch {folder / LATCH}", flush=True)

    number = trade_live(settings, folder, lambda line: print(line, flush=True), check, account=account)
    print(f"stopped by {number.name}; the journal is closed: {folder / JOURNAL}")
    raise typer.Exit(128 + number)


def _replay(settings: RunConfig, runner: str, speed: str | None, start: str | None, quiet: bool) -> None:
    began, console = time.monotonic(), Console(quiet=quiet)
    folder = Path(settings.node.state) / FOLDERS[runner]
    identify(run=settings.name, config=settings.digest[:12])
    factor = settings.node.speed if speed is None else parse_speed(speed)
    jump_ns = 0 if start is None else _moment_within(settings, start)
    pace = f"{factor:g} times as fast" if factor else "as fast as the node works"
    require_place(settings)
    count(settings)
    prepare(settings)
    console.print(
        f"[bold]{runner}[/] {escape(settings.name)}, {pace}. "
        + escape(f"Stop: sagetool stop --latch {folder / LATCH}. Control: echo pause > {folder / CONTROL}"),
        highlight=False,
        soft_wrap=True,
    )
    control = Control(folder / CONTROL, lambda line: console.print(line, markup=False))
    played = _with_progress(settings, folder, Pace(factor, control, jump_ns), console)
    if played.summary is None:
        number = played.stopped_by or signal.SIGTERM
        console.print(
            f"stopped by {number.name}, bars and texts played: {played.data_count:,}; the journal is closed: "
            f"{folder / JOURNAL}",
            markup=False,
            soft_wrap=True,
        )
        raise typer.Exit(128 + number)
    done = report(played.summary, settings, folder / JOURNAL, console, runner)
    took = f"[dim]({time.monotonic() - began:.0f} s in all)[/]"
    console.print(f"\n[bold]Report:[/] {escape(str(done / 'report.html'))}  {took}", soft_wrap=True)
    if quiet:
        print(done)


def _moment_within(settings: RunConfig, start: str) -> int:
    """Return `start` as UNIX nanoseconds, if the run's data reach there."""
    moment_ns, (first_ns, last_ns) = parse_moment(start), interval_ns(settings)
    if not first_ns <= moment_ns + 1 <= last_ns:
        days = f"from {settings.data.start} to {settings.data.end}"
        raise ConfigError(f"--from {start}: the run is {days}; name a moment within it")
    return moment_ns


def _with_progress(settings: RunConfig, folder: Path, pace: Pace, console: Console) -> Played:
    with bar(console) as progress:
        task = progress.add_task(f"Playing {escape(settings.name)}", total=1.0)
        return play(settings, folder, pace, lambda share: progress.update(task, completed=share))
