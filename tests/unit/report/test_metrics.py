from collections.abc import Iterator
from math import fsum, isfinite
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.records import FillRecord, RunSummary
from sagetrade_nautilus.report import metrics
from sagetrade_nautilus.report.equity import EquityLedger
from sagetrade_nautilus.report.figures import Metrics
from sagetrade_nautilus.report.words import verdict

replace = msgspec.structs.replace


@pytest.fixture(scope="module")
def figures(summary: RunSummary) -> Metrics:
    return metrics.compute(summary, 200, 7)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


def test_the_result_is_the_same_by_fills_by_trades_and_by_account(summary: RunSummary, figures: Metrics) -> None:
    net = fsum(trip.net_pnl for trip in summary.round_trips)
    assert figures.total.net_pnl == pytest.approx(net, abs=1e-6)
    assert figures.final_equity == pytest.approx(summary.final_balance, abs=1e-6)


@pytest.mark.parametrize("group", ["per_strategy", "per_symbol", "per_regime"])
@pytest.mark.parametrize("figure", ["net_pnl", "fees", "slippage_cost", "trades", "notional", "pnl_before_costs"])
def test_the_parts_of_each_grouping_add_up_to_the_total(figures: Metrics, group: str, figure: str) -> None:
    parts = fsum(getattr(part, figure) for part in getattr(figures, group).values())
    assert parts == pytest.approx(getattr(figures.total, figure), abs=1e-6)


def test_the_result_before_costs_less_costs_is_the_net_result(figures: Metrics) -> None:
    for part in (figures.total, *figures.per_strategy.values(), *figures.per_regime.values()):
        assert part.pnl_before_costs - part.slippage_cost - part.fees == pytest.approx(part.net_pnl, abs=1e-9)


def test_trade_figures_agree_with_pandas(summary: RunSummary, figures: Metrics) -> None:
    trades = pd.DataFrame([msgspec.structs.asdict(trip) for trip in summary.round_trips])
    won, lost = trades[trades.net_pnl > 0], trades[trades.net_pnl < 0]
    total = figures.total
    assert total.win_rate_pct == pytest.approx(100 * len(won) / len(trades))
    assert total.profit_factor == pytest.approx(won.net_pnl.sum() / -lost.net_pnl.sum())
    assert total.expectancy == pytest.approx(trades.net_pnl.mean())
    made = 1e4 * (trades.gross_pnl + trades.slippage_cost) / (trades.quantity * trades.entry_price)
    assert total.realized_edge_bps == pytest.approx(made.mean())
    assert total.expected_edge_bps == pytest.approx(trades.expected_edge_bps.mean())
    assert total.avg_duration_s == pytest.approx((trades.exit_ts - trades.entry_ts).mean() / 1e9)
    gross_profit = trades.gross_pnl.clip(lower=0).sum()
    assert total.fees_of_gross_profit_pct == pytest.approx(100 * trades.fees.sum() / gross_profit)


def test_sharpe_agrees_with_daily_returns_by_pandas(summary: RunSummary, figures: Metrics) -> None:
    ledger = EquityLedger(summary)
    equity = pd.Series(
        summary.starting_balance + ledger.curve(ledger.all_fills()).pnl, pd.to_datetime(ledger.ts - 1, utc=True)
    )
    daily = equity.resample("1D").last()
    returns = pd.concat([pd.Series([summary.starting_balance]), daily]).pct_change().dropna()
    assert figures.total.sharpe == pytest.approx(returns.mean() / returns.std() * 365**0.5)
    assert figures.days == len(daily)


def test_average_slippage_is_what_the_simulation_was_told(figures: Metrics) -> None:
    assert figures.total.avg_slippage_bps == pytest.approx(1.0, abs=0.01)


def test_a_strategy_that_never_traded_still_has_its_row(figures: Metrics) -> None:
    idle = figures.per_strategy["idle_strategy"]
    assert (idle.trades, idle.net_pnl, idle.win_rate_pct, idle.sharpe) == (0, 0.0, None, None)


