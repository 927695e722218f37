"""`sagetool fetch`: market data from a venue into the catalog."""

import asyncio
import time
from contextlib import aclosing
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from catalog.bartypes import BarSpec, parse_bar_spec, spec_of_step
from catalog.times import iso
from sagetrade_nautilus.errors import ConfigError, DataError
from sagetrade_nautilus.nanos import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND
from sagetrade_nautilus.run.fetch import Day, Wish, fetch

GAPS_SHOWN = 10
UNITS_NS = {"s": NANOS_PER_SECOND, "m": NANOS_PER_MINUTE, "h": NANOS_PER_HOUR, "d": NANOS_PER_DAY}

app = typer.Typer(no_args_is_help=True, help="Fetch market data from a venue into the catalog.")


class From(StrEnum):
    """The venues that can be asked."""

    BINANCE = "binance"
    ALPACA = "alpaca"


@app.command()
def bars(
    *,
    venue: Annotated[From, typer.Option(help="The venue that is asked.")],
    symbol: Annotated[str, typer.Option(help="The instrument, as the venue names it: BTCUSDT, AAPL, BTC/USD.")],
    interval: Annotated[str, typer.Option(help="The length of a bar: 1m, 5m, 1h, 1d, or 5-MINUTE-LAST.")],
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day, UTC.")],
    end: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day after the last, UTC; up to now if left out.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Ask for days that are whole already, too.")] = False,
    catalog: Annotated[Path, typer.Option(help="The catalog folder.", file_okay=False)] = Path("catalog/data"),
    url: Annotated[
        str | None, typer.Option(help="The venue's address; the usual one if left out.", metavar="<url>")
    ] = None,
    account: Annotated[
        Literal["paper", "live"],
        typer.Option(help="The account that Alpaca's keys belong to; nothing is changed in it."),
    ] = "paper",
) -> None:
    """Fetch bars into the catalog, day by day. Called again, it goes on where it was and fills what was missing.

    It keeps to the venue's limits, waits when it is told to, and never changes a bar that is there. Ctrl-C leaves whole
    days. A day of stocks is whole when it was asked for after its end by the exchange's calendar. Binance needs no key;
    Alpaca's come from the environment or config/secrets.env.

    Example: sagetool fetch bars --venue binance --symbol BTCUSDT --interval 5m --start 2024-01-01 --end 2024-02-01
    """
    now_ns = time.time_ns()
    spec = _spec(interval)
    first_ns, last_ns = _ns(start), _ns(end) if end is not None else now_ns
    if last_ns <= first_ns:
        raise ConfigError(f"--end: {iso(last_ns)} is not after --start {iso(first_ns)}")
    wish = Wish(symbol, spec, first_ns, last_ns, again)
    console = Console()
    source = _alpaca(url, account) if venue is From.ALPACA else _binance(url)
    days = asyncio.run(_fetch(source, wish, catalog, now_ns, console))
    _show(days, console, quiet=venue is From.ALPACA and "/" not in symbol)


async def _fetch(source: Any, wish: Wish, catalog: Path, now_ns: int, console: Console) -> list[Day]:
    days = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    total = max(1, -(-(min(wish.end_ns, now_ns) - wish.start_ns) // NANOS_PER_DAY))
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(escape(f"{wish.symbol} {wish.spec.text}, days"), total=total)
            async with aclosing(fetch(source, wish, catalog, now_ns)) as found:  # type: ignore[type-var]
                async for day in found:
                    days.append(day)
                    progress.advance(task)
    finally:
        await source.aclose()
    return days


def _binance(url: str | None) -> Any:
    from adapters.binance.history import BinanceHistory  # noqa: PLC0415 - only the venue that is asked
    from adapters.binance.http import URL  # noqa: PLC0415

    return BinanceHistory(url or URL)


def _alpaca(url: str | None, account: str) -> Any:
    from adapters.alpaca.bar_source import AlpacaBars  # noqa: PLC0415 - an extra
    from adapters.alpaca.config import TRADING_URLS  # noqa: PLC0415
    from adapters.alpaca.constants import DATA_URL, KEY_NAME, SECRET_NAME, Environment  # noqa: PLC0415
    from adapters.alpaca.http import AlpacaHttp  # noqa: PLC0415
    from sagetrade_nautilus.secrets import read_secret  # noqa: PLC0415

    trading_url = url or TRADING_URLS[Environment(account)]
    return AlpacaBars(AlpacaHttp(read_secret(KEY_NAME), read_secret(SECRET_NAME), trading_url, url or DATA_URL))


def _spec(interval: str) -> BarSpec:
    number, unit = interval[:-1], interval[-1:]
    if number.isascii() and number.isdigit() and unit in UNITS_NS:
        return spec_of_step(int(number) * UNITS_NS[unit])
    try:
        return parse_bar_spec(interval)
    except DataError as error:
        raise ConfigError(f"--interval {interval!r}: write 1m, 5m, 1h, 1d, or in full: {error}") from None


def _ns(day: datetime) -> int:
    return int(day.replace(tzinfo=UTC).timestamp()) * 10**9


def _show(days: list[Day], console: Console, *, quiet: bool) -> None:
    """Tell what was fetched and what is missing; `quiet` where a time without a trade has no bar."""
    new, held = sum(day.now - day.before for day in days), sum(day.now for day in days)
    asked = sum(day.asked for day in days)
    console.print(f"{len(days):,} days: {new:,} bars are new, {held:,} are there; {asked:,} days were asked for")
    lacking = [day for day in days if day.missing]
    if not lacking:
        return
    missing = sum(day.missing for day in lacking)
    console.print(f"{missing:,} bars {'of regular hours ' if quiet else ''}are not to be had, on:")
    for day in lacking[:GAPS_SHOWN]:
        console.print(f"  {iso(day.start_ns)[:10]}: {day.missing:,}", highlight=False)
    if len(lacking) > GAPS_SHOWN:
        console.print(f"  and {len(lacking) - GAPS_SHOWN:,} more days")
    if quiet:
        console.print(
            "Alpaca has no bar for a time without a trade, and these prices are of one exchange, IEX: most are times "
            "when nobody traded there. Which of them were lost nobody can tell; --again asks for them once more."
        )
