import msgspec
import numpy as np
import pytest

from sagetrade_nautilus.model.records import PriceSeries, RunSummary
from sagetrade_nautilus.report import price_chart
from sagetrade_nautilus.report.price_chart import price_charts


def test_the_script_can_rebuild_every_time_and_price(summary: RunSummary) -> None:
    for chart, series in zip(price_charts(summary), summary.prices, strict=True):
        data = msgspec.json.decode(chart.data)
        steps = [step for step, times in data["dt"] for _ in range(times)]
        times = np.cumsum([data["t0"], *steps])
        closes = np.cumsum([data["p0"], *data["dp"]]) / 10.0 ** data["decimals"]
        assert times.tolist() == (series.ts // 10**9).tolist()
        assert closes == pytest.approx(series.close, rel=1e-5)


def test_a_gap_in_the_bars_stays_a_gap(summary: RunSummary) -> None:
    ts = np.asarray([300, 600, 3_000, 3_300]) * 10**9
    gap = PriceSeries("A.X", ts, np.asarray([1.0, 2.0, 3.0, 4.0]))
    (chart,) = price_charts(msgspec.structs.replace(summary, prices=(gap,)))
    assert msgspec.json.decode(chart.data)["dt"] == [[300, 1], [2_400, 1], [300, 1]]


def test_every_trade_is_on_the_chart_of_its_market_as_won_or_lost(summary: RunSummary) -> None:
    charts = price_charts(summary)
    assert sum(chart.trades for chart in charts) == len(summary.round_trips)
    for chart in charts:
        trips = [trip for trip in summary.round_trips if trip.symbol == chart.symbol]
        assert chart.won.count("L") == sum(trip.outcome == "win" for trip in trips)
        assert chart.lost.count("L") == sum(trip.outcome != "win" for trip in trips)
        assert len(msgspec.json.decode(chart.data)["trades"]) == len(trips)
        assert chart.hidden == 0


def test_too_many_trades_leave_out_the_smallest_and_say_so(
    summary: RunSummary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_chart, "MAX_TRADES", 10)
    for chart in price_charts(summary):
        results = sorted(
            (abs(trip.net_pnl) for trip in summary.round_trips if trip.symbol == chart.symbol), reverse=True
        )
        shown = [abs(trade[6]) for trade in msgspec.json.decode(chart.data)["trades"]]
        assert chart.hidden == len(results) - 10
        assert min(shown) == pytest.approx(results[9], abs=0.01)


def test_long_histories_are_thinned_to_the_budget(summary: RunSummary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_chart, "MAX_POINTS", 1_000)
    for chart in price_charts(summary):
        assert len(msgspec.json.decode(chart.data)["dp"]) <= 502


def test_what_a_trade_made_keeps_its_sign_where_the_accounts_unit_is_worth_much(summary: RunSummary) -> None:
    trips = tuple(msgspec.structs.replace(trip, net_pnl=1e-5 * trip.net_pnl) for trip in summary.round_trips)
    for chart in price_charts(msgspec.structs.replace(summary, round_trips=trips)):
        shown = {trade[0]: trade[6] for trade in msgspec.json.decode(chart.data)["trades"]}
        made = {trip.trade_id: trip.net_pnl for trip in trips if trip.symbol == chart.symbol}
        assert min(map(abs, made.values())) < 0.005
        for name, net in made.items():
            assert shown[name] == pytest.approx(
                net, rel=0.05 if abs(net) < 0.005 else 0.0, abs=0.005 * (abs(net) >= 0.005)
            )
