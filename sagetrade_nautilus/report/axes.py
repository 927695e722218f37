"""Where things stand on a chart: scales, round ticks and the thinning of long lines.

A position is a percentage of the plot, from its left or its top, so that a chart fits every width and its
text is never distorted. Path coordinates run from 0 to 1000 on both axes.
"""

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from math import ceil, floor, log10

import msgspec
import numpy as np

from sagetrade_nautilus.model.records import FloatArray, IntArray

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
HOURS_FROM_S = 3 * HOUR_S
"""From which length on a scale is parted by hours; a shorter one is by minutes or seconds."""
MINUTES_S = tuple(unit * count for unit in (1, MINUTE_S) for count in (1, 2, 5, 10, 15, 30))
HOURS_S = tuple(HOUR_S * count for count in (1, 2, 3, 4, 6))
EDGE = 0.01  # a tick this share of the width before the first bar stands at the first bar
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BUCKETS = 500


class Tick(msgspec.Struct, frozen=True):
    """A labelled position. A minor one gives way on small screens."""

    at: float
    label: str
    minor: bool = False


class Scale(msgspec.Struct, frozen=True):
    """A linear scale from `low` to `high`; `low` < `high`."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Return where `value` lies, from 0 at `low` to 100 at `high`."""
        return round(100.0 * (value - self.low) / (self.high - self.low), 3)

    def down(self, value: float) -> float:
        """Return the distance from the top, where `high` is: 0 to 100."""
        return round(100.0 - self.share(value), 3)


def value_scale(*values: FloatArray, include: tuple[float, ...] = ()) -> Scale:
    """Return a scale that holds all values with a little room above and below."""
    known = np.concatenate([*values, np.asarray(include, dtype=np.float64)])
    low, high = float(known.min()), float(known.max())
    room = 0.04 * (high - low) or 0.01 * abs(high) or 1.0
    return Scale(low - room, high + room)


def round_ticks(scale: Scale, about: int = 6) -> tuple[list[float], int]:
    """Return values 1, 2 or 5 times a power of ten apart within the scale, and the decimals they need."""
    raw = (scale.high - scale.low) / about
    power = 10.0 ** floor(log10(raw))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * 0.999)
    decimals = max(0, -floor(log10(step) + 1e-9))
    first, last = ceil(scale.low / step - 1e-9), floor(scale.high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)], decimals


def time_ticks(scale: Scale, about: int = 9) -> list[Tick]:
    """Return ticks at round moments in UTC; the scale is in seconds since 1970."""
    days = (scale.high - scale.low) / DAY_S
    if days > 70:
        return _month_ticks(scale, about)
    if days > 2:
        step = next((k for k in (1, 2, 5, 7, 10) if days / k <= about), 14) * DAY_S
        return _even_ticks(scale, step, _day_label)
    span_s = scale.high - scale.low
    steps_s = HOURS_S if span_s >= HOURS_FROM_S else MINUTES_S
    step = next((k for k in steps_s if span_s / k <= about), DAY_S // 2)
    return _even_ticks(scale, step, _second_label if step < MINUTE_S else _minute_label)


def _month_ticks(scale: Scale, about: int) -> list[Tick]:
    begin, end = (dt.datetime.fromtimestamp(bound, tz=dt.UTC) for bound in (scale.low, scale.high))
    first, last = (moment.year * 12 + moment.month - 1 for moment in (begin, end))
    step = next((k for k in (1, 2, 3, 6) if (last - first + 1) / k <= about), 12)
    ticks: list[Tick] = []
    for number, index in enumerate(range(first + -first % step, last + 1, step)):
        year, month = divmod(index, 12)
        seconds = dt.datetime(year, month + 1, 1, tzinfo=dt.UTC).timestamp()
        if seconds < scale.low - EDGE * (scale.high - scale.low):
            continue
        label = f"{MONTHS[month]} {year}" if month == 0 or not ticks else MONTHS[month]
        ticks.append(Tick(max(0.0, scale.share(seconds)), label, minor=number % 2 == 1))
    return ticks


def _even_ticks(scale: Scale, step: int, label: Callable[[dt.datetime], str]) -> list[Tick]:
    low = scale.low - EDGE * (scale.high - scale.low)
    moments = range(ceil(low / step) * step, floor(scale.high) + 1, step)
    return [
        Tick(max(0.0, scale.share(t)), label(dt.datetime.fromtimestamp(t, tz=dt.UTC)), minor=number % 2 == 1)
        for number, t in enumerate(moments)
    ]


def _day_label(moment: dt.datetime) -> str:
    return f"{moment.day} {MONTHS[moment.month - 1]}"


def _minute_label(moment: dt.datetime) -> str:
    return f"{moment:%H:%M}" if moment.hour or moment.minute else _day_label(moment)


def _second_label(moment: dt.datetime) -> str:
    return f"{moment:%H:%M:%S}"


def thin(values: FloatArray, buckets: int = BUCKETS) -> IntArray:
    """Return the indices of each bucket's least and greatest value and of both ends: no spike is lost."""
    if values.size <= 2 * buckets:
        return np.arange(values.size)
    edges = np.linspace(0, values.size, buckets + 1).astype(np.int64)
    kept = [0, values.size - 1]
    for begin, end in pairwise(edges.tolist()):
        part = values[begin:end]
        kept += [begin + int(part.argmin()), begin + int(part.argmax())]
    return np.unique(np.asarray(kept, dtype=np.int64))


def path(x: FloatArray, y: FloatArray) -> str:
    """Return an SVG path through points given in percent."""
    points = (f"{a * 10:.1f} {b * 10:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return "M" + "L".join(points)
