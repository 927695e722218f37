"""From what a run left to its figures, worked out here and held against the market: nothing is taken on trust."""

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from nautilus_trader.model.objects import Currency

from catalog.columns import BarColumns
from catalog.store import read_bars, read_instrument
from sagetrade_nautilus.config import CostConfig, RunConfig
from sagetrade_nautilus.errors import ExperimentError, SageTradeError
from sagetrade_nautilus.experiments.evaluation.figures import RunFigures
from sagetrade_nautilus.experiments.experiment import UnfitError
from sagetrade_nautilus.experiments.sweeps.tasks import RunOutcome
from sagetrade_nautilus.model.performance import daily_closes, max_drawdown, sharpe, simple_returns
from sagetrade_nautilus.model.records import FillRecord, FloatArray, PriceSeries, RunSummary
from sagetrade_nautilus.report.equity import EquityLedger, reconcile
from sagetrade_nautilus.run.compose import interval_ns, last_arrival_ns

PRICE_TOLERANCE: Final = 2e-4
FEE_TOLERANCE: Final = 1e-3


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What one run amounts to.

    Parameters
    ----------
    key : str
        What was run: configuration, code, data and way.
    failure : str
        Why there are no figures; '' if there are.
    days : tuple[int, ...]
        Days since 1970-01-01.
    returns : tuple[float, ...]
        Simple returns of these days, after all costs.
    findings : tuple
        Of a check for look-ahead: each other future, and what differed.
    """

    key: str
    failure: str = ""
    metrics: RunFigures | None = None
    days: tuple[int, ...] = ()
    returns: tuple[float, ...] = ()
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def daily(self) -> FloatArray:
        return np.asarray(self.returns, dtype=np.float64)

    @property
    def figures(self) -> RunFigures:
        """The figures of a run that must not have failed."""
        if self.metrics is None:
            raise UnfitError(f"a run that the experiment rests on failed: {self.failure or 'it has no figures'}")
        return self.metrics


def measure(key: str, outcome: RunOutcome, config: RunConfig, audit_fills: bool = True) -> Measured:
    """Work out what the run amounts to; a run that failed, or whose fills cannot have happened, has no figures."""
    if outcome.failure or outcome.findings:
        return Measured(key=key, failure=outcome.failure, findings=outcome.findings)
    try:
        _check_money(outcome, config)
        bars = _bars(config)
        summary = summarize(outcome, config, bars)
        ledger = EquityLedger(summary)
        reconcile(summary, ledger)
        if audit_fills:
            audit(outcome.fills, bars, config)
        return _figures(key, summary, ledger)
    except (SageTradeError, ArithmeticError) as error:  # the latter of numbers that no run has
        return Measured(key=key, failure=f"{type(error).__name__}: {error}")


def _check_money(outcome: RunOutcome, config: RunConfig) -> None:
    """Refuse other decimals than the currency has: the books may be out by what was rounded, and by no more."""
    known = Currency.from_str(config.venue.currency).precision
    if outcome.currency_precision != known:
        raise ExperimentError(
            f"currency_precision is {outcome.currency_precision}, and {config.venue.currency}'s {known}"
        )


def summarize(outcome: RunOutcome, config: RunConfig, bars: dict[str, BarColumns] | None = None) -> RunSummary:
    """Return the run as `report` takes it, with the market's prices as we read them."""
    start, end = interval_ns(config)
    found = bars or _bars(config)
    return RunSummary(
        name=config.name,
        config_digest=config.digest,
        code_version="",
        data_fingerprint="",
        start=start - 1,
        end=end,
        starting_balance=config.venue.starting_balance,
        final_balance=outcome.final_balance,
        open_pnl=outcome.open_pnl,
        currency=config.venue.currency,
        currency_precision=outcome.currency_precision,
        account=config.venue.account,
        strategies=tuple(entry.label for entry in config.strategies),
        costs=config.costs,
        fills=outcome.fills,
        round_trips=outcome.round_trips,
        prices=tuple(PriceSeries(name, columns.ts, columns.close) for name, columns in found.items()),
        decisions=outcome.decisions,
    )


def audit(fills: tuple[FillRecord, ...], bars: dict[str, BarColumns], config: RunConfig) -> None:
    """Make sure that every fill could have happened: in its time, within its bar's prices and costs, and paid for.

    A price is rounded to the market's tick, against the order, and a fee to the currency's smallest unit.

    Raises
    ------
    ExperimentError
        One could not.
    """
    start, last = interval_ns(config)[0], last_arrival_ns(config)
    slack = _slack(config.costs)
    markets = {name: read_instrument(Path(config.data.catalog), name) for name in bars}
    for fill in fills:
        if fill.instrument_id not in bars or not start <= fill.ts <= last:
            raise ExperimentError(f"trade {fill.trade_id}: a fill lies outside the run's markets or days")
        market = markets[fill.instrument_id]
        tick, rounding = market.price_increment.as_double(), 0.5 * 10.0**-market.quote_currency.precision
        low, high = _range(bars[fill.instrument_id], fill.ts)
        under, over = (0.0, tick) if fill.side == "buy" else (tick, 0.0)
        if not low * (1.0 - slack) - under <= fill.price <= high * (1.0 + slack) + over:
            raise ExperimentError(
                f"trade {fill.trade_id}: filled at {fill.price}, where the market was between {low} and {high}"
            )
        bps = config.costs.taker_fee_bps if fill.liquidity == "taker" else config.costs.maker_fee_bps
        least = fill.price * fill.quantity * bps / 1e4
        if not fill.commission >= least * (1.0 - FEE_TOLERANCE) - rounding:
            raise ExperimentError(f"trade {fill.trade_id}: it paid {fill.commission}, where {least} is due")


def _range(bars: BarColumns, ts: int) -> tuple[float, float]:
    """Return between which prices something could be traded at `ts`: those of the bar then, and the close before."""
    index = min(int(np.searchsorted(bars.ts, ts, side="left")), bars.ts.size - 1)
    before = max(index - 1, 0)
    return (
        float(min(bars.low[index], bars.close[before])),
        float(max(bars.high[index], bars.close[before])),
    )


def _slack(costs: CostConfig) -> float:
    return (costs.depth_levels + 1) * costs.slippage_bps / 1e4 + PRICE_TOLERANCE


def _bars(config: RunConfig) -> dict[str, BarColumns]:
    start, end = interval_ns(config)
    return {
        name: read_bars(Path(config.data.catalog), name, config.data.bar, start, end)
        for name in config.data.instruments
    }


def _figures(key: str, summary: RunSummary, ledger: EquityLedger) -> Measured:
    curve = ledger.curve(ledger.all_fills())
    equity = summary.starting_balance + curve.pnl
    days, closes = daily_closes(ledger.ts, equity, summary.starting_balance)
    returns = simple_returns(closes)
    if returns.size < days.size:
        return Measured(key=key, failure="the account was ruined before the end")
    fills = ledger.fills
    referenced = fills.has_reference
    notional = float(fills.notional[referenced].sum())
    slippage = float(fills.slippage[referenced].sum())
    metrics = RunFigures(
        sharpe=sharpe(returns),
        total_return=float(equity[-1] / summary.starting_balance - 1.0),
        drawdown=max_drawdown(ledger.ts, equity, summary.starting_balance).depth,
        trades=len(summary.round_trips),
        fees=float(fills.commission.sum()),
        slippage_cost=float(fills.slippage.sum()),
        avg_slippage_bps=1e4 * slippage / notional if notional > 0.0 else None,
    )
    return Measured(key=key, metrics=metrics, days=tuple(map(int, days)), returns=tuple(map(float, returns)))
