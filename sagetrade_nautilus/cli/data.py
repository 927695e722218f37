"""`sagetool data`: what the catalog holds, and whether its times can be trusted."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from catalog.check import CheckReport, check, holdings
from catalog.times import iso
from sagetrade_nautilus.errors import DataError

app = typer.Typer(name="data", no_args_is_help=True, help="Look at the catalog.")

CatalogOption = Annotated[Path, typer.Option("--catalog", help="The catalog folder.", file_okay=False)]

_COLOURS = {"ok": "green", "note": "yellow", "fault": "bold red"}


@app.command("check")
def check_(catalog: CatalogOption = Path("catalog/data")) -> None:
    """Report time-sync: order, future times, bars' convention (open or close), gaps, and news against bars.

    Exits with code 3 if there is a fault.

    Example: sagetool data check
    """
    report = check(catalog, now_ns=time.time_ns())
    console = Console()
    _print_holdings(console, report)
    table = _table("time-sync", "", "what", "finding")
    for finding in report.findings:
        colour = _COLOURS[finding.level]
        table.add_row(f"[{colour}]{finding.level}[/]", escape(_short(finding.subject)), escape(_short(finding.message)))
    console.print(table)
    faults = sum(finding.level == "fault" for finding in report.findings)
    if faults:
        raise DataError(f"catalog {catalog}: {faults} faults; see the table")


@app.command("list")
def list_(catalog: CatalogOption = Path("catalog/data")) -> None:
    """List what the catalog holds.

    Example: sagetool data list
    """
    _print_holdings(Console(), CheckReport(holdings(catalog), ()))


def _print_holdings(console: Console, report: CheckReport) -> None:
    table = _table("catalog", "data", "count", "from", "to")
    for held in report.holdings:
        table.add_row(escape(_short(held.name)), f"{held.count:,}", iso(held.first_ns), iso(held.last_ns))
    if not report.holdings:
        table.add_row("nothing yet; `sagetool import` fills it", "", "", "")
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _short(name: str) -> str:
    """Return bar types' names without their source, which is the same for all that was imported."""
    return name.replace("-EXTERNAL", "")
