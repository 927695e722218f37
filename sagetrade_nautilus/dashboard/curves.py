"""Equity and drawdown as charts: few enough points to be drawn at once, with no spike lost.

A series is named by the key of the catalogue of texts that says what it is.
"""

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from pyarrow import csv

from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.records import FloatArray, IntArray
from sagetrade_nautilus.report.axes import thin
from sagetrade_nautilus.report.text import equity_digits
from sagetrade_nautilus.report.time_charts import HUES, PERCENT, TimeChart, below_peak, time_chart

HUNDRED = 100.0
OVERLAID_POINTS = 2_000


class Equity(msgspec.Struct, frozen=True, eq=False):
    """Equity over time, and buying and holding where it is known; `ts` in nanoseconds, all of shape (bars,)."""

    ts: IntArray
    equity: FloatArray
    held: FloatArray | None = None


class EquityCharts(msgspec.Struct, frozen=True):
    """The two charts of a run or a node."""

    equity: TimeChart
    drawdown: TimeChart


def read_equity(path: Path) -> Equity:
    """Read ``equity.csv``.

    Raises
    ------
    DataError
        It is missing or is none.
    """
    try:
        table = csv.read_csv(path)
        ts = table["timestamp"].cast(pa.timestamp("ns", tz="UTC")).to_numpy().astype(np.int64)
        equity, held = (table[name].to_numpy().astype(np.float64) for name in ("equity", "buy_and_hold"))
    except (OSError, pa.ArrowException, LookupError, TypeError, ValueError) as error:
        raise DataError(f"{path}: {error}") from None
    if not ts.size or not (np.isfinite(equity) & np.isfinite(held)).all():
        raise DataError(f"{path}: it holds no equity, or one that is no number")
    return Equity(ts, equity, held)


def equity_charts(curve: Equity, start: float, currency: str) -> EquityCharts:
    """Draw equity and how far it stood below its peak; `start` is the first peak."""
    series = [("chart.equity", "run", curve.equity)]
    if curve.held is not None:
        series.insert(0, ("chart.held", "held", curve.held))
    return EquityCharts(
        equity=time_chart("chart.equity", curve.ts, series, unit=currency, digits=equity_digits(start), base=start),
        drawdown=below_peak("chart.drawdown", "chart.drawdown", curve.ts, curve.equity, start),
    )


def overlaid(curves: list[tuple[str, Equity, float]]) -> TimeChart:
    """Draw the returns of several runs in percent, the first on top; before and after its time a run is flat.

    Parameters
    ----------
    curves : list of (str, Equity, float)
        Name, equity, and starting balance.
    """
    grid = np.unique(np.concatenate([curve.ts[thin(curve.equity, OVERLAID_POINTS)] for _, curve, _ in curves]))
    series = [
        (name, f"hue{number % HUES}", _on_grid(curve, start, grid))
        for number, (name, curve, start) in enumerate(curves)
    ]
    return time_chart("compare.label", grid, series[::-1], unit=PERCENT, digits=2, base=0.0)


def _on_grid(curve: Equity, start: float, grid: IntArray) -> FloatArray:
    index = np.searchsorted(curve.ts, grid, side="right") - 1
    values = np.where(index < 0, start, curve.equity[np.maximum(index, 0)])
    return np.asarray(HUNDRED * (values / start - 1.0), dtype=np.float64)
