"""Bars from a venue into the catalog, a day at a time: what is there already is not asked for again."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.bars import BarImport, import_bars
from catalog.bartypes import DAY_NS, BarRow, BarSpec
from catalog.instruments import KNOWN, Definition, instrument_for, trades_around_the_clock
from catalog.store import read_bars, stored_definition


class Source(Protocol):
    """A venue that can be asked for its bars."""

    venue: str

    async def definition(self, symbol: str) -> Definition | None:
        """Return what the market is, ``None`` where its kind says that already."""
        ...

    async def bars(self, symbol: str, spec: BarSpec, start_ns: int, end_ns: int) -> list[BarRow]:
        """Return the bars that open at `start_ns` or later and before `end_ns`, the oldest first."""
        ...


class Wish(NamedTuple):
    """What is wanted: bars of `symbol` that open on the UTC days from `start_ns` to before `end_ns`.

    With `again` the days that are whole already are asked for too.
    """

    symbol: str
    spec: BarSpec
    start_ns: int
    end_ns: int
    again: bool = False


class Day(NamedTuple):
    """What became of a day: the bars that were there before and are there now, of as many as there can be."""

    start_ns: int
    before: int
    now: int
    expected: int


async def fetch(source: Source, wish: Wish, catalog: Path, now_ns: int) -> AsyncIterator[Day]:
    """Fetch each day that is not whole in the catalog, and yield what became of each.

    A day is written as a whole or not at all, so an interruption at any moment loses at most the day that was asked
    for. Bars that are there already are never changed; one that differs is an error. A bar that has not closed is left
    for later, and what the venue does not have stays a gap, which is asked for again the next time.

    Raises
    ------
    DataError
        The venue refuses or does not answer, or its bars would corrupt the catalog.
    """
    name = f"{wish.symbol}.{source.venue}"
    definition = stored_definition(catalog, name) or KNOWN.get(name) or await source.definition(wish.symbol)
    always = trades_around_the_clock(instrument_for(name, definition))
    for start_ns in range(wish.start_ns, min(wish.end_ns, now_ns), DAY_NS):
        end_ns = start_ns + DAY_NS
        expected = (min(end_ns, now_ns) - start_ns) // wish.spec.step_ns
        before = len(read_bars(catalog, name, wish.spec.text, start_ns + 1, end_ns))
        is_whole = before >= expected if always else before > 0 and end_ns < now_ns
        if is_whole and not wish.again:
            yield Day(start_ns, before, before, expected)
            continue
        found = await source.bars(wish.symbol, wish.spec, start_ns, end_ns)
        closed = [row for row in found if row[0] + wish.spec.step_ns <= now_ns]
        if closed:
            _keep(closed, BarImport(
                instrument_id=name, timestamps="open", bar=wish.spec.text, definition=definition, round_values=True,
            ), catalog, now_ns)  # fmt: skip
        after = len(read_bars(catalog, name, wish.spec.text, start_ns + 1, end_ns))
        yield Day(start_ns, before, after, expected)


def _keep(rows: list[BarRow], wish: BarImport, catalog: Path, now_ns: int) -> None:
    """Have the importer check and write `rows`, as it does a file of a user's."""
    names = ("ts_open", "open", "high", "low", "close", "volume")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    times = pa.array(columns.pop("ts_open"), type=pa.timestamp("ns", tz="UTC"))
    table = pa.table({"ts_open": times, **{name: pa.array(values, pa.float64()) for name, values in columns.items()}})
    with tempfile.TemporaryDirectory(prefix="sagetrade-fetch-") as folder:
        path = Path(folder) / "bars.parquet"
        pq.write_table(table, path)
        import_bars(path, wish, catalog=catalog, now_ns=now_ns)
