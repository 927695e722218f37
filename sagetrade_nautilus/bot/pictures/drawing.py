"""Pictures for a chat, as PNG: equity over time, and a position on its chart.

They hold numbers only and no words, so one picture serves every language. Drawn with Pillow, whose own font needs no
font of the machine's.
"""

import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.records import FloatArray, IntArray
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.report.axes import Scale, round_ticks, thin, value_scale

WIDTH, HEIGHT = 1_000, 560
SHARPER: Final = 2
"""Drawn this many times larger and then made smaller, since Pillow's lines are not smooth."""
LEFT, RIGHT, TOP, BOTTOM = 24, 150, 28, 56
FONT_PX: Final = 24
TICKS: Final = 5
INK, GRID, PAPER = "#1f2937", "#e5e7eb", "#ffffff"
BLUE, GREEN, RED = "#2563eb", "#15803d", "#b91c1c"
DAY_S: Final = 86_400


class Level(msgspec.Struct, frozen=True):
    """A horizontal line with its value written beside it."""

    value: float
    color: str


def equity_picture(ts: IntArray, equity: FloatArray, zone: ZoneInfo) -> bytes:
    """Return a picture of equity over time, with a line at its first value.

    Parameters
    ----------
    ts : ndarray of shape (points,)
        Increasing, UNIX nanoseconds.
    equity : ndarray of shape (points,)
        Finite.
    zone : ZoneInfo
        Whose clock is written below.

    Raises
    ------
    ReportError
        There are fewer than two points, or a value is not finite.
    """
    _check(ts, equity)
    color = GREEN if equity[-1] >= equity[0] else RED
    levels = [Level(float(equity[0]), INK), Level(float(equity[-1]), color)]
    return _Chart(ts, equity, levels, color, zone).png()


def position_picture(
    ts: IntArray,
    closes: FloatArray,
    *,
    entry: float,
    opened_ns: int,
    last: float | None = None,
    stop_loss: float | None = None,
    take_profit: float | None = None,
    zone: ZoneInfo,
) -> bytes:
    """Return a picture of prices with a position's entry (blue), stop-loss (red) and take-profit (green).

    Parameters
    ----------
    ts, closes : ndarray of shape (bars,)
        Closes of the bars; times increasing, in UNIX nanoseconds.
    opened_ns : int
        When the position was opened: a dot on the entry's line, where the chart reaches so far back.

    Raises
    ------
    ReportError
        As `equity_picture`.
    """
    _check(ts, closes)
    named = ((entry, BLUE), (stop_loss, RED), (take_profit, GREEN), (last, INK))
    levels = [Level(value, color) for value, color in named if value is not None]
    chart = _Chart(ts, closes, levels, INK, zone)
    if ts[0] <= opened_ns <= ts[-1]:
        chart.dot(opened_ns, entry, BLUE)
    return chart.png()


class _Chart:
    """One line over time, with levels; values are written on the right, times below."""

    def __init__(self, ts: IntArray, values: FloatArray, levels: Sequence[Level], color: str, zone: ZoneInfo) -> None:
        self._image = Image.new("RGB", (WIDTH * SHARPER, HEIGHT * SHARPER), PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._font = ImageFont.load_default(FONT_PX * SHARPER)
        self._times = Scale(float(ts[0]), float(ts[-1]))
        self._values = value_scale(values, include=tuple(level.value for level in levels))
        self._zone = zone
        self._grid(levels)
        kept = thin(values)
        points = [self._at(float(ts[index]), float(values[index])) for index in kept]
        self._draw.line(points, fill=color, width=3 * SHARPER, joint="curve")

    def dot(self, ts: int, value: float, color: str) -> None:
        x, y = self._at(float(ts), value)
        size = 8 * SHARPER
        self._draw.ellipse((x - size, y - size, x + size, y + size), fill=color, outline=PAPER, width=2 * SHARPER)

    def png(self) -> bytes:
        """Return the picture; the same values give the same bytes."""
        out = BytesIO()
        self._image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).save(out, "PNG")
        return out.getvalue()

    def _grid(self, levels: Sequence[Level]) -> None:
        ticks, digits = round_ticks(self._values, TICKS)
        room = FONT_PX * SHARPER
        marked = [(level, self._at(self._times.low, level.value)[1]) for level in levels]
        for tick in ticks:
            _, y = self._at(self._times.low, tick)
            self._line(y, GRID)
            if all(abs(y - other) > room for _, other in marked):
                self._label(y, f"{tick:,.{digits}f}", INK)
        written: list[float] = []
        for level, y in marked:
            self._line(y, level.color, dashed=True)
            if all(abs(y - other) > room for other in written):
                self._label(y, f"{level.value:,.{max(digits, 2 if level.value < 1_000 else digits)}f}", level.color)
                written.append(y)
        for share in (0.0, 0.5, 1.0):
            self._time(share)

    def _time(self, share: float) -> None:
        ts = self._times.low + share * (self._times.high - self._times.low)
        moment = dt.datetime.fromtimestamp(ts / NANOS_PER_SECOND, tz=self._zone)
        is_long = self._times.high - self._times.low > 2 * DAY_S * NANOS_PER_SECOND
        anchor = {0.0: "lm", 0.5: "mm", 1.0: "rm"}[share]
        x, _ = self._at(ts, self._values.low)
        y = (HEIGHT - BOTTOM / 2) * SHARPER
        self._draw.text((x, y), f"{moment:%d/%m}" if is_long else f"{moment:%H:%M}", INK, self._font, anchor)

    def _label(self, y: float, text: str, color: str) -> None:
        self._draw.text(((WIDTH - RIGHT + 10) * SHARPER, y), text, color, self._font, "lm")

    def _line(self, y: float, color: str, *, dashed: bool = False) -> None:
        begin, end, step = LEFT * SHARPER, (WIDTH - RIGHT) * SHARPER, 14 * SHARPER
        if not dashed:
            self._draw.line((begin, y, end, y), fill=color, width=SHARPER)
            return
        for x in range(begin, end, 2 * step):
            self._draw.line((x, y, min(x + step, end), y), fill=color, width=2 * SHARPER)

    def _at(self, ts: float, value: float) -> tuple[float, float]:
        width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        x = LEFT + self._times.share(ts) / 100.0 * width
        y = TOP + self._values.down(value) / 100.0 * height
        return x * SHARPER, y * SHARPER


def _check(ts: IntArray, values: FloatArray) -> None:
    if ts.size != values.size or ts.size < 2 or not np.isfinite(values).all() or (np.diff(ts) <= 0).any():
        raise ReportError("a picture needs two points or more, at increasing times, with finite values")
