"""Bars as NumPy columns: to Nautilus's Arrow form and back."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer

from sagetrade_nautilus.model.records import FloatArray, IntArray

PRICES = ("open", "high", "low", "close")
FIELDS = (*PRICES, "volume")
SAME_NUMBER = 1e-12  # relative: above the last bit of a float, below any decimal that a market quotes
_HIGH_PRECISION_SCALE = 1e16
_STANDARD_PRECISION_SCALE = 1e9
_EXACT_HIGH_WORDS = 2**21


@dataclass(frozen=True)
class BarColumns:
    """Bars in time order. All arrays have shape (n,).

    `ts` is the close of each bar in UTC nanoseconds (int64); the others are float64, prices in the quote
    currency and `volume` in the base currency. The floats equal ``bar.close.as_double()`` of Nautilus's own
    bars bit for bit.
    """

    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.ts)

    def take(self, selection: IntArray | npt.NDArray[np.bool_] | slice) -> Self:
        """Return the bars that `selection` indexes."""
        return type(self)(self.ts[selection], *(getattr(self, name)[selection] for name in FIELDS))

    def differs(self, other: Self) -> npt.NDArray[np.bool_]:
        """Tell bar by bar, shape (n,), where a value is not the same number as in `other` (as long)."""
        different = np.zeros(len(self), dtype=bool)
        for name in FIELDS:
            mine, theirs = getattr(self, name), getattr(other, name)
            different |= np.abs(mine - theirs) > SAME_NUMBER * np.abs(mine)
        return different


def empty() -> BarColumns:
    """Return no bars."""
    return BarColumns(np.empty(0, np.int64), *(np.empty(0) for _ in FIELDS))


def concatenate(first: BarColumns, second: BarColumns) -> BarColumns:
    """Return the bars of both in time order."""
    ts = np.concatenate((first.ts, second.ts))
    values = (np.concatenate((getattr(first, name), getattr(second, name))) for name in FIELDS)
    return BarColumns(ts, *values).take(np.argsort(ts, kind="stable"))


def to_arrow(bars: BarColumns, bar_type: BarType, price_precision: int, size_precision: int) -> pa.Table:
    """Encode bars as Nautilus stores them; values are rounded to the precisions."""
    stamps = bars.ts.astype(np.uint64)
    values = [np.array(getattr(bars, name)) for name in FIELDS]
    made = Bar.from_raw_arrays_to_list(bar_type, price_precision, size_precision, *values, stamps, stamps)
    return ArrowSerializer.serialize_batch(made, data_cls=Bar)


def from_arrow(table: pa.Table) -> BarColumns:
    """Decode a table of Nautilus's bar files."""
    ts = table["ts_init"].cast(pa.int64()).to_numpy()
    return BarColumns(ts, *(_fixed_to_float(table[name]) for name in FIELDS))


def _fixed_to_float(column: pa.ChunkedArray) -> FloatArray:
    """Convert little-endian fixed-point integers as Nautilus does: nearest float, divided by the scale."""
    width = column.type.byte_width
    chunks = [_words(chunk, width) for chunk in column.chunks if len(chunk)]
    words = np.concatenate(chunks) if chunks else np.empty((0, width // 8), np.uint64)
    if width == 8:
        return words[:, 0].view(np.int64).astype(np.float64) / _STANDARD_PRECISION_SCALE
    low, high = words[:, 0], words[:, 1].copy().view(np.int64)
    upper = high.astype(np.float64) * 2.0**64 + (low >> np.uint64(32)).astype(np.float64) * 2.0**32
    values = upper + (low & np.uint64(0xFFFFFFFF)).astype(np.float64)
    for row in np.flatnonzero(np.abs(high) >= _EXACT_HIGH_WORDS):
        values[row] = float((int(high[row]) << 64) + int(low[row]))
    return np.asarray(values / _HIGH_PRECISION_SCALE, dtype=np.float64)


def _words(chunk: pa.FixedSizeBinaryArray, width: int) -> npt.NDArray[np.uint64]:
    words = np.frombuffer(chunk.buffers()[1], dtype="<u8").reshape(-1, width // 8)
    return words[chunk.offset : chunk.offset + len(chunk)]
