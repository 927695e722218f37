from math import fsum

import msgspec
import numpy as np
import pytest

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.records import FillRecord, PriceSeries, RunSummary
from sagetrade_nautilus.report.equity import EquityLedger, reconcile

replace = msgspec.structs.replace


def test_a_run_whose_fills_and_account_agree_passes(summary: RunSummary) -> None:
    reconcile(summary)


@pytest.mark.parametrize("error", [0.02, -0.02, float("nan")])
def test_two_cents_of_difference_to_the_account_stop_the_report(summary: RunSummary, error: float) -> None:
    with pytest.raises(ReportError, match="the account reports"):
        reconcile(replace(summary, final_balance=summary.final_balance + error))


def test_a_thousandth_of_an_account_in_bitcoin_stops_the_report_as_it_would_in_dollars(summary: RunSummary) -> None:
    """A cent is nothing of 100,000 dollars, and a hundredth of an account of one bitcoin."""
    small = replace(summary, currency="BTC", starting_balance=1.0, final_balance=1.0, fills=(), round_trips=())
    reconcile(small)
    with pytest.raises(ReportError, match="the account reports"):
        reconcile(replace(small, final_balance=1.001))


def test_a_missing_fill_stops_the_report(summary: RunSummary) -> None:
    with pytest.raises(ReportError):
        reconcile(replace(summary, fills=summary.fills[:-1]))


def test_a_fee_that_the_account_took_and_no_fill_shows_stops_the_report(summary: RunSummary) -> None:
    cheaper = (replace(summary.fills[0], commission=0.0), *summary.fills[1:])
    with pytest.raises(ReportError, match="the account reports"):
        reconcile(replace(summary, fills=cheaper))


@pytest.mark.parametrize("field", ["gross_pnl", "fees", "net_pnl", "slippage_cost"])
def test_a_trade_that_contradicts_its_own_fills_is_named(summary: RunSummary, field: str) -> None:
    first, *rest = summary.round_trips
    wrong = replace(first, **{field: getattr(first, field) + 0.05})
    with pytest.raises(ReportError, match=f"{first.trade_id}: {field}"):
        reconcile(replace(summary, round_trips=(wrong, *rest)))


def test_a_trade_listed_twice_is_refused(summary: RunSummary) -> None:
    with pytest.raises(ReportError, match="listed twice"):
        reconcile(replace(summary, round_trips=(*summary.round_trips, summary.round_trips[0])))


def test_a_trade_without_fills_is_refused(summary: RunSummary) -> None:
    ghost = replace(summary.round_trips[0], trade_id="ghost")
    with pytest.raises(ReportError, match="ghost"):
        reconcile(replace(summary, round_trips=(*summary.round_trips, ghost)))


def test_an_open_position_is_valued_at_the_last_close(summary: RunSummary) -> None:
    """Its entry stays in the fills, and the account's open result makes up for the missing exit."""
    trip = summary.round_trips[-1]
    entry = next(fill for fill in summary.fills if fill.trade_id == trip.trade_id and fill.is_entry)
    close = next(series.close[-1] for series in summary.prices if series.symbol == trip.symbol)
    sign = 1.0 if entry.side == "buy" else -1.0
    fills = tuple(fill for fill in summary.fills if fill.trade_id != trip.trade_id or fill.is_entry)
    still_open = replace(
        summary,
        fills=fills,
        round_trips=summary.round_trips[:-1],
        final_balance=summary.final_balance - trip.net_pnl - entry.commission,
        open_pnl=float(sign * entry.quantity * (close - entry.price)),
    )
    reconcile(still_open)
    with pytest.raises(ReportError):
        reconcile(replace(still_open, open_pnl=0.0))


