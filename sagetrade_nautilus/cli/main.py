"""`sagetool`: one command line for everything. Errors of ours are one clear message and a non-zero exit."""

import sys

import typer
from rich.console import Console
from rich.markup import escape

from sagetrade_nautilus import __version__
from sagetrade_nautilus.cli import backtest, data, imports
from sagetrade_nautilus.errors import SageTradeError

INTERRUPTED = 130

app = typer.Typer(
    name="sagetool",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="SageTrade: signals, decisions and a guard for every order, on top of NautilusTrader.",
)
app.command("backtest")(backtest.backtest)
app.add_typer(imports.app, name="import")
app.add_typer(data.app, name="data")


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


def main() -> None:
    """Run the command line. The process's edge: this is where errors become messages and exit codes."""
    console = Console(stderr=True)
    try:
        app()
    except SageTradeError as error:
        console.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        console.print("stopped; nothing half-done was left behind")
        sys.exit(INTERRUPTED)
