"""`sagetool import`: bars and texts from files into the catalog."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from catalog.bars import BarImport, import_bars
from catalog.gaps import Gap
from catalog.instruments import Definition
from catalog.report import ImportReport, TextImportReport
from catalog.texts import TextImport, import_texts
from catalog.times import iso
from catalog.write import Progress as OnProgress
from catalog.write import Written
from sagetrade_nautilus.errors import DataError

GAPS_SHOWN = 10

app = typer.Typer(
    name="import",
    no_args_is_help=True,
    help="Bring bars and texts into the catalog. A fault refuses the whole file.",
)

CatalogOption = Annotated[Path, typer.Option("--catalog", help="The catalog folder.", file_okay=False)]
TimezoneOption = Annotated[
    str | None,
    typer.Option(
        help="The clock of times without offset, such as America/New_York; such times are refused if left out."
    ),
]
TimeColumnOption = Annotated[str | None, typer.Option(help="The column of times; found by its name if left out.")]
FileArgument = Annotated[Path, typer.Argument(help="The file: CSV, Parquet or Feather.", dir_okay=False)]


class Stamp(StrEnum):
    """What a file's times mark."""

    OPEN = "open"
    CLOSE = "close"


@app.command()
def bars(
    file: FileArgument,
    *,
    instrument: Annotated[
        str, typer.Option(help="The instrument as SYMBOL.VENUE, such as BTCUSDT.BINANCE or SPY.ARCA.")
    ],
    timestamps: Annotated[Stamp, typer.Option(help="What the file's times mark: each bar's open or its close.")],
    timezone: TimezoneOption = None,
    bar: Annotated[
        str | None, typer.Option(help="The kind of bar, such as 5-MINUTE-LAST; the rows' spacing decides if left out.")
    ] = None,
    round_: Annotated[bool, typer.Option("--round", help="Round what has more decimals than the instrument.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Let the file win over bars that differ.")] = False,
    price_precision: Annotated[
        int | None, typer.Option(help="Decimals of prices, to define an instrument; left out where it is known.")
    ] = None,
    size_precision: Annotated[
        int | None, typer.Option(help="Decimals of volumes, to define an instrument; left out where it is known.")
    ] = None,
    quote: Annotated[
        str | None, typer.Option(help="Currency of prices, to define an instrument; read from the symbol if left out.")
    ] = None,
    time_column: TimeColumnOption = None,
    catalog: CatalogOption = Path("catalog/data"),
) -> None:
    """Import the bars of a file. Importing it again changes nothing.

    Refused, with row and reason: prices or volumes that are no number, prices that contradict one another,
    two different bars of one time, more decimals than the instrument has, times off the bars' grid or in
    the future, and naive times without --timezone. Reported and accepted: gaps, bars without volume,
    repeated rows (dropped), unsorted rows (sorted).

    Example: sagetool import bars BTCUSDT.parquet --instrument BTCUSDT.BINANCE --timestamps open
    """
    wish = BarImport(
        instrument_id=instrument,
        timestamps=timestamps.value,
        timezone=timezone,
        bar=bar,
        definition=_definition(price_precision, size_precision, quote),
        round_values=round_,
        replace=replace,
        time_column=time_column,
    )
    with _progress() as on_progress:
        report = import_bars(file, wish, catalog=catalog, now_ns=time.time_ns(), progress=on_progress)
    _print_bars(Console(), report)


@app.command()
def texts(
    file: FileArgument,
    *,
    source: Annotated[
        str | None, typer.Option(help="The source of every row; a column must say it if left out.")
    ] = None,
    timezone: TimezoneOption = None,
    time_column: TimeColumnOption = None,
    catalog: CatalogOption = Path("catalog/data"),
) -> None:
    """Import the headlines or posts of a file, as they are. Importing it again changes nothing.

    Refused, with row and reason: texts without a time, with a time in the future, or first seen before they
    were published. Reported and left out: repetitions of source, address, title and time, and rows without
    words.

    Example: sagetool import texts headlines.csv --source CoinTelegraph
    """
    wish = TextImport(source=source, timezone=timezone, time_column=time_column)
    with _progress() as on_progress:
        report = import_texts(file, wish, catalog=catalog, now_ns=time.time_ns(), progress=on_progress)
    _print_texts(Console(), report)


