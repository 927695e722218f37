"""The scores of a run against what the price did next."""

from collections.abc import Mapping
from math import ceil

import numpy as np

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.following import Followed, follow, mean_estimate
from sagetrade_nautilus.model.information import (
    HorizonSample,
    forward_returns,
    information_coefficients,
    information_gain,
    quantile_means,
    value_at,
)
from sagetrade_nautilus.model.records import FloatArray, PriceSeries, RunSummary, SignalSeries
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE
from sagetrade_nautilus.report.figures import Following, HorizonEdge, Information, SignalQuality, information

HORIZONS_MIN = (5, 15, 60, 240)
BLOCK_HOURS = 24
COMPOSITE, QUANT, TEXT, DIFFERENCE = "composite", "quant", "text", "composite - quant"


def signal_quality(summary: RunSummary, bootstrap_samples: int, seed: int) -> SignalQuality:
    """Measure every signal at every horizon that is at least one bar long.

    Bootstrap blocks are whole days, so that what repeats within a day stays together. The generator is seeded
    by `seed` and the horizon: a figure does not depend on which others are computed.

    Raises
    ------
    ReportError
        Signals have no prices, or their columns differ in length.
    """
    pairs = _pairs(summary)
    symbols = [series.symbol for _, series in pairs]
    rows: list[Information] = []
    gains: list[Information] = []
    edges: list[HorizonEdge] = []
    following: list[Following] = []
    for minutes in HORIZONS_MIN:
        sample = _sample(pairs, minutes)
        if sample is None:
            continue
        rows += _rows(sample, symbols, minutes, bootstrap_samples, seed)
        edges.append(_edge(sample, minutes, summary.costs.round_trip_bps))
        following += _following(sample, minutes, summary.costs.round_trip_bps / 2.0, bootstrap_samples, seed)
        if _has_text(sample):
            rng = np.random.default_rng([seed, minutes])
            gain = information_gain(sample, COMPOSITE, QUANT, bootstrap_samples, rng)
            if gain is not None:
                gains.append(information(gain, signal=DIFFERENCE, symbol="all", horizon_min=minutes))
    return SignalQuality(
        signals=sum(series.ts.size for series in summary.signals),
        rows=tuple(rows),
        text_adds=tuple(gains),
        edges=tuple(edges),
        following=tuple(following),
        bootstrap_samples=bootstrap_samples,
        seed=seed,
        block_hours=BLOCK_HOURS,
        with_text=sum(int(np.isfinite(series.components.get(TEXT, ())).sum()) for series in summary.signals),
    )


def _pairs(summary: RunSummary) -> list[tuple[PriceSeries, SignalSeries]]:
    prices = {series.instrument_id: series for series in summary.prices}
    for series in summary.signals:
        if series.instrument_id not in prices:
            raise ReportError(f"there are signals of {series.instrument_id} but the run has no prices of it")
        for name, scores in {COMPOSITE: series.composite, **series.components}.items():
            if scores.size != series.ts.size:
                raise ReportError(f"{series.instrument_id}: {name} needs one score for each signal time")
    return [(prices[series.instrument_id], series) for series in summary.signals if series.ts.size]


def _sample(pairs: list[tuple[PriceSeries, SignalSeries]], minutes: int) -> HorizonSample | None:
    """Sample scores and later returns every `minutes`, at common times; ``None`` if bars are too coarse."""
    longest = max((price for price, _ in pairs), key=lambda price: price.ts.size, default=None)
    if longest is None or longest.ts.size < 2:
        return None
    step = int(np.median(np.diff(longest.ts)))
    horizon = minutes * NANOS_PER_MINUTE
    if horizon < step:
        return None
    first = min(int(price.ts[0]) for price, _ in pairs)
    last = max(int(price.ts[-1]) for price, _ in pairs)
    at = np.arange(first, last - horizon + 1, horizon, dtype=np.int64)
    if at.size == 0:
        return None
    names = [name for name in (QUANT, TEXT) if all(name in signal.components for _, signal in pairs)]
    scores: Mapping[str, FloatArray] = {
        COMPOSITE: np.stack([value_at(signal.ts, signal.composite, at) for _, signal in pairs]),
        **{name: np.stack([value_at(s.ts, s.components[name], at) for _, s in pairs]) for name in names},
    }
    returns = np.stack([forward_returns(price.ts, price.close, at, horizon, step - 1) for price, _ in pairs])
    return HorizonSample(returns, scores, block=max(1, ceil(BLOCK_HOURS * 60 / minutes)))


def _rows(
    sample: HorizonSample, symbols: list[str], minutes: int, bootstrap_samples: int, seed: int
) -> list[Information]:
    rng = np.random.default_rng([seed, minutes])
    found = information_coefficients(sample, bootstrap_samples, rng)
    return [
        information(estimate, signal=name, symbol=symbol, horizon_min=minutes)
        for name, estimates in found.items()
        for symbol, estimate in zip(["all", *symbols], estimates, strict=True)
        if estimate is not None
    ]


def _has_text(sample: HorizonSample) -> bool:
    return {QUANT, TEXT} <= sample.scores.keys() and bool(np.isfinite(sample.scores[TEXT]).any())


def _following(
    sample: HorizonSample, minutes: int, one_way_bps: float, bootstrap_samples: int, seed: int
) -> list[Following]:
    """Follow the composite and, where there are texts, the composite without them; and compare the two in pairs."""
    per_day = 24 * 60 / minutes
    names = (COMPOSITE, QUANT) if _has_text(sample) else (COMPOSITE,)
    followed = {name: follow(sample, name, one_way_bps) for name in names}
    found = {name: one for name, one in followed.items() if one is not None}
    if len(found) == 2:
        more, less = found[COMPOSITE], found[QUANT]
        found[DIFFERENCE] = Followed(more.turnover - less.turnover, more.gross - less.gross, more.cost - less.cost)
    rows = []
    for name, one in found.items():
        rng = np.random.default_rng([seed, minutes, 1])  # the same blocks for each
        net = mean_estimate(per_day * one.net, sample.block, bootstrap_samples, rng)
        rows.append(
            Following(
                signal=name,
                horizon_min=minutes,
                turnover=per_day * float(np.mean(one.turnover)),
                gross_bps=per_day * float(np.mean(one.gross)),
                cost_bps=per_day * float(np.mean(one.cost)),
                net_bps=net.value,
                low=net.low,
                high=net.high,
                excludes_zero=net.excludes_zero,
            )
        )
    return rows


def _edge(sample: HorizonSample, minutes: int, round_trip_bps: float) -> HorizonEdge:
    means = [None if mean is None else 1e4 * mean for mean in quantile_means(sample, COMPOSITE)]
    low, high = means[0], means[-1]
    return HorizonEdge(
        horizon_min=minutes,
        quintiles_bps=tuple(means),
        edge_bps=None if low is None or high is None else (high - low) / 2.0,
        round_trip_bps=round_trip_bps,
    )
