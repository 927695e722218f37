"""`sagetool check`: whether runs behave as they must."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from catalog.times import iso
from sagetrade_nautilus.cli.days import parse_day
from sagetrade_nautilus.cli.parity import parity
from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.cli.texthelp import texthelp
from sagetrade_nautilus.config import load
from sagetrade_nautilus.errors import CheckError
from sagetrade_nautilus.run.checks import lookahead
from sagetrade_nautilus.run.checks.compare import KINDS

app = typer.Typer(name="check", no_args_is_help=True, help="Check how runs behave.")
SHOWN_CHARS = 160


@app.callback()
def _check() -> None:
    """Check how runs behave."""


@app.command("lookahead")
def lookahead_(
    config: Annotated[Path, typer.Argument(help="The run's TOML file, for example configs/demo.toml.")],
    cut: Annotated[
        str | None,
        typer.Option("--cut", help="The day, UTC, from which all is future; the middle if left out.", metavar="<date>"),
    ] = None,
    shift: Annotated[
        float, typer.Option("--shift", help="Minutes by which later texts are moved.", metavar="<minutes>")
    ] = 90.0,
) -> None:
    """Find out whether a run knows its future.

    It is run again with everything after the cut left out, with the later bars made up, and with the later texts moved.
    Signals, decisions, orders and fills before that must be the same to the byte. Exits with code 10 if they are not,
    and names the first that is not.

    Example: sagetool check lookahead configs/demo.toml --cut 2022-05-01 --shift 30
    """
    settings, console = load(config), Console()
    first = parse_day(cut, "--cut") or lookahead.middle(settings)
    with console.status("checking") as status:
        findings = lookahead.check(settings, first, shift, status.update)
    console.print(_table(findings))
    bad = next((finding for finding in findings if not finding.ok), None)
    if bad is not None:
        raise CheckError(f"look-ahead, {bad.future}: {_said(bad)}")


app.command("texthelp")(texthelp)
app.command("parity")(parity)


def _table(findings: list[lookahead.Finding]) -> Table:
    table = Table(title="look-ahead", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("future", "until", *(f"{kind}s" for kind in KINDS[:3]), "finding"):
        table.add_column(column, overflow="fold", justify="right" if column.rstrip("s") in KINDS else "left")
    for finding in findings:
        counts = (f"{finding.same[kind]:,}" if finding.same else "" for kind in KINDS[:3])
        verdict = "[green]the same[/]" if finding.ok else f"[bold red]{escape(_said(finding))}[/]"
        table.add_row(finding.future, iso(finding.until_ns), *counts, verdict)
    return table


def _said(finding: lookahead.Finding) -> str:
    found = finding.difference
    if found is None:
        return f"the run failed, which it does not with its true future: {plain(finding.failure)}"
    first, second = (plain(str(value))[:SHOWN_CHARS] for value in (found.first, found.second))
    where = f"{found.component} {found.subject}".strip()
    return f"{plain(where)} at {iso(found.ts)}: {plain(found.field)} is {first}, and {second} with another future"
