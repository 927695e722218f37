"""Bars as geometry: where the money went, what the signal is worth, and what became of the decisions."""

import msgspec
import numpy as np

from sagetrade_nautilus.report.axes import Scale, value_scale
from sagetrade_nautilus.report.figures import Costs, Metrics, SignalQuality
from sagetrade_nautilus.report.text import horizon, number
from sagetrade_nautilus.report.words import TAKEN, VERDICTS

OTHER_FATE = "other"


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A horizontal bar from `left`, `width` wide; `mark` is the place of a line across it."""

    name: str
    left: float
    width: float
    tone: str
    shown: str
    mark: float | None = None


class BarChart(msgspec.Struct, frozen=True):
    """Horizontal bars on one scale with its zero."""

    label: str
    bars: tuple[Bar, ...]
    zero: float


class Funnel(msgspec.Struct, frozen=True):
    """What became of one strategy's decisions, as one stacked bar: taken first, refusals after."""

    strategy: str
    decisions: int
    bars: tuple[Bar, ...]


def waterfall(costs: Costs, start: float) -> BarChart:
    """Draw the way from the result before costs to the net result, in percent of the starting balance."""
    before, slippage, net = (
        100.0 * value / start for value in (costs.pnl_before_costs, costs.slippage_cost, costs.net_pnl)
    )
    steps = [
        ("Before costs", (0.0, before), _sign_tone(before)),
        ("Slippage", (before, before - slippage), "cost"),
        ("Fees", (before - slippage, net), "cost"),
        ("Net result", (0.0, net), _sign_tone(net)),
    ]
    scale = value_scale(np.asarray([edge for _, span, _ in steps for edge in span]), include=(0.0,))
    bars = tuple(
        _bar(name, span, scale, tone, f"{number(span[1] - span[0], 2, signed=True)}%") for name, span, tone in steps
    )
    return BarChart("From the result before costs to the net result", bars, scale.share(0.0))


def edge_chart(quality: SignalQuality) -> BarChart | None:
    """Draw what the composite's extremes earned at each horizon, with the cost of a round trip across it."""
    known = [(edge.edge_bps, edge) for edge in quality.edges if edge.edge_bps is not None]
    if not known:
        return None
    reach = [value for value, _ in known] + [edge.round_trip_bps for _, edge in known]
    scale = value_scale(np.asarray(reach), include=(0.0,))
    bars = []
    for value, edge in known:
        tone = "win" if value > edge.round_trip_bps else "muted"
        shown = f"{number(value, 1, signed=True)} bps"
        bar = _bar(horizon(edge.horizon_min), (0.0, value), scale, tone, shown)
        bars.append(msgspec.structs.replace(bar, mark=scale.share(edge.round_trip_bps)))
    label = "Edge of the composite's extremes against the cost of a round trip"
    return BarChart(label, tuple(bars), scale.share(0.0))


def decision_funnels(metrics: Metrics) -> tuple[Funnel, ...]:
    """Stack every strategy's decisions by what became of them."""
    return tuple(_funnel(name, metrics) for name in metrics.per_strategy)


def _funnel(strategy: str, metrics: Metrics) -> Funnel:
    counts: dict[str, int] = {}
    for row in metrics.decisions:
        if row.strategy == strategy:
            counts[row.verdict] = counts.get(row.verdict, 0) + row.count
    total, left, bars = sum(counts.values()), 0.0, []
    for verdict in sorted(counts, key=lambda verdict: (verdict != TAKEN, verdict)):
        width = 100.0 * counts[verdict] / max(total, 1)
        tone = verdict if verdict in VERDICTS else OTHER_FATE
        bars.append(
            Bar(
                name=verdict,
                left=round(left, 3),
                width=round(width, 3),
                tone=f"fate-{tone}",
                shown=f"{counts[verdict]:,}",
            )
        )
        left += width
    return Funnel(strategy, total, tuple(bars))


def _bar(name: str, span: tuple[float, float], scale: Scale, tone: str, shown: str) -> Bar:
    left, right = scale.share(min(span)), scale.share(max(span))
    return Bar(name=name, left=left, width=round(right - left, 3), tone=tone, shown=shown)


def _sign_tone(value: float) -> str:
    return "win" if value >= 0 else "loss"
