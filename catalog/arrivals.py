"""When bars came, as a live node heard them. The bars themselves stand in the catalog at their close, however late.

One file a UTC day per bar type in the folder `arrivals`: ``ts_event`` is the bar's close, ``ts_init`` when it came.
"""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from nautilus_trader.model.data import BarType

from catalog.files import Transaction, files_by_day, folder_name, recover
from catalog.shapes import ARRIVALS, require
from catalog.store import read_parquet
from sagetrade_nautilus.model.records import IntArray
from sagetrade_nautilus.nanos import NANOS_PER_DAY

FOLDER: Final = "arrivals"


def write_arrivals(change: Transaction, root: Path, bar_type: BarType, closes: IntArray, came: IntArray) -> None:
    """Keep when the bars came that close at `closes`, which rise; of a bar that came before, the first time stays."""
    directory = _directory(root, bar_type)
    files = files_by_day(directory)
    for day in np.unique(closes // NANOS_PER_DAY).tolist():
        fresh = closes // NANOS_PER_DAY == day
        kept, first = _read(files[day].path) if day in files else (closes[:0], came[:0])
        new = fresh & ~np.isin(closes, kept)
        if not new.any():
            continue
        merged = np.concatenate((kept, closes[new]))
        order = np.argsort(merged)
        table = pa.table({"ts_event": merged[order], "ts_init": np.concatenate((first, came[new]))[order]})
        change.write(table, directory, int(merged.min()), int(merged.max()))


def read_arrivals(root: Path, bar_type: BarType, start_ns: int, end_ns: int) -> dict[int, int]:
    """Return when each bar came that closes at `start_ns` <= close <= `end_ns`, as far as a node heard it.

    Raises
    ------
    DataError
        A file is damaged.
    """
    recover(root)
    found: dict[int, int] = {}
    for file in files_by_day(_directory(root, bar_type)).values():
        if file.last_ns >= start_ns and file.first_ns <= end_ns:
            found.update(zip(*(column.tolist() for column in _read(file.path)), strict=True))
    return {close: came for close, came in found.items() if start_ns <= close <= end_ns}


def _directory(root: Path, bar_type: BarType) -> Path:
    return root / FOLDER / folder_name(bar_type)


def _read(path: Path) -> tuple[IntArray, IntArray]:
    table = require(path, read_parquet(path), ARRIVALS, only=True)
    closes, came = (table[name].to_numpy().astype(np.int64) for name in ("ts_event", "ts_init"))
    return closes, came