def _definition(price_precision: int | None, size_precision: int | None, quote: str | None) -> Definition | None:
    if price_precision is None and size_precision is None and quote is None:
        return None
    if price_precision is None or size_precision is None:
        raise DataError("an instrument is defined by both --price-precision and --size-precision")
    return Definition(price_precision=price_precision, size_precision=size_precision, quote=quote)


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """Show days as they are written; silent where the output is no terminal."""
    columns = (TextColumn("writing days"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("days", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def _print_bars(console: Console, report: ImportReport) -> None:
    how = "found from the rows' spacing" if report.inferred else "as asked for"
    table = _table(f"{report.source.name}: {report.instrument_id} {report.bar_spec}")
    _add(table, "bar", f"{report.bar_spec} ({how})")
    _add(table, "times in the file", f"bar {report.timestamps}; the catalog keeps the close")
    _add(table, "rows", f"{report.rows:,}")
    _add(table, "bars", f"{report.bars:,}, closing {iso(report.first_ns)} to {iso(report.last_ns)}")
    _add(table, "gaps", f"{len(report.open_gaps)}, {report.missing:,} bars missing")
    pauses = len(report.gaps) - len(report.open_gaps)
    if pauses:
        _add(table, "pauses between trading days", f"{pauses}")
        _add(table, "weekdays without bars", ", ".join(report.empty_weekdays) or "none")
    _add(table, "zero volume", f"{report.zero_volume:,}")
    _add(table, "repeated rows dropped", f"{report.duplicates:,}")
    _add(table, "unsorted rows sorted", f"{report.unsorted:,}")
    _add(table, "rows rounded", f"{report.rounded:,}")
    _add_written(table, report.written, "bars")
    for note in report.notes:
        _add(table, "note", note)
    console.print(table)
    _print_gaps(console, report.open_gaps)


def _print_gaps(console: Console, gaps: tuple[Gap, ...]) -> None:
    if not gaps:
        return
    longest = sorted(gaps, key=lambda gap: (-gap.missing, gap.after_ns))[:GAPS_SHOWN]
    title = f"gaps ({len(longest)} of {len(gaps)})"
    table = Table("after the close of", "before the close of", "bars missing", title=title, title_justify="left")
    for gap in sorted(longest, key=lambda gap: gap.after_ns):
        table.add_row(iso(gap.after_ns), iso(gap.before_ns), f"{gap.missing:,}")
    console.print(table)


def _print_texts(console: Console, report: TextImportReport) -> None:
    table = _table(f"{report.source.name}: texts")
    _add(table, "rows", f"{report.rows:,}")
    _add(table, "texts", f"{report.texts:,}, published {iso(report.first_ns)} to {iso(report.last_ns)}")
    _add(table, "sources", ", ".join(report.sources))
    _add(table, "repeated rows dropped", f"{report.duplicates:,}")
    _add(table, "rows without words left out", f"{report.empty:,}")
    _add(table, "first-seen time known", f"{report.first_seen_known:,} of {report.texts:,}")
    _add_written(table, report.written, "texts")
    console.print(table)


def _table(title: str) -> Table:
    return Table(title=escape(title), show_header=False, title_justify="left")


def _add(table: Table, name: str, value: str) -> None:
    table.add_row(name, escape(value))


def _add_written(table: Table, written: Written, noun: str) -> None:
    if written.days == 0:
        _add(table, "catalog", f"unchanged, it had all {written.unchanged:,} {noun}")
        return
    replaced = f", {written.replaced:,} replaced" if written.replaced else ""
    changes = f"{written.added:,} {noun} added{replaced}, {written.unchanged:,} were there"
    _add(table, "catalog", f"{changes}; {written.days:,} day files written")