def test_equity_at_every_bar_agrees_with_a_slow_account_kept_bar_by_bar(summary: RunSummary) -> None:
    ledger = EquityLedger(summary)
    curve = ledger.curve(ledger.all_fills())
    prices = {series.instrument_id: series.close for series in summary.prices}
    cash, held, pending = 0.0, dict.fromkeys(prices, 0.0), sorted(summary.fills, key=lambda fill: fill.ts)
    for bar, ts in enumerate(ledger.ts.tolist()):
        while pending and pending[0].ts <= ts:
            fill = pending.pop(0)
            sign = 1.0 if fill.side == "buy" else -1.0
            cash -= sign * fill.quantity * fill.price + fill.commission
            held[fill.instrument_id] += sign * fill.quantity
        if bar % 97 == 0:
            value = cash + fsum(held[name] * prices[name][bar] for name in prices)
            assert curve.pnl[bar] == pytest.approx(value, abs=1e-6)


def test_the_curves_of_the_strategies_add_up_to_the_total(summary: RunSummary) -> None:
    ledger = EquityLedger(summary)
    parts = [ledger.curve(ledger.fills.strategy == name).pnl for name in summary.strategies]
    assert np.sum(parts, axis=0) == pytest.approx(ledger.curve(ledger.all_fills()).pnl, abs=1e-6)


def test_nothing_is_at_stake_after_the_last_exit(summary: RunSummary) -> None:
    ledger = EquityLedger(summary)
    last = max(fill.ts for fill in summary.fills)
    gross = ledger.curve(ledger.all_fills()).gross
    assert (gross[ledger.ts >= last] == 0.0).all()
    assert gross.max() > 0.0


def _small(fills: tuple[FillRecord, ...], prices: tuple[PriceSeries, ...], summary: RunSummary) -> EquityLedger:
    return EquityLedger(replace(summary, fills=fills, prices=prices, round_trips=()))


def test_opposite_positions_of_two_strategies_cancel_in_value_but_not_in_exposure(summary: RunSummary) -> None:
    series = PriceSeries("BTCUSDT.BINANCE", np.asarray([10, 20, 30]), np.asarray([100.0, 110.0, 120.0]))
    buy = replace(
        summary.fills[0],
        ts=5,
        instrument_id=series.instrument_id,
        side="buy",
        quantity=1.0,
        price=100.0,
        commission=0.0,
    )
    sell = replace(buy, strategy="other", trade_id="t2", side="sell")
    ledger = _small((buy, sell), (series,), summary)
    curve = ledger.curve(ledger.all_fills())
    assert curve.pnl.tolist() == [0.0, 0.0, 0.0]
    assert curve.gross.tolist() == [200.0, 220.0, 240.0]


def test_a_fill_after_the_last_bar_counts_at_the_last_bar(summary: RunSummary) -> None:
    series = PriceSeries("BTCUSDT.BINANCE", np.asarray([10, 20]), np.asarray([100.0, 110.0]))
    late = replace(
        summary.fills[0],
        ts=25,
        instrument_id=series.instrument_id,
        side="buy",
        quantity=1.0,
        price=112.0,
        commission=1.0,
    )
    ledger = _small((late,), (series,), summary)
    assert ledger.curve(ledger.all_fills()).pnl.tolist() == [0.0, -3.0]


def test_buying_and_holding_is_the_mean_growth_of_all_markets(summary: RunSummary) -> None:
    one = PriceSeries("A.X", np.asarray([10, 20, 30]), np.asarray([100.0, 200.0, 300.0]))
    late = PriceSeries("B.X", np.asarray([20, 30]), np.asarray([50.0, 25.0]))
    held = _small((), (one, late), replace(summary, starting_balance=1_000.0)).benchmark()
    assert held.tolist() == [1_000.0, 1_500.0, 1_750.0]


def test_prices_that_cannot_be_right_are_refused(summary: RunSummary) -> None:
    good = np.asarray([1.0, 2.0])
    for ts, close in (([10, 10], good), ([10], good), ([10, 20], good * np.nan), ([10, 20], good * 0.0)):
        with pytest.raises(ReportError, match=r"A\.X"):
            _small((), (PriceSeries("A.X", np.asarray(ts), close),), summary)
    with pytest.raises(ReportError, match="no prices"):
        _small((), (), summary)


def test_a_fill_without_prices_is_refused(summary: RunSummary) -> None:
    with pytest.raises(ReportError, match="has no prices"):
        EquityLedger(replace(summary, prices=summary.prices[:1]))
