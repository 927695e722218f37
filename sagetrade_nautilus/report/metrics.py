"""From what a run left behind to its metrics."""

from collections.abc import Sequence
from math import fsum
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np

from sagetrade_nautilus.model.performance import (
    cagr,
    daily_closes,
    max_drawdown,
    sharpe,
    simple_returns,
    sortino,
    volatility,
)
from sagetrade_nautilus.model.records import FloatArray, IntArray, RoundTrip, RunSummary
from sagetrade_nautilus.report.equity import EquityLedger, Mask, reconcile
from sagetrade_nautilus.report.figures import Benchmark, Costs, ExitReason, Metrics, Month, Performance
from sagetrade_nautilus.report.signal_quality import signal_quality
from sagetrade_nautilus.report.trade_log import iso

STILL_OPEN = "still_open"


def compute(summary: RunSummary, bootstrap_samples: int, seed: int) -> Metrics:
    """Work out all figures of a run.

    Raises
    ------
    ReportError
        The summary contradicts itself; see `report.equity.reconcile`.
    """
    ledger = EquityLedger(summary)
    reconcile(summary, ledger)
    total = performance(ledger, ledger.all_fills(), summary.round_trips)
    return Metrics(
        name=summary.name,
        config_digest=summary.config_digest,
        code_version=summary.code_version,
        data_fingerprint=summary.data_fingerprint,
        start=iso(summary.start),
        end=iso(summary.end),
        days=daily_closes(ledger.ts, ledger.benchmark(), summary.starting_balance)[0].size,
        currency=summary.currency,
        starting_balance=summary.starting_balance,
        final_equity=summary.starting_balance + total.net_pnl,
        total=total,
        benchmark=_benchmark(ledger, tuple(series.symbol for series in summary.prices)),
        per_strategy=_per_strategy(summary, ledger),
        per_symbol=_per_symbol(summary, ledger),
        per_regime=_per_regime(summary, ledger),
        strategy_regimes=_strategy_regimes(summary),
        months=_months(ledger),
        exits=_exits(summary.round_trips),
        costs=_costs(summary, total),
        signal_quality=signal_quality(summary, bootstrap_samples, seed),
        decisions=tuple(sorted(summary.decisions)),
        selector=summary.selector,
    )


