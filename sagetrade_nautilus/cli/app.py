"""`sagetool`: one command line for everything, of which no more is loaded than the command that is asked for."""

from pkgutil import resolve_name
from typing import Any, Final, NamedTuple

import typer
from rich.markup import escape
from typer.core import TyperGroup

from sagetrade_nautilus import __version__


class Entry(NamedTuple):
    """A command: where its function or its group is ('module:name'), and the line that `sagetool --help` says of it."""

    target: str
    line: str


_CLI: Final = "sagetrade_nautilus.cli"
COMMANDS: Final = {
    "backtest": Entry(f"{_CLI}.backtest:backtest", "Run a backtest over the catalog and write its report."),
    "replay": Entry(
        f"{_CLI}.nodes:replay",
        "Play the catalog into a real trading node, on a clock that follows the data, and write the report.",
    ),
    "paper": Entry(
        f"{_CLI}.nodes:paper",
        "Trade on paper: real data or the catalog's, a simulated account, no order to any broker.",
    ),
    "trial": Entry(
        f"{_CLI}.nodes:trial",
        "Trade at the broker's simulated account, as `sagetool live` would with money: try it there first.",
    ),
    "live": Entry(
        f"{_CLI}.nodes:live", "Trade with real money, by the canary plan; or refuse, and say what is missing."
    ),
    "dashboard": Entry(
        f"{_CLI}.dashboard:dashboard",
        "Show running nodes, finished runs and experiments in a browser, and stop trading from it.",
    ),
    "explain": Entry(
        f"{_CLI}.explain:explain",
        "Say why a trade was made: fills, orders, decision, score, its parts, and the headlines with their addresses.",
    ),
    "ingest": Entry(f"{_CLI}.ingest:ingest", "Collect texts and publish them to Redis, where nodes hear them."),
    "score": Entry(
        f"{_CLI}.ingest:score",
        'Score the texts of nodes whose `messaging.scoring` is "workers". As many may run as are needed.',
    ),
    "startup-check": Entry(
        f"{_CLI}.startup:startup_check",
        "Check whatever must hold before a run may trade: configuration, keys, approvals, clock, disk, venue, kill "
        "switch.",
    ),
    "doctor": Entry(
        f"{_CLI}.doctor:doctor",
        "Look at the configuration, the machine, every node's folder and the running node; say how to mend what is "
        "wrong.",
    ),
    "verify-installation": Entry(
        f"{_CLI}.verify_installation:verify_installation",
        "Print the versions, the extras that are installed, and which keys are present. No value is ever shown.",
    ),
    "stop": Entry(
        f"{_CLI}.killswitch:stop",
        "Stop trading, now and until somebody resumes it. It needs no permission, and only ever tightens.",
    ),
    "status": Entry(
        f"{_CLI}.killswitch:status",
        "Say whether the node runs, what its kill switch says and why, and whether the circuit breaker has tripped.",
    ),
    "resume": Entry(
        f"{_CLI}.killswitch:resume",
        "Let trading go on. Asks for a confirmation code, and for the password where one is set.",
    ),
    "password": Entry(
        f"{_CLI}.killswitch:password",
        "Set the password that `sagetool resume` asks for. Asks for the old one, if there is one.",
    ),
    "watchdog": Entry(
        f"{_CLI}.watchdog:watchdog",
        "Watch a node's heartbeat. When it is stale or gone, halt the kill switch, and cut at the broker if one is "
        "named.",
    ),
    "rollback": Entry(
        f"{_CLI}.rollback:rollback",
        "Roll an approved or merged experiment back: take its approval back, and prepare the commit that undoes it.",
    ),
    "fetch": Entry(f"{_CLI}.fetch:app", "Fetch market data from a venue into the catalog."),
    "import": Entry(f"{_CLI}.imports:app", "Bring bars and texts into the catalog. A fault refuses the whole file."),
    "data": Entry(f"{_CLI}.data:app", "Look at the catalog."),
    "strategy": Entry(f"{_CLI}.strategy:app", "Begin a strategy plugin, list them, and judge one."),
    "check": Entry(f"{_CLI}.check:app", "Check how runs behave."),
    "journal": Entry(f"{_CLI}.journal:app", "Check a journal."),
    "gate": Entry(f"{_CLI}.gate:app", "Open the gates that only people open: A (policy), B (live), C (a merge)."),
    "snapshot": Entry(f"{_CLI}.snapshot:app", "Keep what runs and what it has written, and bring it back."),
    "lease": Entry(f"{_CLI}.lease:app", "Run one writer alone, by a lease of Kubernetes."),
    "experiment": Entry(
        f"{_CLI}.experiment:app", "Propose changes, measure and judge them, and put them before people."
    ),
}
"""The commands, as they are listed."""


def command(name: str) -> Any:
    """Return a command of `COMMANDS`, with everything that it needs loaded: for most that is Nautilus."""
    found = resolve_name(COMMANDS[name].target)
    whole = typer.Typer(add_completion=False)
    if isinstance(found, typer.Typer):
        whole.add_typer(found, name=name)
        return _literal(typer.main.get_group(whole).commands[name])
    whole.command(name)(found)
    return _literal(typer.main.get_command(whole))


def _literal(found: Any) -> Any:
    """Have a command's texts, and those below it, printed as they stand, `[name]` too, in lines of the terminal."""
    for told in (found, *found.params):
        if getattr(told, "help", None):
            told.help = escape("\n\n".join(" ".join(part.split()) for part in told.help.split("\n\n")))
    for below in getattr(found, "commands", {}).values():
        _literal(below)
    return found


class Listed(TyperGroup):
    """Knows the commands by name and line, and loads the one that is asked for."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, entry in COMMANDS.items():
            self.add_command(typer.core.TyperCommand(name, help=escape(entry.line)))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        return name, command(name) if name in COMMANDS else found, rest


app = typer.Typer(
    name="sagetool",
    cls=Listed,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="SageTrade: signals, decisions and a guard for every order, on top of NautilusTrader.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"sagetool {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    """Common options."""
