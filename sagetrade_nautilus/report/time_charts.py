"""Lines over time as geometry: what the template draws, and what its script shows on hover."""

import msgspec
import numpy as np

from sagetrade_nautilus.model.performance import underwater
from sagetrade_nautilus.model.records import FloatArray, IntArray, RunSummary
from sagetrade_nautilus.report.axes import Scale, Tick, path, round_ticks, thin, time_ticks, value_scale
from sagetrade_nautilus.report.equity import EquityLedger
from sagetrade_nautilus.report.text import equity_digits, number

HOVER_POINTS = 400
HUES = 6
PERCENT = "%"


class Line(msgspec.Struct, frozen=True):
    """A line of a chart; `tone` names its colour."""

    name: str
    tone: str
    path: str


class TimeChart(msgspec.Struct, frozen=True, kw_only=True):
    """Lines over time in `unit`. `area` is a filled shape, `zero` the place of the baseline, `data` is JSON."""

    label: str
    unit: str
    lines: tuple[Line, ...]
    area: str = ""
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    zero: float | None
    data: str


def equity_chart(summary: RunSummary, ledger: EquityLedger) -> TimeChart:
    """Draw the run's equity against buying and holding."""
    equity = summary.starting_balance + ledger.curve(ledger.all_fills()).pnl
    series = [("Buy and hold", "held", ledger.benchmark()), ("This run", "run", equity)]
    label = f"Equity in {summary.currency}, the run against buying and holding"
    start = summary.starting_balance
    return time_chart(label, ledger.ts, series, unit=summary.currency, digits=equity_digits(start), base=start)


def drawdown_chart(summary: RunSummary, ledger: EquityLedger) -> TimeChart:
    """Draw how far equity stood below its peak, in percent."""
    equity = summary.starting_balance + ledger.curve(ledger.all_fills()).pnl
    return below_peak("Drawdown from the peak, in percent", "Drawdown", ledger.ts, equity, summary.starting_balance)


def below_peak(label: str, name: str, ts: IntArray, equity: FloatArray, start: float) -> TimeChart:
    """Draw how far equity that began at `start` stood below its peak, in percent, as the series `name`."""
    series = [(name, "loss", 100.0 * underwater(equity, start))]
    return time_chart(label, ts, series, unit=PERCENT, digits=2, base=0.0, filled=True, ticks=3)


def strategies_chart(summary: RunSummary, ledger: EquityLedger) -> TimeChart:
    """Draw what each strategy has earned so far, in percent of the starting balance."""
    series = [
        (
            name,
            f"hue{index % HUES}",
            100.0 * ledger.curve(ledger.fills.strategy == name).pnl / summary.starting_balance,
        )
        for index, name in reversed(list(enumerate(summary.strategies)))
    ]
    label = "Result of each strategy so far, in percent of the starting balance"
    return time_chart(label, ledger.ts, series, unit=PERCENT, digits=2, base=0.0)


def time_chart(
    label: str,
    ts: IntArray,
    series: list[tuple[str, str, FloatArray]],
    *,
    unit: str = "",
    digits: int,
    base: float,
    filled: bool = False,
    ticks: int = 6,
) -> TimeChart:
    """Draw (name, tone, values) series over `ts` in nanoseconds, the last on top, with a line at `base`.

    A percent sign stands at every mark of the axis; of any other `unit` the page says once what it is.
    """
    seconds = ts / 1e9
    time = Scale(float(seconds[0]), float(max(seconds[-1], seconds[0] + 1)))
    scale = value_scale(*(values for _, _, values in series), include=(base,))
    marks, decimals = round_ticks(scale, ticks)
    lines = []
    for name, tone, values in series:
        kept = thin(values)
        x = 100.0 * (seconds[kept] - time.low) / (time.high - time.low)
        y = 100.0 * (scale.high - values[kept]) / (scale.high - scale.low)
        lines.append(Line(name, tone, path(x, y)))
    zero = scale.down(base)
    area = f"{lines[0].path}L1000 {zero * 10:.1f}L0 {zero * 10:.1f}Z" if filled else ""
    sign = unit if unit == PERCENT else ""
    return TimeChart(
        label=label,
        unit=unit,
        lines=tuple(lines),
        area=area,
        x=tuple(time_ticks(time)),
        y=tuple(Tick(scale.down(mark), number(mark, decimals) + sign) for mark in marks),
        zero=zero,
        data=_hover_data(seconds, series, scale, digits),
    )


def _hover_data(seconds: FloatArray, series: list[tuple[str, str, FloatArray]], scale: Scale, digits: int) -> str:
    kept = np.unique(np.linspace(0, seconds.size - 1, HOVER_POINTS).astype(np.int64))
    data = {
        "t": seconds[kept].astype(np.int64).tolist(),
        "low": scale.low,
        "high": scale.high,
        "digits": digits,
        "series": [
            {"name": name, "tone": tone, "v": np.round(values[kept], digits + 1).tolist()}
            for name, tone, values in reversed(series)
        ],
    }
    return msgspec.json.encode(data).decode()
