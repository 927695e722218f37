"""What the page shows of a running node. Pure: an `Overview` in, a struct of numbers and names out."""

from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from sagetrade_nautilus.dashboard.book import LiveMarks
from sagetrade_nautilus.dashboard.curves import Equity, EquityCharts, equity_charts
from sagetrade_nautilus.dashboard.nodes import Node, Reach, exposure
from sagetrade_nautilus.dashboard.samples import Sample
from sagetrade_nautilus.guard.standing import Standing
from sagetrade_nautilus.nanos import NANOS_PER_SECOND
from sagetrade_nautilus.overview import HeldPosition, LastPrice, Overview, WorkingOrder
from sagetrade_nautilus.report.text import equity_digits
from sagetrade_nautilus.report.time_charts import TimeChart, time_chart

SAMPLES_MIN: Final = 2


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """How far one limit is. `used` is the share of it, 1 and more at the limit; ``None`` while it is not known."""

    limit: str
    value: float | None
    threshold: float
    used: float | None


class SignalPart(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a composite score: ``contribution == weight * score``."""

    name: str
    kind: str
    value: float
    score: float
    weight: float
    contribution: float


class SignalView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest composite of an instrument with its parts, the largest contribution first."""

    instrument: str
    t: int
    score: float
    direction: int
    confidence: float
    volatility: float
    regime: str
    price: float
    parts: list[SignalPart]


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """A node at one moment; money is in `currency`, `exposure` is gross, `net_exposure` long less short.

    `drawdown_pct` is the fall from the highest equity ever, also where a release has the guard count from a later one.
    """

    run: str
    config_digest: str
    code_version: str
    venue: str
    currency: str
    t: int
    started: int
    state: str
    reason: str
    flatten: bool
    equity: float | None
    day_pnl: float | None
    day_pnl_pct: float | None
    drawdown_pct: float | None
    open_pnl: float
    exposure: float
    net_exposure: float
    exposure_pct: float | None
    unpriced: int
    budget_left: float
    losses_in_a_row: int
    trips: list[str]
    reduce_only: tuple[str, ...]
    balances: dict[str, float]
    gauges: list[Gauge]
    strategies: list[tuple[str, bool]]
    positions: tuple[HeldPosition, ...]
    orders: tuple[WorkingOrder, ...]
    signals: list[SignalView]
    prices: tuple[LastPrice, ...]
    last_text: int | None


class NodeView(msgspec.Struct, frozen=True, kw_only=True):
    """A node: whether it answers, how it stands (or stood when it last did), and which place on this disk is its own.

    `place` is '' where its folder is not among those that were found here.
    """

    url: str
    reach: Reach
    fault: str
    place: str
    standing: StandingView | None


def node_view(node: Node, places: dict[Path, str]) -> NodeView:
    """Return a node as the page shows it; `places` maps the kill switches that were found here to their places."""
    overview = node.overview
    return NodeView(
        url=node.url,
        reach=node.reach,
        fault=node.fault,
        place="" if overview is None else _place(overview, places),
        standing=None if overview is None else standing(overview),
    )


def standing(overview: Overview) -> StandingView:
    """Return how a node stands."""
    guard, gross = overview.guard, exposure(overview)
    long = sum(held.notional or 0.0 for held in overview.positions if held.side == "long")
    return StandingView(
        run=guard.run,
        config_digest=guard.config_digest,
        code_version=guard.code_version,
        venue=guard.venue,
        currency=guard.currency,
        t=overview.ts // NANOS_PER_SECOND,
        started=overview.started_ns // NANOS_PER_SECOND,
        state=guard.state,
        reason=guard.reason,
        flatten=guard.flatten,
        equity=guard.equity,
        day_pnl=_difference(guard.equity, guard.day_start),
        day_pnl_pct=_percent(_difference(guard.equity, guard.day_start), guard.day_start),
        drawdown_pct=_percent(_fall(guard.peak, guard.equity), guard.peak),
        open_pnl=sum(held.unrealized or 0.0 for held in overview.positions),
        exposure=gross,
        net_exposure=2.0 * long - gross,
        exposure_pct=_percent(gross, guard.equity),
        unpriced=sum(held.notional is None for held in overview.positions),
        budget_left=guard.budget_left,
        losses_in_a_row=guard.losses_in_a_row,
        trips=[str(trip) for trip in guard.trips],
        reduce_only=guard.reduce_only,
        balances=overview.balances,
        gauges=gauges(overview),
        strategies=[(strategy.label, strategy.enabled) for strategy in guard.strategies],
        positions=overview.positions,
        orders=overview.orders,
        signals=signals(overview),
        prices=overview.prices,
        last_text=None if overview.last_text_ns is None else overview.last_text_ns // NANOS_PER_SECOND,
    )


def gauges(overview: Overview) -> list[Gauge]:
    """Return how far every limit is: what is not known first, then the nearest to its threshold."""
    found = []
    for limit in overview.guard.limits:
        used = None if limit.value is None else Standing(limit.limit, limit.value, limit.threshold).used
        if used is not None and not np.isfinite(used):  # a limit of 0 has nothing left
            used = 1.0
        found.append(Gauge(limit=limit.limit, value=limit.value, threshold=limit.threshold, used=used))
    return sorted(found, key=lambda gauge: (gauge.used is not None, -(gauge.used or 0.0), gauge.limit))


def signals(overview: Overview) -> list[SignalView]:
    """Return the newest composites with what they are made of."""
    return [
        SignalView(
            instrument=signal.instrument_id,
            t=signal.ts // NANOS_PER_SECOND,
            score=signal.composite.score,
            direction=signal.composite.direction,
            confidence=signal.composite.confidence,
            volatility=signal.composite.volatility,
            regime=signal.composite.regime.value,
            price=signal.composite.price,
            parts=sorted(
                (
                    SignalPart(
                        name=part.name,
                        kind=part.kind,
                        value=part.value,
                        score=part.score,
                        weight=part.weight,
                        contribution=part.weight * part.score,
                    )
                    for part in signal.composite.components
                ),
                key=lambda part: (-abs(part.contribution), part.name),
            ),
        )
        for signal in overview.signals
    ]


def seen_of(source: str, nodes: list[Node], places: dict[Path, str]) -> LiveMarks:
    """Return what the node that works in a source's folder says now; nothing if it is silent."""
    overview = _overview_of(source, [node for node in nodes if node.reach == "ok"], places)
    if overview is None:
        return LiveMarks()
    marks = {last.instrument_id: (overview.ts, last.price) for last in overview.prices if last.price is not None}
    return LiveMarks(equity=overview.guard.equity, marks=marks)


def currency_of(source: str, nodes: list[Node], places: dict[Path, str]) -> str:
    """Return what the node that works in a source's folder counts its money in; '' if none was ever asked."""
    overview = _overview_of(source, nodes, places)
    return "" if overview is None else overview.guard.currency


def _overview_of(source: str, nodes: list[Node], places: dict[Path, str]) -> Overview | None:
    known = (node.overview for node in nodes if node.overview is not None)
    return next((one for one in known if f"node:{_place(one, places)}" == source), None)


class Watched(msgspec.Struct, frozen=True):
    """Equity, drawdown and exposure as the node counted them since the dashboard began to look."""

    charts: EquityCharts
    exposure: TimeChart


def watched(samples: list[Sample], currency: str) -> Watched | None:
    """Return what was seen of a node so far; ``None`` while that is too little to draw."""
    if len(samples) < SAMPLES_MIN:
        return None
    ts = np.array([sample.ts for sample in samples], dtype=np.int64)
    equity = np.array([sample.equity for sample in samples], dtype=np.float64)
    exposures = np.array([sample.exposure for sample in samples], dtype=np.float64)
    series = [("chart.exposure", "hue2", exposures)]
    return Watched(
        charts=equity_charts(Equity(ts, equity), float(equity[0]), currency),
        exposure=time_chart(
            "chart.exposure", ts, series, unit=currency, digits=equity_digits(float(equity[0])), base=0.0, ticks=3
        ),
    )


def _place(overview: Overview, places: dict[Path, str]) -> str:
    return places.get(Path(overview.guard.latch).absolute(), "")


def _difference(value: float | None, start: float | None) -> float | None:
    return None if value is None or start is None else value - start


def _fall(high: float | None, value: float | None) -> float | None:
    return None if high is None or value is None else max(0.0, high - value)


def _percent(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole or whole <= 0.0 else 100.0 * part / whole
