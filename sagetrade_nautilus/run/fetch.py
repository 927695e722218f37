"""Bars from a venue into the catalog, a day at a time: what is there already is not asked for again."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.asked import AskedDay, note_asked, read_asked
from catalog.bars import BarImport, import_bars
from catalog.bartypes import BarRow, BarSpec
from catalog.instruments import KNOWN, Definition
from catalog.store import read_bars, stored_definition
from catalog.times import local_ns
from sagetrade_nautilus.model.records import IntArray
from sagetrade_nautilus.model.sessions import EXCHANGE_CLOCK, Session, closes_of, exchange_day_closes
from sagetrade_nautilus.nanos import NANOS_PER_DAY


class Source(Protocol):
    """A venue that can be asked for its bars.

    `settles_ns` is how long after its close a bar may still change.
    """

    venue: str
    settles_ns: int

    async def definition(self, symbol: str) -> Definition | None:
        """Return what the market is, ``None`` where its kind says that already."""
        ...

    async def sessions(self, symbol: str, start_ns: int, end_ns: int) -> Sequence[Session] | None:
        """Return when the market is open within a span, ``None`` if it never closes."""
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
    """What became of a UTC day: the bars that were there before and are there now, and whether it was asked for.

    `missing` counts the times of the market's regular hours whose bar has closed and is not there.
    """

    start_ns: int
    before: int
    now: int
    missing: int
    asked: bool


class _Closes(NamedTuple):
    """When bars of a UTC day close: those of the regular hours, and those that there may be."""

    regular: IntArray
    possible: IntArray


async def fetch(source: Source, wish: Wish, catalog: Path, now_ns: int) -> AsyncIterator[Day]:
    """Fetch each day that is not whole in the catalog, and yield what became of each.

    A day is written as a whole or not at all, so an interruption at any moment loses at most the day that was asked
    for. Bars that are there already are never changed; one that differs is an error. A bar that has not closed, or may
    still change, is left for later.

    A market that never closes has a bar for every time: a day is whole when all are there, and what the venue does not
    have is asked for again the next time. In a market with sessions a time without a trade has no bar, so a day is
    whole when it was asked for after its end, and the catalog still holds what there was then. A day without a session
    is not asked for.

    Raises
    ------
    DataError
        The venue refuses or does not answer, or its bars would corrupt the catalog.
    """
    name = f"{wish.symbol}.{source.venue}"
    settled_ns = now_ns - source.settles_ns
    definition = stored_definition(catalog, name) or KNOWN.get(name) or await source.definition(wish.symbol)
    end_ns = min(wish.end_ns, now_ns)
    sessions = await source.sessions(wish.symbol, wish.start_ns, end_ns)
    asked = {} if sessions is None else read_asked(catalog, name, wish.spec)
    for day_ns in range(wish.start_ns, end_ns, NANOS_PER_DAY):
        closes = _closes(sessions, wish.spec, day_ns)
        due = closes.regular[closes.regular <= settled_ns]
        held = _held(catalog, name, wish.spec, day_ns)
        if sessions is None:
            whole = not _missing(due, held)
        else:
            whole = _was_asked_whole(asked.get(day_ns), closes, source.settles_ns, len(held))
        if whole and not (wish.again and len(closes.possible)):
            yield Day(day_ns, len(held), len(held), _missing(due, held), asked=False)
            continue
        found = await source.bars(wish.symbol, wish.spec, day_ns, day_ns + NANOS_PER_DAY)
        closed = [row for row in found if row[0] + wish.spec.step_ns <= settled_ns]
        if closed:
            _keep(
                closed, name, wish.spec, definition, catalog, now_ns, local=wish.spec.is_daily and sessions is not None
            )
        now = _held(catalog, name, wish.spec, day_ns)
        if sessions is not None:
            note_asked(catalog, name, wish.spec, AskedDay(day_ns, now_ns, len(now)))
        yield Day(day_ns, len(held), len(now), _missing(due, now), asked=True)


def _closes(sessions: Sequence[Session] | None, spec: BarSpec, day_ns: int) -> _Closes:
    """Return when the bars close that open on the UTC day."""
    end_ns = day_ns + NANOS_PER_DAY
    if sessions is None:
        every = np.arange(day_ns, end_ns, spec.step_ns) + spec.step_ns
        return _Closes(every, every)
    near = [session for session in sessions if session.last_ns > day_ns - NANOS_PER_DAY and session.first_ns < end_ns]
    regular, extended = [session.regular for session in near], [session.extended for session in near]
    if spec.is_daily:
        daily = np.fromiter(exchange_day_closes(regular, day_ns, end_ns), np.int64)
        return _Closes(daily, daily)
    found = (closes_of(hours, spec.step_ns, day_ns, end_ns) for hours in (regular, extended))
    return _Closes(*(np.fromiter(closes, np.int64) for closes in found))


def _was_asked_whole(asked: AskedDay | None, closes: _Closes, settles_ns: int, held: int) -> bool:
    """Tell whether the venue can have nothing of a day that the catalog has not."""
    if not len(closes.possible):
        return True
    return asked is not None and asked.at_ns >= closes.possible[-1] + settles_ns and held >= asked.bars


def _held(catalog: Path, name: str, spec: BarSpec, day_ns: int) -> IntArray:
    """Return when the bars close that the catalog has of those that open on the UTC day.

    A day in New York is an hour shorter or longer than `spec` where the clocks change, and begins hours after UTC's.
    """
    return read_bars(catalog, name, spec.text, day_ns + spec.step_ns, day_ns + spec.step_ns + NANOS_PER_DAY - 1).ts


def _missing(due: IntArray, held: IntArray) -> int:
    return len(np.setdiff1d(due, held))


def _keep(
    rows: list[BarRow],
    name: str,
    spec: BarSpec,
    definition: Definition | None,
    catalog: Path,
    now_ns: int,
    *,
    local: bool,
) -> None:
    """Have the importer check and write `rows`, as it does a file of a user's.

    With `local` they are days of the exchange's, from midnight to midnight in New York.
    """
    names = ("ts_open", "open", "high", "low", "close", "volume")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    opens = np.array(columns.pop("ts_open"), dtype=np.int64)
    times = pa.array(
        local_ns(opens, EXCHANGE_CLOCK) if local else opens, pa.timestamp("ns", tz=None if local else "UTC")
    )
    table = pa.table({"ts_open": times, **{name: pa.array(values, pa.float64()) for name, values in columns.items()}})
    wish = BarImport(
        instrument_id=name, timestamps="open", bar=spec.text, definition=definition, round_values=True,
        timezone=EXCHANGE_CLOCK if local else None,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="sagetrade-fetch-") as folder:
        path = Path(folder) / "bars.parquet"
        pq.write_table(table, path)
        import_bars(path, wish, catalog=catalog, now_ns=now_ns)
