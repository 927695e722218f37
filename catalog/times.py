"""Times as they stand in files, to UTC nanoseconds. Nothing is assumed: what is unclear is refused by row."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.records import IntArray
from sagetrade_nautilus.nanos import NANOS_PER_DAY

EARLIEST_EPOCH_NS = 631_152_000_000_000_000  # 1990-01-01: an integer before it is rather a date such as 20220101
_EPOCH_UNITS = ((10**11, 10**9, "s"), (10**14, 10**6, "ms"), (10**17, 10**3, "us"), (2**63, 1, "ns"))
_OFFSET = r"[T ]\d{2}:\d{2}.*(Z|z| ?UTC|[+-]\d{2}(:?\d{2})?)$"
_DIGITS = r"^\d{9,19}$"


@dataclass(frozen=True)
class Times:
    """UTC nanoseconds per row, and what had to be decided.

    `naive` times were read in a zone; `repeated` counts those in the hour that the clocks repeat, which
    were told apart by the order of the rows.
    """

    utc_ns: IntArray
    naive: bool = False
    repeated: int = 0


def zone(timezone: str) -> ZoneInfo:
    """Return the time zone of that IANA name.

    Raises
    ------
    DataError
        There is none.
    """
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DataError(
            f"--timezone {timezone!r} is no time zone; write a name such as America/New_York or UTC"
        ) from None


def read_times(column: pa.ChunkedArray, name: str, timezone: str | None) -> Times:
    """Return the times of `column` in UTC.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Timestamps, dates, whole numbers since 1970 (s, ms, us or ns, told by their size) or ISO 8601 text.
    name : str
        What messages call it.
    timezone : str, optional
        The IANA zone that naive times are in. Times that carry an offset do not need it.

    Raises
    ------
    DataError
        A time is missing, unreadable, naive without `timezone`, or lies in an hour that a clock change
        skips or repeats undecidably; the message names the row.
    """
    _refuse_first(pc.is_null(column), name, "is empty")
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_text(pc.utf8_trim_whitespace(column.cast(pa.string())), name, timezone)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return Times(_from_epoch(column, name))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        try:
            ns = column.cast(pa.timestamp("ns", tz=getattr(kind, "tz", None))).cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid as error:
            raise DataError(f"column {name!r}: {error}") from None
        return Times(ns) if getattr(kind, "tz", None) else _localise(ns, name, timezone)
    raise DataError(f"column {name!r} holds {kind}, which is no time")


def next_local_day(utc_ns: IntArray, timezone: str, days: int) -> IntArray:
    """Shift times by whole days of the clock in `timezone`: a day there may have 23 or 25 hours."""
    shifted = local_ns(utc_ns, timezone) + days * NANOS_PER_DAY
    return _localise(shifted, "time", timezone).utc_ns


def local_ns(utc_ns: IntArray, timezone: str) -> IntArray:
    """Return what the clock in `timezone` shows, in nanoseconds since its own 1970-01-01 00:00."""
    index = pd.DatetimeIndex(utc_ns, tz="UTC").tz_convert(zone(timezone)).tz_localize(None)
    return np.asarray(index.as_unit("ns").asi8, dtype=np.int64)


def iso(ns: int) -> str:
    """Return a UTC time as people read it."""
    stamp = pd.Timestamp(ns, tz="UTC")
    return str(stamp.strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000")) + "Z"


def _from_text(column: pa.ChunkedArray, name: str, timezone: str | None) -> Times:
    _refuse_first(pc.equal(column, ""), name, "is empty")
    if pc.all(pc.match_substring_regex(column, _DIGITS)).as_py():
        return Times(_from_epoch(column.cast(pa.int64()), name))
    aware = pc.match_substring_regex(column, _OFFSET).to_numpy()
    if aware.any() and not aware.all():
        row = int(np.argmax(aware != aware[0]))
        kinds = ("with", "without") if aware[0] else ("without", "with")
        raise DataError(
            f"row {row + 1}: {name!r} is {column[row].as_py()!r}: the rows before are {kinds[0]} an offset, "
            f"this one is {kinds[1]}"
        )
    texts = pc.replace_substring_regex(column, r" ?UTC$", "Z").to_pandas()
    try:
        parsed = pd.to_datetime(texts, format="ISO8601", utc=bool(aware[0]), errors="coerce")
    except (ValueError, OverflowError) as error:
        raise DataError(f"column {name!r}: {error}") from None
    _refuse_first(pa.array(parsed.isna().to_numpy()), name, "is no ISO 8601 time (2022-01-31 09:30:00)", column)
    outside = ~parsed.dt.year.between(1700, 2200).to_numpy()
    _refuse_first(pa.array(outside), name, "lies outside the years 1700 to 2200", column)
    if aware[0]:
        return Times(_ns(pd.DatetimeIndex(parsed)))
    return _localise(_ns(pd.DatetimeIndex(parsed)), name, timezone)


def _ns(index: pd.DatetimeIndex) -> IntArray:
    return np.asarray(index.as_unit("ns").asi8, dtype=np.int64)


def _from_epoch(column: pa.ChunkedArray, name: str) -> IntArray:
    try:
        values = column.cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        raise DataError(f"column {name!r} holds numbers that are not whole; write times as ISO 8601") from None
    limits = [limit for limit, _, _ in _EPOCH_UNITS]
    units = np.searchsorted(limits, np.abs(values), side="right")
    if (units != units[0]).any():
        row = int(np.argmax(units != units[0]))
        unit = _EPOCH_UNITS[units[0]][2]
        raise DataError(f"row {row + 1}: {name!r} is {values[row]}: not in the unit of the rows before ({unit})")
    ns = values * _EPOCH_UNITS[units[0]][1]
    _refuse_first(
        pa.array(ns < EARLIEST_EPOCH_NS),
        name,
        "is before 1990 (whole numbers count s, ms, us or ns since 1970); write times as ISO 8601",
        column,
    )
    return np.asarray(ns, dtype=np.int64)


def _localise(local_ns: IntArray, name: str, timezone: str | None) -> Times:
    if timezone is None:
        raise DataError(
            f"column {name!r} holds naive times (row 1: {iso(int(local_ns[0]))[:-1]}): say with --timezone "
            "which clock they are from, such as America/New_York or UTC"
        )
    place = zone(timezone)
    local = pd.DatetimeIndex(local_ns)
    naive = pa.chunked_array([pa.array(local)])
    utc = local.tz_localize(place, ambiguous=np.ones(len(local), bool), nonexistent="NaT")
    skipped = f"does not exist in {timezone}: the clocks skip that hour"
    _refuse_first(pa.array(utc.isna()), name, skipped, naive)
    ambiguous = np.asarray(local.tz_localize(place, ambiguous="NaT", nonexistent="NaT").isna())
    if not ambiguous.any():
        return Times(_ns(utc), naive=True)
    summer = _first_pass(local_ns, ambiguous, name, timezone, naive)
    return Times(_ns(local.tz_localize(place, ambiguous=summer)), naive=True, repeated=int(ambiguous.sum()))


def _first_pass(
    local_ns: IntArray, ambiguous: npt.NDArray[np.bool_], name: str, timezone: str, shown: pa.ChunkedArray
) -> npt.NDArray[np.bool_]:
    """Tell which rows of the repeated hour come from its first pass: those before the times fall back."""
    first = np.zeros(len(local_ns), dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], ambiguous, [False])).astype(np.int8)))
    for start, stop in edges.reshape(-1, 2):
        falls = np.flatnonzero(np.diff(local_ns[start:stop]) <= 0)
        if len(falls) != 1:
            raise DataError(
                f"row {start + 1}: {name!r} is {shown[int(start)].as_py()}: {timezone} shows that hour twice "
                "and the rows do not tell which one it is; give UTC times or times with an offset"
            )
        first[start : start + falls[0] + 1] = True
    return first


def _refuse_first(
    bad: pa.Array | pa.ChunkedArray, name: str, reason: str, shown: pa.ChunkedArray | None = None
) -> None:
    flags = bad.to_numpy(zero_copy_only=False) if isinstance(bad, pa.Array) else bad.to_numpy()
    count = int(np.count_nonzero(flags))
    if not count:
        return
    row = int(np.argmax(flags))
    value = f" {str(shown[row].as_py())!r}" if shown is not None else ""
    more = f" ({count} such rows)" if count > 1 else ""
    raise DataError(f"row {row + 1}: {name!r}{value} {reason}{more}")
