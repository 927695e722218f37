"""Each market's price with the run's trades on it."""

from collections.abc import Sequence
from math import floor, log10

import msgspec
import numpy as np

from sagetrade_nautilus.model.records import FloatArray, IntArray, PriceSeries, RoundTrip, RunSummary
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.report.axes import Scale, Tick, path, round_ticks, thin, time_ticks, value_scale
from sagetrade_nautilus.report.text import cents_digits, number

MAX_TRADES = 4_000
MAX_POINTS = 120_000
SIGNIFICANT_DIGITS = 6


class PriceChart(msgspec.Struct, frozen=True, kw_only=True):
    """A price line with trades.

    `won` and `lost` are paths from entry to exit, `won_dots` and `lost_dots` a point at each entry. `hidden`
    counts trades that are left out because the chart would hold too many: those with the smallest results.
    """

    symbol: str
    line: str
    won: str
    lost: str
    won_dots: str
    lost_dots: str
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    trades: int
    hidden: int
    data: str


def price_charts(summary: RunSummary) -> tuple[PriceChart, ...]:
    """Draw every market of the run."""
    points = max(2, MAX_POINTS // max(1, len(summary.prices)))
    return tuple(
        _chart(series, [trip for trip in summary.round_trips if trip.symbol == series.symbol], summary, points)
        for series in summary.prices
    )


def _chart(series: PriceSeries, trips: list[RoundTrip], summary: RunSummary, points: int) -> PriceChart:
    shown = sorted(trips, key=lambda trip: (-abs(trip.net_pnl), trip.trade_id))[:MAX_TRADES]
    shown.sort(key=lambda trip: (trip.entry_ts, trip.trade_id))
    seconds = series.ts / 1e9
    time = Scale(float(seconds[0]), float(max(seconds[-1], seconds[0] + 1)))
    scale = value_scale(series.close)
    kept = thin(series.close)
    marks, decimals = round_ticks(scale)
    won = [trip for trip in shown if trip.outcome == "win"]
    lost = [trip for trip in shown if trip.outcome != "win"]
    return PriceChart(
        symbol=series.symbol,
        line=path(*_place(seconds[kept], series.close[kept], time, scale)),
        won=_segments(won, time, scale),
        lost=_segments(lost, time, scale),
        won_dots=_dots(won, time, scale),
        lost_dots=_dots(lost, time, scale),
        x=tuple(time_ticks(time)),
        y=tuple(Tick(scale.down(mark), number(mark, decimals)) for mark in marks),
        trades=len(trips),
        hidden=len(trips) - len(shown),
        data=_data(series, shown, summary.strategies, points),
    )


def _place(seconds: FloatArray, prices: FloatArray, time: Scale, scale: Scale) -> tuple[FloatArray, FloatArray]:
    x = 100.0 * (seconds - time.low) / (time.high - time.low)
    return x, 100.0 * (scale.high - prices) / (scale.high - scale.low)


def _segments(trips: Sequence[RoundTrip], time: Scale, scale: Scale) -> str:
    return "".join(
        f"M{10 * time.share(trip.entry_ts / 1e9):.1f} {10 * scale.down(trip.entry_price):.1f}"
        f"L{10 * time.share(trip.exit_ts / 1e9):.1f} {10 * scale.down(trip.exit_price):.1f}"
        for trip in trips
    )


def _dots(trips: Sequence[RoundTrip], time: Scale, scale: Scale) -> str:
    """Lines of no length: with round ends they are dots that no stretching distorts."""
    return "".join(
        f"M{10 * time.share(trip.entry_ts / 1e9):.1f} {10 * scale.down(trip.entry_price):.1f}h0" for trip in trips
    )


def _data(series: PriceSeries, trips: Sequence[RoundTrip], strategies: tuple[str, ...], points: int) -> str:
    """Encode prices as whole steps from bar to bar, and times as runs of equal steps, for the script."""
    kept = thin(series.close, points // 2)
    seconds, close = series.ts[kept] // NANOS_PER_SECOND, series.close[kept]
    decimals = max(0, SIGNIFICANT_DIGITS - 1 - floor(log10(float(np.median(close)))))
    scaled = np.round(close * 10.0**decimals).astype(np.int64)
    names = list(dict.fromkeys((*strategies, *(trip.strategy for trip in trips))))
    data = {
        "t0": int(seconds[0]),
        "dt": _runs(np.diff(seconds)),
        "p0": int(scaled[0]),
        "dp": np.diff(scaled).tolist(),
        "decimals": decimals,
        "strategies": names,
        "trades": [
            [
                trip.trade_id,
                trip.entry_ts // NANOS_PER_SECOND,
                trip.exit_ts // NANOS_PER_SECOND,
                round(trip.entry_price, decimals),
                round(trip.exit_price, decimals),
                1 if trip.side == "buy" else -1,
                round(trip.net_pnl, cents_digits(trip.net_pnl)),
                names.index(trip.strategy),
            ]
            for trip in trips
        ],
    }
    return msgspec.json.encode(data).decode()


def _runs(steps: IntArray) -> list[list[int]]:
    """Return [step, how often in a row] pairs."""
    if steps.size == 0:
        return []
    begins = np.flatnonzero(np.concatenate([[True], steps[1:] != steps[:-1]]))
    lengths = np.diff(np.concatenate([begins, [steps.size]]))
    return [[int(step), int(length)] for step, length in zip(steps[begins], lengths, strict=True)]
