"""What a file of the catalog must hold, so that a sound Parquet file of something else is told from it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from nautilus_trader.serialization.arrow.serializer import get_schema

from catalog.columns import FIELDS
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError

Kind = Callable[[pa.DataType], bool]
FIXED_BYTES = (8, 16)
LATEST_NS = 2**63 - 1


def _is_fixed(kind: pa.DataType) -> bool:
    return pa.types.is_fixed_size_binary(kind) and kind.byte_width in FIXED_BYTES


TIMES: Mapping[str, Kind] = {"ts_init": pa.types.is_integer}
ARRIVALS: Mapping[str, Kind] = {**TIMES, "ts_event": pa.types.is_integer}
BARS: Mapping[str, Kind] = {**TIMES, **dict.fromkeys(FIELDS, _is_fixed)}
TEXTS: Mapping[str, Kind] = {field.name: field.type.equals for field in get_schema(RawText)}


def require(path: Path, table: pa.Table, wanted: Mapping[str, Kind], *, only: bool = False) -> pa.Table:
    """Return `table` if it has the columns that are wanted, of their kinds and without a gap, and sound times.

    Parameters
    ----------
    only : bool
        Whether it may have no other column.

    Raises
    ------
    DataError
        It has not; the message names the file and the column.
    """
    names = table.column_names
    fault = next((name for name, fits in wanted.items() if names.count(name) != 1 or not _holds(table[name], fits)), "")
    strange = next((name for name in names if only and name not in wanted), "")
    if fault or strange:
        what = f"no sound column {fault!r}" if fault else f"a column {strange!r} that does not belong there"
        raise DataError(f"{path}: damaged (it has {what}); delete this file and import its day again")
    return table


def _holds(column: pa.ChunkedArray, fits: Kind) -> bool:
    if not fits(column.type) or column.null_count:
        return False
    if not pa.types.is_integer(column.type) or not len(column):
        return True
    found = pc.min_max(column)
    return bool(found["min"].as_py() >= 0 and found["max"].as_py() <= LATEST_NS)
