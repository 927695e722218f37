import msgspec
import numpy as np
import pytest

from sagetrade_nautilus.errors import ReportError
from sagetrade_nautilus.model.records import PriceSeries, RunSummary, SignalSeries
from sagetrade_nautilus.report.signal_quality import signal_quality

replace = msgspec.structs.replace
BAR = 300_000_000_000


def _foresight(summary: RunSummary, shift: int) -> RunSummary:
    """Scores equal to the return over the bar that begins `shift` bars later."""
    signals = []
    for series in summary.prices:
        steps = np.diff(np.log(series.close), append=np.log(series.close[-1]))
        score = np.roll(steps, -shift)
        signals.append(SignalSeries(series.instrument_id, series.ts, score, {"quant": score, "text": score}))
    return replace(summary, signals=tuple(signals))


def _coefficient(summary: RunSummary, horizon_min: int = 5) -> float:
    quality = signal_quality(summary, 100, 7)
    return next(row.ic for row in quality.rows if row.symbol == "all" and row.horizon_min == horizon_min)


def test_a_score_that_knows_the_next_bar_has_a_coefficient_of_one(summary: RunSummary) -> None:
    assert _coefficient(_foresight(summary, 0)) == pytest.approx(1.0)


def test_a_score_that_knows_only_a_later_bar_has_next_to_none(summary: RunSummary) -> None:
    assert abs(_coefficient(_foresight(summary, 5))) < 0.05


def test_a_score_stays_in_force_until_the_next_is_published(summary: RunSummary) -> None:
    """A signal that is published on change alone says the same as one that is repeated every bar."""
    full = summary.signals[0]
    stepped = np.repeat(full.composite[::6], 6)[: full.ts.size]
    every = replace(summary, signals=(SignalSeries(full.instrument_id, full.ts, stepped, {}),))
    sparse = SignalSeries(full.instrument_id, full.ts[::6], full.composite[::6], {})
    assert _coefficient(replace(summary, signals=(sparse,))) == _coefficient(every)


def test_every_signal_market_and_horizon_has_a_row(summary: RunSummary) -> None:
    quality = signal_quality(summary, 100, 7)
    rows = {(row.signal, row.symbol, row.horizon_min) for row in quality.rows}
    assert len(rows) == len(quality.rows) == 3 * 3 * 4
    assert [row.horizon_min for row in quality.text_adds] == [5, 15, 60, 240]
    assert quality.signals == sum(series.ts.size for series in summary.signals)


def test_the_seed_decides_the_interval_and_not_the_coefficient(summary: RunSummary) -> None:
    one, again, other = (signal_quality(summary, 100, seed) for seed in (7, 7, 8))
    assert one == again
    assert [row.ic for row in one.rows] == [row.ic for row in other.rows]
    assert [row.low for row in one.rows] != [row.low for row in other.rows]


def test_horizons_shorter_than_a_bar_are_left_out(summary: RunSummary) -> None:
    prices = tuple(PriceSeries(p.instrument_id, p.ts[11::12], p.close[11::12]) for p in summary.prices)
    quality = signal_quality(replace(summary, prices=prices), 100, 7)
    assert [edge.horizon_min for edge in quality.edges] == [60, 240]


def test_a_gap_in_the_prices_only_costs_its_own_samples(summary: RunSummary) -> None:
    keep = np.ones(summary.prices[0].ts.size, dtype=bool)
    keep[1_000:1_100] = False
    holed = tuple(PriceSeries(p.instrument_id, p.ts[keep], p.close[keep]) for p in summary.prices)
    full, part = (signal_quality(s, 100, 7).rows[0].n for s in (summary, replace(summary, prices=holed)))
    assert full - part == 2 * 101


def test_a_run_without_signals_says_nothing(summary: RunSummary) -> None:
    quality = signal_quality(replace(summary, signals=()), 100, 7)
    assert (quality.rows, quality.edges, quality.text_adds, quality.following) == ((), (), (), ())
    assert quality.signals == 0


def test_edges_are_half_the_distance_of_the_outer_fifths(summary: RunSummary) -> None:
    for edge in signal_quality(summary, 100, 7).edges:
        low, high = edge.quintiles_bps[0], edge.quintiles_bps[-1]
        assert low is not None
        assert high is not None
        assert edge.edge_bps == pytest.approx((high - low) / 2)
        assert edge.round_trip_bps == summary.costs.round_trip_bps


def test_the_composite_is_followed_with_and_without_texts_and_in_pairs(summary: RunSummary) -> None:
    rows = signal_quality(summary, 100, 7).following
    assert [row.horizon_min for row in rows] == [minutes for minutes in (5, 15, 60, 240) for _ in range(3)]
    for more, less, change in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        assert (more.signal, less.signal, change.signal) == ("composite", "quant", "composite - quant")
        assert more.cost_bps == pytest.approx(more.turnover * summary.costs.round_trip_bps / 2)
        assert more.net_bps == pytest.approx(more.gross_bps - more.cost_bps)
        assert change.net_bps == pytest.approx(more.net_bps - less.net_bps, abs=1e-6)
        assert change.turnover == pytest.approx(more.turnover - less.turnover, abs=1e-6)


def test_a_composite_without_texts_is_followed_alone(summary: RunSummary) -> None:
    silent = tuple(
        replace(one, components={"quant": one.composite, "text": np.full(one.ts.size, np.nan)})
        for one in summary.signals
    )
    assert {row.signal for row in signal_quality(replace(summary, signals=silent), 100, 7).following} == {"composite"}


def test_signals_that_do_not_fit_the_run_are_refused(summary: RunSummary) -> None:
    first = summary.signals[0]
    stray = SignalSeries("XRPUSDT.BINANCE", first.ts, first.composite, {})
    short = SignalSeries(first.instrument_id, first.ts, first.composite, {"quant": first.composite[:-1]})
    with pytest.raises(ReportError, match="XRPUSDT"):
        signal_quality(replace(summary, signals=(stray,)), 100, 7)
    with pytest.raises(ReportError, match="quant"):
        signal_quality(replace(summary, signals=(short,)), 100, 7)


@pytest.mark.slow
def test_on_the_real_months_the_plain_signals_revert_as_measured_elsewhere(shared_data, summary: RunSummary) -> None:
    """The return of the last 15 minutes against the later return, BTCUSDT, January to July 2022."""
    import pandas as pd

    bars = pd.read_parquet(shared_data / "bars" / "BTCUSDT_5m_2022-01_2022-08.parquet")
    bars = bars[bars.ts_open < pd.Timestamp("2022-07-01", tz="UTC")]
    ts = pd.DatetimeIndex(bars.ts_open).as_unit("ns").asi8 + BAR
    close = bars.close.to_numpy(dtype=float)
    score = pd.Series(np.log(close)).diff(3).to_numpy()
    real = replace(
        summary,
        prices=(PriceSeries("BTCUSDT.BINANCE", ts, close),),
        signals=(SignalSeries("BTCUSDT.BINANCE", ts, score, {}),),
    )
    found = {row.horizon_min: row.ic for row in signal_quality(real, 200, 7).rows if row.symbol == "all"}
    assert found[5] == pytest.approx(-0.048, abs=0.001)
    assert found[15] == pytest.approx(-0.073, abs=0.001)
    assert found[60] == pytest.approx(-0.068, abs=0.002)
