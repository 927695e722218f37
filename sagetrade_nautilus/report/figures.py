"""The metrics of a run as one tree of values: what ``metrics.json`` holds and all tables and charts show.

Money is in the quote currency, shares are in percent, and a figure that the run cannot support is ``None``.
"""

import msgspec

from sagetrade_nautilus.config import CostConfig, SelectorRule
from sagetrade_nautilus.model.bootstrap import Estimate
from sagetrade_nautilus.model.records import DecisionCount


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """What a group of fills amounts to: a strategy, a symbol, a regime or the whole run.

    Of a part of the run, the curve is the starting balance plus that part's result alone, so its returns are
    comparable and its results add up to the total.

    Parameters
    ----------
    net_pnl : float
        After all costs, open positions at the last close. ``pnl_before_costs - slippage_cost - fees``.
    gross_profit, gross_loss : float
        Sums of the closed trades' results before fees, over those above and below 0; the loss is <= 0.
    max_drawdown_pct : float
        Deepest fall from a peak, >= 0; `longest_drawdown_days` is the longest time below any peak.
    win_rate_pct, profit_factor, expectancy, expectancy_bps : float, optional
        Of closed trades after costs: share that won; won over lost money; mean result in money and in basis
        points of the entry notional.
    expected_edge_bps, realized_edge_bps : float, optional
        Of closed trades before all costs, in basis points of the entry notional: what the decisions expected on
        average, and what the trades made.
    fees_of_gross_profit_pct, fees_of_pnl_before_fees_pct : float, optional
        The fee share: fees over `gross_profit`, and over the result before fees where that is above 0.
    avg_slippage_bps : float, optional
        Weighted by notional, over the fills with a reference price.
    turnover : float
        Notional traded over the starting balance.
    time_in_market_pct : float
        Share of bars with a position open.
    avg_exposure_pct, max_exposure_pct : float, optional
        Of equity, over all bars; unknown where a position was open and nothing was left to hold it against.
    """

    net_pnl: float
    total_return_pct: float
    cagr_pct: float | None
    sharpe: float | None
    sortino: float | None
    volatility_pct: float | None
    max_drawdown_pct: float
    longest_drawdown_days: float
    trades: int
    open_trades: int
    wins: int
    losses: int
    win_rate_pct: float | None
    profit_factor: float | None
    expectancy: float | None
    expectancy_bps: float | None
    expected_edge_bps: float | None
    realized_edge_bps: float | None
    avg_win: float | None
    avg_loss: float | None
    avg_duration_s: float | None
    median_duration_s: float | None
    pnl_before_costs: float
    slippage_cost: float
    fees: float
    gross_profit: float
    gross_loss: float
    fees_of_gross_profit_pct: float | None
    fees_of_pnl_before_fees_pct: float | None
    avg_slippage_bps: float | None
    notional: float
    turnover: float
    taker_pct: float | None
    time_in_market_pct: float
    avg_exposure_pct: float | None
    max_exposure_pct: float | None


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """The starting balance, bought into all instruments in equal parts and held, without costs."""

    symbols: tuple[str, ...]
    net_pnl: float
    total_return_pct: float
    cagr_pct: float | None
    sharpe: float | None
    sortino: float | None
    volatility_pct: float | None
    max_drawdown_pct: float
    longest_drawdown_days: float


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """One calendar month in UTC, '2022-01'."""

    month: str
    net_pnl: float
    return_pct: float | None
    benchmark_return_pct: float | None


class ExitReason(msgspec.Struct, frozen=True, kw_only=True):
    """The closed trades that ended for one reason."""

    reason: str
    trades: int
    wins: int
    net_pnl: float


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """Where the money went: ``pnl_before_costs - slippage_cost - fees == net_pnl``."""

    pnl_before_costs: float
    slippage_cost: float
    fees: float
    net_pnl: float
    assumed: CostConfig
    assumed_round_trip_bps: float


class Information(msgspec.Struct, frozen=True, kw_only=True):
    """The information coefficient of a signal at one horizon; symbol 'all' is the mean of the symbols."""

    signal: str
    symbol: str
    horizon_min: int
    ic: float
    low: float | None
    high: float | None
    t_stat: float | None
    n: int
    excludes_zero: bool


class HorizonEdge(msgspec.Struct, frozen=True, kw_only=True):
    """What following the composite's extremes was worth at one horizon, before and against costs.

    `edge_bps` is half the difference between the mean later returns of its highest and lowest fifth: what a
    trade that went long the one and short the other earned on average. `quintiles_bps` runs from the lowest
    to the highest.
    """

    horizon_min: int
    quintiles_bps: tuple[float | None, ...]
    edge_bps: float | None
    round_trip_bps: float


class Following(msgspec.Struct, frozen=True, kw_only=True):
    """What holding positions in proportion to a score was worth, renewed at every horizon; see `model.following`.

    Parameters
    ----------
    signal : str
        'composite', 'quant' (the composite as it would be without texts), or 'composite - quant': what texts change.
    turnover : float
        Bought and sold a day, in average positions.
    gross_bps, cost_bps, net_bps : float
        A day, in basis points of the average position.
    low, high : float, optional
        95% interval of `net_bps`.
    """

    signal: str
    horizon_min: int
    turnover: float
    gross_bps: float
    cost_bps: float
    net_bps: float
    low: float | None
    high: float | None
    excludes_zero: bool


class SignalQuality(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the scores relate to what the price did next; `text_adds` is composite minus quant.

    `with_text` of the `signals` hold a text; reports that were written before it was counted do not say.
    `following` is what the composite, with and without texts, would have earned and cost.
    """

    signals: int
    rows: tuple[Information, ...]
    text_adds: tuple[Information, ...]
    edges: tuple[HorizonEdge, ...]
    following: tuple[Following, ...]
    bootstrap_samples: int
    seed: int
    block_hours: float
    with_text: int | None = None


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one run.

    `strategy_regimes` holds the net result of each strategy's closed trades by the regime at entry.
    """

    name: str
    config_digest: str
    code_version: str
    data_fingerprint: str
    start: str
    end: str
    days: int
    currency: str
    starting_balance: float
    final_equity: float
    total: Performance
    benchmark: Benchmark
    per_strategy: dict[str, Performance]
    per_symbol: dict[str, Performance]
    per_regime: dict[str, Performance]
    strategy_regimes: dict[str, dict[str, float]]
    months: tuple[Month, ...]
    exits: tuple[ExitReason, ...]
    costs: Costs
    signal_quality: SignalQuality
    decisions: tuple[DecisionCount, ...]
    selector: tuple[SelectorRule, ...]


def information(estimate: Estimate, *, signal: str, symbol: str, horizon_min: int) -> Information:
    """Name an estimate."""
    return Information(
        signal=signal,
        symbol=symbol,
        horizon_min=horizon_min,
        ic=estimate.value,
        low=estimate.low,
        high=estimate.high,
        t_stat=estimate.t_stat,
        n=estimate.n,
        excludes_zero=estimate.excludes_zero,
    )