def test_months_compound_to_the_whole(figures: Metrics) -> None:
    growth = 1.0
    for month in figures.months:
        assert month.return_pct is not None
        growth *= 1 + month.return_pct / 100
    assert [month.month for month in figures.months] == ["2022-01", "2022-02"]
    assert 100 * (growth - 1) == pytest.approx(figures.total.total_return_pct)


def test_the_regimes_of_each_strategy_add_up_to_its_result(figures: Metrics) -> None:
    for name, regimes in figures.strategy_regimes.items():
        assert fsum(regimes.values()) == pytest.approx(figures.per_strategy[name].net_pnl, abs=1e-6)


def test_exit_reasons_cover_every_trade(figures: Metrics) -> None:
    assert sum(row.trades for row in figures.exits) == figures.total.trades
    assert fsum(row.net_pnl for row in figures.exits) == pytest.approx(figures.total.net_pnl)


def test_a_run_without_a_trade_has_metrics(idle_summary: RunSummary) -> None:
    idle = metrics.compute(idle_summary, 100, 7)
    assert (idle.total.net_pnl, idle.total.trades, idle.per_regime) == (0.0, 0, {})
    assert idle.total.profit_factor is None


def test_an_open_trade_is_counted_apart(summary: RunSummary) -> None:
    trip = summary.round_trips[-1]
    entry = next(fill for fill in summary.fills if fill.trade_id == trip.trade_id and fill.is_entry)
    fills = tuple(fill for fill in summary.fills if fill.trade_id != trip.trade_id or fill.is_entry)
    close = next(float(series.close[-1]) for series in summary.prices if series.symbol == trip.symbol)
    sign = 1.0 if entry.side == "buy" else -1.0
    found = metrics.compute(
        replace(
            summary,
            fills=fills,
            round_trips=summary.round_trips[:-1],
            final_balance=summary.final_balance - trip.net_pnl - entry.commission,
            open_pnl=sign * entry.quantity * (close - entry.price),
        ),
        100,
        7,
    )
    assert (found.total.trades, found.total.open_trades) == (len(summary.round_trips) - 1, 1)
    assert found.per_regime["still_open"].open_trades == 1


def test_exposure_is_unknown_where_a_position_outlives_the_equity_that_it_is_held_against(summary: RunSummary) -> None:
    """A short that loses more than there is: the worst moment must not count as one without a position."""
    series = summary.prices[0]
    short = FillRecord(
        ts=int(series.ts[0]),
        trade_id="ruin-1",
        strategy=summary.strategies[0],
        symbol=series.symbol,
        instrument_id=series.instrument_id,
        side="sell",
        quantity=1.0,
        price=float(series.close[0]),
        commission=0.0,
        liquidity="taker",
        reference_price=None,
        is_entry=True,
    )
    closes = series.close.copy()
    closes[-1] += summary.starting_balance
    ruined = replace(
        summary,
        fills=(short,),
        round_trips=(),
        prices=(replace(series, close=closes),),
        signals=(),
        final_balance=summary.starting_balance,
        open_pnl=float(series.close[0] - closes[-1]),
    )
    total = metrics.compute(ruined, 100, 7).total
    assert (total.avg_exposure_pct, total.max_exposure_pct) == (None, None)
    assert total.time_in_market_pct == 100.0
    assert "in the market on average" not in verdict(metrics.compute(ruined, 100, 7))[0].text


def test_a_contradiction_stops_the_metrics(summary: RunSummary) -> None:
    with pytest.raises(ReportError):
        metrics.compute(replace(summary, final_balance=0.0), 100, 7)


@pytest.mark.parametrize("days", [1, 2])
def test_a_short_run_has_no_nan_and_no_infinity(make_summary: Any, days: int, tmp_path: Path) -> None:
    found = metrics.compute(make_summary(days=days, trades=5), 100, 7)
    metrics.write(found, tmp_path / "metrics.json")
    for leaf in _leaves(msgspec.to_builtins(found)):
        assert not isinstance(leaf, float) or isfinite(leaf)


def test_equal_runs_give_equal_bytes_and_the_file_reads_back(
    summary: RunSummary, figures: Metrics, tmp_path: Path
) -> None:
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in paths:
        metrics.write(metrics.compute(summary, 200, 7), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert msgspec.json.decode(paths[0].read_bytes(), type=Metrics) == figures
