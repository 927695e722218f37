"""Faults of bars that refuse an import, each with its rows and its reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from nautilus_trader.model.objects import PRICE_MAX, QUANTITY_MAX

from catalog.bartypes import BarSpec
from catalog.columns import FIELDS, PRICES, SAME_NUMBER, BarColumns
from catalog.times import iso
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.records import IntArray

Mask = npt.NDArray[np.bool_]

EXAMPLES = 5


@dataclass(frozen=True)
class Fault:
    """Rows that may not pass (zero-based), and what is wrong with one of them."""

    rows: IntArray
    reason: Callable[[int], str]

    def __str__(self) -> str:
        row = int(self.rows[0])
        text = f"row {row + 1}: {self.reason(row)}"
        if len(self.rows) == 1:
            return text
        listed = ", ".join(str(int(other) + 1) for other in self.rows[:EXAMPLES])
        more = ", ..." if len(self.rows) > EXAMPLES else ""
        return f"{text} ({len(self.rows)} such rows: {listed}{more})"


def refuse(path: Path, faults: list[Fault]) -> None:
    """Raise if there is a fault at all.

    Raises
    ------
    DataError
        Names each fault with its first row, the number of rows and examples. Row 1 is the first row of data.
    """
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise DataError(f"{path}: refused, nothing was imported (row 1 is the first row of data):\n{lines}")


def _fault(bad: Mask, reason: Callable[[int], str]) -> Iterator[Fault]:
    if bad.any():
        yield Fault(np.flatnonzero(bad), reason)


def number_faults(bars: BarColumns) -> list[Fault]:
    """Find prices that are no number above 0, volumes that are none from 0 on, and what is more than Nautilus holds."""
    faults: list[Fault] = []
    for name in FIELDS:
        values = getattr(bars, name)
        low = values <= 0.0 if name in PRICES else values < 0.0
        bound = "above 0" if name in PRICES else "0 or more"
        faults += _fault(~np.isfinite(values) | low, _value_reason(name, values, f"and must be a number {bound}"))
        top = PRICE_MAX if name in PRICES else QUANTITY_MAX
        high = np.isfinite(values) & (values > top)
        faults += _fault(high, _value_reason(name, values, f"and {top:.0f} is the most"))
    return faults


def contradictions(bars: BarColumns) -> list[Fault]:
    """Find bars whose high is not the highest, or whose low is not the lowest, of their four prices."""
    top = np.maximum(np.maximum(bars.open, bars.close), bars.low)
    bottom = np.minimum(np.minimum(bars.open, bars.close), bars.high)

    def shown(row: int) -> str:
        values = ", ".join(f"{name} {getattr(bars, name)[row]:.12g}" for name in PRICES)
        return f"the prices contradict one another ({values})"

    return list(_fault((bars.high < top) | (bars.low > bottom), shown))


def precision_faults(bars: BarColumns, price_precision: int, size_precision: int) -> list[Fault]:
    """Find values with more decimals than the instrument has."""
    faults: list[Fault] = []
    for name in FIELDS:
        decimals = price_precision if name in PRICES else size_precision
        values = getattr(bars, name)
        reason = f"which has more than the instrument's {decimals} decimals; --round rounds"
        faults += _fault(has_more_decimals(values, decimals), _value_reason(name, values, reason))
    return faults


def _value_reason(name: str, values: npt.NDArray[np.float64], reason: str) -> Callable[[int], str]:
    return lambda row: f"{name} is {values[row]:.12g}, {reason}"


def has_more_decimals(values: npt.NDArray[np.float64], decimals: int) -> Mask:
    """Tell which values are not the nearest float to a number of at most `decimals` decimals."""
    with np.errstate(invalid="ignore"):
        bad: Mask = np.abs(np.round(values, decimals) - values) > SAME_NUMBER * np.abs(values)
    return bad


def time_faults(ts: IntArray, grid: IntArray, spec: BarSpec, now_ns: int) -> list[Fault]:
    """Find bars off the grid and bars that close in the future.

    Parameters
    ----------
    ts : numpy.ndarray
        Bar closes, UTC nanoseconds.
    grid : numpy.ndarray
        The same on the clock that the grid stands on (local days for daily bars).
    now_ns : int
        The present, UTC nanoseconds.
    """
    off = grid % spec.step_ns != 0
    return [
        *_fault(off, lambda row: f"the close {iso(int(ts[row]))} is not on the grid of {spec.text} bars"),
        *_fault(ts > now_ns, lambda row: f"the close {iso(int(ts[row]))} lies in the future ({iso(now_ns)})"),
    ]


def conflicting_duplicates(bars: BarColumns, order: IntArray) -> tuple[list[Fault], Mask]:
    """Look for rows of one time.

    Parameters
    ----------
    bars : BarColumns
        In time order.
    order : numpy.ndarray
        The row of the file that each bar came from.

    Returns
    -------
    tuple[list[Fault], numpy.ndarray]
        The faults, for rows that contradict another of the same time, and the mask of bars that repeat the
        one before exactly and can be dropped.
    """
    same_time = np.concatenate(([False], np.diff(bars.ts) == 0))
    previous = np.maximum(np.arange(len(bars)) - 1, 0)
    conflict = same_time & bars.differs(bars.take(previous))
    rows = order[conflict]
    others = dict(zip(rows.tolist(), order[previous[conflict]].tolist(), strict=True))
    closes = dict(zip(rows.tolist(), bars.ts[conflict].tolist(), strict=True))

    def shown(row: int) -> str:
        return f"closes at {iso(closes[row])} like row {others[row] + 1} with other values"

    faults = [Fault(np.sort(rows), shown)] if len(rows) else []
    return faults, same_time & ~conflict
