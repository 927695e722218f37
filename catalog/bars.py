"""Importing bars: read, check everything, then write all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from nautilus_trader.model.instruments import Instrument

from catalog import faults
from catalog.bartypes import BarSpec, parse_bar_spec, spec_of_step
from catalog.columns import FIELDS, PRICES, BarColumns
from catalog.files import recover, transaction
from catalog.frames import find_column, naming, read_table, require_column
from catalog.gaps import empty_weekdays, find_gaps
from catalog.instruments import Definition, instrument_for
from catalog.report import ImportReport
from catalog.store import stored_definition
from catalog.times import local_ns, next_local_day, read_times
from catalog.write import Progress, no_progress, write_bars, write_instrument
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.records import IntArray

Convention = Literal["open", "close"]

_SHARED = ("timestamp", "datetime", "date", "time", "ts", "t", "index")
_TIME_NAMES = {
    "open": ("ts_open", "open_time", "opentime", "time_open", "timestamp_open", "bar_open", *_SHARED),
    "close": ("ts_close", "close_time", "closetime", "time_close", "timestamp_close", "bar_close", *_SHARED),
}
_VALUE_NAMES = {
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price"),
    "low": ("low", "l", "low_price"),
    "close": ("close", "c", "close_price"),
    "volume": ("volume", "v", "vol", "base_volume"),
}


@dataclass(frozen=True, kw_only=True)
class BarImport:
    """What a user says of a file of bars.

    Parameters
    ----------
    instrument_id : str
        'SYMBOL.VENUE'.
    timestamps : {'open', 'close'}
        What the file's times mark. The catalog keeps the close.
    timezone : str, optional
        IANA zone of naive times.
    bar : str, optional
        Such as '5-MINUTE-LAST'; without it the most common spacing of the rows decides.
    definition : Definition, optional
        The instrument, where SageTrade does not know it.
    round_values : bool, optional
        Round values with more decimals than the instrument has, instead of refusing them.
    replace : bool, optional
        Let bars that differ from those in the catalog take their place.
    time_column : str, optional
        The column of times, where several would do.
    """

    instrument_id: str
    timestamps: Convention
    timezone: str | None = None
    bar: str | None = None
    definition: Definition | None = None
    round_values: bool = False
    replace: bool = False
    time_column: str | None = None


@dataclass(frozen=True)
class _Checked:
    """Bars that may be written, and what checking them found."""

    bars: BarColumns
    duplicates: int
    unsorted: int
    rounded: int


def import_bars(
    path: Path, wish: BarImport, *, catalog: Path, now_ns: int, progress: Progress = no_progress
) -> ImportReport:
    """Import the bars of `path` into `catalog`. Importing the same file again changes nothing.

    Parameters
    ----------
    now_ns : int
        The present, UTC nanoseconds: bars that close later are refused.

    Raises
    ------
    DataError
        Something would corrupt the catalog; the message names rows and reasons, and nothing has changed.
    """
    recover(catalog)
    defined = wish.definition or stored_definition(catalog, wish.instrument_id)
    instrument = instrument_for(wish.instrument_id, defined)
    with naming(path):
        return _import(path, wish, instrument=instrument, catalog=catalog, now_ns=now_ns, progress=progress)


def _import(
    path: Path, wish: BarImport, *, instrument: Instrument, catalog: Path, now_ns: int, progress: Progress
) -> ImportReport:
    table = read_table(path)
    column = _time_column(table, wish)
    times = read_times(table[column], column, wish.timezone)
    spec = parse_bar_spec(wish.bar) if wish.bar else spec_of_step(_common_step(times.utc_ns))
    zone = wish.timezone if times.naive else None
    closes = times.utc_ns if wish.timestamps == "close" else _closes(times.utc_ns, spec, zone)
    checked = _check(
        path,
        BarColumns(closes, *_values(path, table)),
        wish=wish,
        instrument=instrument,
        spec=spec,
        now_ns=now_ns,
        timezone=zone,
    )
    bars = checked.bars
    with transaction(catalog) as change:
        write_instrument(change, catalog, instrument)
        written = write_bars(
            change,
            catalog,
            spec.bar_type(wish.instrument_id),
            bars,
            (instrument.price_precision, instrument.size_precision),
            replace=wish.replace,
            progress=progress,
        )
    return ImportReport(
        source=path,
        instrument_id=wish.instrument_id,
        bar_spec=spec.text,
        inferred=wish.bar is None,
        timestamps=wish.timestamps,
        rows=table.num_rows,
        bars=len(bars),
        first_ns=int(bars.ts[0]),
        last_ns=int(bars.ts[-1]),
        duplicates=checked.duplicates,
        unsorted=checked.unsorted,
        zero_volume=int(np.count_nonzero(bars.volume == 0.0)),
        rounded=checked.rounded,
        gaps=find_gaps(bars.ts, spec, instrument),
        empty_weekdays=empty_weekdays(bars.ts, instrument),
        written=written,
        notes=_notes(column, wish, times.naive, times.repeated),
    )


def _time_column(table: pa.Table, wish: BarImport) -> str:
    """Return the column of times: one that is named for the convention asked for, if there is one."""
    flag = "--time-column"
    fitting = None
    if wish.time_column is None:
        fitting = find_column(table, _TIME_NAMES[wish.timestamps], role="time", flag=flag)
    names = (*_TIME_NAMES["open"], *_TIME_NAMES["close"])
    return fitting or require_column(table, names, role="time", flag=flag, chosen=wish.time_column)


def _common_step(utc_ns: IntArray) -> int:
    steps = np.diff(np.unique(utc_ns))
    if not len(steps):
        raise DataError("one time alone does not tell how long a bar is: name it with --bar")
    lengths, counts = np.unique(steps, return_counts=True)
    return int(lengths[np.argmax(counts)])


def _closes(opens: IntArray, spec: BarSpec, timezone: str | None) -> IntArray:
    if spec.is_daily and timezone is not None:
        return next_local_day(opens, timezone, 1)
    return opens + spec.step_ns


def _values(path: Path, table: pa.Table) -> list[npt.NDArray[np.float64]]:
    problems: list[faults.Fault] = []
    columns = []
    for field in FIELDS:
        name = require_column(table, _VALUE_NAMES[field], role=field)
        values, bad = _numbers(table[name])
        columns.append(values)
        if bad.any():
            problems.append(faults.Fault(np.flatnonzero(bad), _no_number(field, table[name])))
    faults.refuse(path, problems)
    return columns


def _no_number(field: str, cells: pa.ChunkedArray) -> Callable[[int], str]:
    return lambda row: f"{field} is {cells[row].as_py()!r}, which is no number"


def _numbers(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return a column as floats (NaN where empty), and which cells are no numbers at all."""
    try:
        numbers = pc.cast(column, pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        bad = [not _is_number(value) for value in column.to_pylist()]
        return np.full(len(column), np.nan), np.array(bad, dtype=bool)
    values = np.array(pc.fill_null(numbers, float("nan")).to_numpy(), dtype=np.float64)
    return values, np.zeros(len(values), dtype=bool)


def _is_number(value: object) -> bool:
    if value is None or isinstance(value, int | float):
        return True
    try:
        pa.scalar(value, pa.string()).cast(pa.float64())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return False
    return True


def _check(
    path: Path,
    bars: BarColumns,
    *,
    wish: BarImport,
    instrument: Instrument,
    spec: BarSpec,
    now_ns: int,
    timezone: str | None,
) -> _Checked:
    """Refuse faults; return the bars in order, without repetitions, at the instrument's precision."""
    precision = (instrument.price_precision, instrument.size_precision)
    rounded = np.zeros(len(bars), dtype=bool)
    for field in FIELDS:
        rounded |= faults.has_more_decimals(getattr(bars, field), _decimals(field, instrument))
    problems = faults.number_faults(bars) + faults.contradictions(bars)
    if not wish.round_values:
        problems += faults.precision_faults(bars, *precision)
    grid = local_ns(bars.ts, timezone) if spec.is_daily and timezone is not None else bars.ts
    problems += faults.time_faults(bars.ts, grid, spec, now_ns)
    faults.refuse(path, problems)
    exact = BarColumns(bars.ts, *(np.round(getattr(bars, field), _decimals(field, instrument)) for field in FIELDS))
    faults.refuse(path, faults.number_faults(exact))
    order = np.argsort(exact.ts, kind="stable")
    ordered = exact.take(order)
    conflicts, repeated = faults.conflicting_duplicates(ordered, order)
    faults.refuse(path, conflicts)
    late = exact.ts < np.maximum.accumulate(exact.ts)
    return _Checked(ordered.take(~repeated), int(repeated.sum()), int(late.sum()), int(rounded.sum()))


def _decimals(field: str, instrument: Instrument) -> int:
    return int(instrument.price_precision if field in PRICES else instrument.size_precision)


def _notes(column: str, wish: BarImport, naive: bool, repeated: int) -> tuple[str, ...]:
    notes = []
    other = "open" if wish.timestamps == "close" else "close"
    if other in column.lower():
        notes.append(f"the column {column!r} was read as the bar's {wish.timestamps}, as asked for")
    if naive:
        notes.append(f"naive times were read on the clock of {wish.timezone}")
    if repeated:
        notes.append(f"{repeated} rows lie in the hour that the clocks repeat; the order of the rows told them apart")
    return tuple(notes)
