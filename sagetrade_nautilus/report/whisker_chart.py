"""Estimates with their intervals as geometry."""

import msgspec
import numpy as np

from sagetrade_nautilus.report.axes import Scale, Tick, round_ticks, value_scale
from sagetrade_nautilus.report.figures import Information, SignalQuality
from sagetrade_nautilus.report.text import horizon, number

SPREAD = 0.22  # of a horizon's slot, between its signals


class Whisker(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate at `x`, `y` with its interval from `top` to `bottom`; `sure` when that excludes 0."""

    tone: str
    x: float
    y: float
    top: float | None
    bottom: float | None
    sure: bool
    shown: str


class WhiskerChart(msgspec.Struct, frozen=True):
    """Estimates side by side, grouped along x; `names` are the signals in the order of their colours."""

    label: str
    names: tuple[str, ...]
    whiskers: tuple[Whisker, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    zero: float


def information_chart(quality: SignalQuality) -> WhiskerChart | None:
    """Draw the coefficients of all signals at each horizon; ``None`` if there are none."""
    rows = [row for row in quality.rows if row.symbol == "all"]
    if not rows:
        return None
    names = tuple(dict.fromkeys(row.signal for row in rows))
    horizons = sorted({row.horizon_min for row in rows})
    reach = [bound for row in rows for bound in (row.ic, row.low, row.high) if bound is not None]
    scale = value_scale(np.asarray(reach), include=(0.0,))
    slot = 100.0 / len(horizons)
    whiskers = []
    for row in rows:
        index = names.index(row.signal)
        middle = slot * (horizons.index(row.horizon_min) + 0.5)
        x = middle + slot * SPREAD * (index - (len(names) - 1) / 2)
        whiskers.append(_whisker(row, f"hue{index}", round(x, 3), scale))
    marks, decimals = round_ticks(scale)
    return WhiskerChart(
        label="Information coefficient of each signal by horizon, with 95% intervals",
        names=names,
        whiskers=tuple(whiskers),
        x=tuple(Tick(slot * (k + 0.5), horizon(minutes)) for k, minutes in enumerate(horizons)),
        y=tuple(Tick(scale.down(mark), number(mark, decimals, signed=True)) for mark in marks),
        zero=scale.down(0.0),
    )


def _whisker(row: Information, tone: str, x: float, scale: Scale) -> Whisker:
    interval = "" if row.low is None else f", 95% interval {number(row.low, 3)} to {number(row.high, 3)}"
    return Whisker(
        tone=tone,
        x=x,
        y=scale.down(row.ic),
        top=None if row.high is None else scale.down(row.high),
        bottom=None if row.low is None else scale.down(row.low),
        sure=row.excludes_zero,
        shown=f"{row.signal}, {horizon(row.horizon_min)}: {number(row.ic, 3, signed=True)}{interval}",
    )
