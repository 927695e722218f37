"""`sagetool`: one command line for everything."""

import typer

from sagetrade_nautilus import __version__
from sagetrade_nautilus.cli import (
    backtest,
    check,
    dashboard,
    data,
    doctor,
    experiment,
    explain,
    fetch,
    gate,
    imports,
    ingest,
    journal,
    lease,
    nodes,
    parity,
    rollback,
    snapshot,
    startup,
    strategy,
    switches,
    texthelp,
)
from sagetrade_nautilus.cli.verify_installation import verify_installation

app = typer.Typer(
    name="sagetool",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="SageTrade: signals, decisions and a guard for every order, on top of NautilusTrader.",
)
app.command("backtest")(backtest.backtest)
app.command("replay")(nodes.replay)
app.command("paper")(nodes.paper)
app.command("live")(nodes.live)
app.command("dashboard")(dashboard.dashboard)
app.command("explain")(explain.explain)
app.command("ingest")(ingest.ingest)
app.command("score")(ingest.score)
app.command("startup-check")(startup.startup_check)
app.command("doctor")(doctor.doctor)
app.command("verify-installation")(verify_installation)
app.add_typer(fetch.app, name="fetch")
app.add_typer(imports.app, name="import")
app.add_typer(data.app, name="data")
switches.mount(app)
app.add_typer(strategy.app, name="strategy")
app.add_typer(check.app, name="check")
check.app.command("texthelp")(texthelp.texthelp)
check.app.command("parity")(parity.parity)
app.add_typer(journal.app, name="journal")
app.add_typer(gate.app, name="gate")
app.add_typer(snapshot.app, name="snapshot")
app.add_typer(lease.app, name="lease")
app.add_typer(experiment.app, name="experiment")
app.command("rollback")(rollback.rollback)


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