def write(metrics: Metrics, path: Path) -> None:
    """Write the metrics as indented JSON; floats keep every digit, equal metrics give equal bytes."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(metrics, order="deterministic"), indent=2) + b"\n")


def _per_strategy(summary: RunSummary, ledger: EquityLedger) -> dict[str, Performance]:
    return {
        name: performance(
            ledger,
            ledger.fills.strategy == name,
            [trip for trip in summary.round_trips if trip.strategy == name],
        )
        for name in summary.strategies
    }


def _per_symbol(summary: RunSummary, ledger: EquityLedger) -> dict[str, Performance]:
    return {
        series.symbol: performance(
            ledger,
            ledger.fills.instrument == series.instrument_id,
            [trip for trip in summary.round_trips if trip.symbol == series.symbol],
        )
        for series in summary.prices
    }


def _per_regime(summary: RunSummary, ledger: EquityLedger) -> dict[str, Performance]:
    """Group by the regime at entry; trades that never closed are under `STILL_OPEN`."""
    regime_of = {trip.trade_id: trip.regime for trip in summary.round_trips}
    entered = [regime_of.get(str(trade), STILL_OPEN) for trade in ledger.fills.trade]
    regimes = np.asarray(entered, dtype=np.str_)
    return {
        str(name): performance(ledger, regimes == name, [trip for trip in summary.round_trips if trip.regime == name])
        for name in np.unique(regimes)
    }


def _strategy_regimes(summary: RunSummary) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, list[float]]] = {name: {} for name in summary.strategies}
    for trip in summary.round_trips:
        results.setdefault(trip.strategy, {}).setdefault(trip.regime, []).append(trip.net_pnl)
    return {
        name: {regime: fsum(parts) for regime, parts in sorted(regimes.items())} for name, regimes in results.items()
    }


def performance(ledger: EquityLedger, chosen: Mask, trips: Sequence[RoundTrip]) -> Performance:
    """Return the figures of the chosen fills; `trips` are the trades that they closed."""
    fills, start = ledger.fills, ledger.starting_balance
    curve = ledger.curve(chosen)
    equity = start + curve.pnl
    slippage, fees = fsum(fills.slippage[chosen]), fsum(fills.commission[chosen])
    net_pnl = float(curve.pnl[-1])
    notional = fsum(fills.notional[chosen])
    referenced = chosen & fills.has_reference
    open_trades = np.unique(fills.trade[chosen]).size - len(trips)
    return Performance(
        **_curve_figures(ledger.ts, equity, start),
        **_trade_figures(trips),
        open_trades=open_trades,
        pnl_before_costs=net_pnl + slippage + fees,
        slippage_cost=slippage,
        fees=fees,
        fees_of_pnl_before_fees_pct=_pct(fees, net_pnl + fees),
        fees_of_gross_profit_pct=_pct(fees, fsum(max(trip.gross_pnl, 0.0) for trip in trips)),
        avg_slippage_bps=_ratio(1e4 * fsum(fills.slippage[referenced]), fsum(fills.notional[referenced])),
        notional=notional,
        turnover=notional / start,
        taker_pct=_pct(fsum(fills.notional[chosen & fills.is_taker]), notional),
        time_in_market_pct=100.0 * float(np.mean(curve.gross > 0.0)),
        **_exposure(curve.gross, equity),
    )


def _curve_figures(ts: IntArray, equity: FloatArray, start: float) -> dict[str, Any]:
    days, closes = daily_closes(ts, equity, start)
    returns = simple_returns(closes)
    drawdown = max_drawdown(ts, equity, start)
    end = float(equity[-1])
    return {
        "net_pnl": end - start,
        "total_return_pct": 100.0 * (end / start - 1.0),
        "cagr_pct": _percent(cagr(start, end, days.size)),
        "sharpe": sharpe(returns),
        "sortino": sortino(returns),
        "volatility_pct": _percent(volatility(returns)),
        "max_drawdown_pct": 100.0 * drawdown.depth,
        "longest_drawdown_days": drawdown.longest_s / 86_400.0,
    }


def _trade_figures(trips: Sequence[RoundTrip]) -> dict[str, Any]:
    won = [trip.net_pnl for trip in trips if trip.outcome == "win"]
    lost = [trip.net_pnl for trip in trips if trip.outcome == "loss"]
    return {
        "trades": len(trips),
        "wins": len(won),
        "losses": len(lost),
        "win_rate_pct": _pct(len(won), len(trips)),
        "profit_factor": _ratio(fsum(won), -fsum(lost)),
        "expectancy": _ratio(fsum(trip.net_pnl for trip in trips), len(trips)),
        "expectancy_bps": _ratio(fsum(trip.net_pnl_bps for trip in trips), len(trips)),
        "expected_edge_bps": _ratio(fsum(trip.expected_edge_bps for trip in trips), len(trips)),
        "realized_edge_bps": _ratio(fsum(trip.realized_edge_bps for trip in trips), len(trips)),
        "avg_win": _ratio(fsum(won), len(won)),
        "avg_loss": _ratio(fsum(lost), len(lost)),
        "avg_duration_s": _ratio(fsum(trip.duration_s for trip in trips), len(trips)),
        "median_duration_s": median([trip.duration_s for trip in trips]) if trips else None,
        "gross_profit": fsum(max(trip.gross_pnl, 0.0) for trip in trips),
        "gross_loss": fsum(min(trip.gross_pnl, 0.0) for trip in trips),
    }


def _exposure(gross: FloatArray, equity: FloatArray) -> dict[str, Any]:
    if np.any((gross > 0.0) & (equity <= 0.0)):
        return {"avg_exposure_pct": None, "max_exposure_pct": None}
    share = np.divide(gross, equity, out=np.zeros_like(gross), where=gross > 0.0)
    return {
        "avg_exposure_pct": 100.0 * float(np.mean(share)),
        "max_exposure_pct": 100.0 * float(np.max(share)),
    }


def _benchmark(ledger: EquityLedger, symbols: tuple[str, ...]) -> Benchmark:
    figures = _curve_figures(ledger.ts, ledger.benchmark(), ledger.starting_balance)
    return Benchmark(symbols=symbols, **figures)


def _months(ledger: EquityLedger) -> tuple[Month, ...]:
    start = ledger.starting_balance
    held = ledger.benchmark()
    equity = start + ledger.curve(ledger.all_fills()).pnl
    days, own = daily_closes(ledger.ts, equity, start)
    _, other = daily_closes(ledger.ts, held, start)
    labels = days.astype("datetime64[D]").astype("datetime64[M]")
    months = []
    for label in np.unique(labels):
        inside = np.flatnonzero(labels == label)
        before, after = inside[0], inside[-1] + 1
        months.append(
            Month(
                month=str(label),
                net_pnl=float(own[after] - own[before]),
                return_pct=_growth(own[before], own[after]),
                benchmark_return_pct=_growth(other[before], other[after]),
            )
        )
    return tuple(months)


def _exits(trips: Sequence[RoundTrip]) -> tuple[ExitReason, ...]:
    rows = []
    for reason in sorted({trip.exit_reason for trip in trips}):
        chosen = [trip for trip in trips if trip.exit_reason == reason]
        rows.append(
            ExitReason(
                reason=reason,
                trades=len(chosen),
                wins=sum(trip.outcome == "win" for trip in chosen),
                net_pnl=fsum(trip.net_pnl for trip in chosen),
            )
        )
    return tuple(rows)


def _costs(summary: RunSummary, total: Performance) -> Costs:
    return Costs(
        pnl_before_costs=total.pnl_before_costs,
        slippage_cost=total.slippage_cost,
        fees=total.fees,
        net_pnl=total.net_pnl,
        assumed=summary.costs,
        assumed_round_trip_bps=summary.costs.round_trip_bps,
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0.0 else None


def _pct(part: float, whole: float) -> float | None:
    return 100.0 * part / whole if whole > 0.0 else None


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100.0 * fraction


def _growth(before: float, after: float) -> float | None:
    return 100.0 * (float(after) / float(before) - 1.0) if before > 0.0 else None
