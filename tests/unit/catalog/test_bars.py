"""Importing bars: what is accepted, what is reported, and what is refused by row."""

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as pa_feather
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nautilus_trader.model.data import Bar
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog.bars import BarImport, import_bars
from catalog.instruments import Definition
from catalog.store import read_bars
from sagetrade_nautilus.errors import DataError

NOW_NS = 1_800_000_000_000_000_000
BTC = BarImport(instrument_id="BTCUSDT.BINANCE", timestamps="open", bar="5-MINUTE-LAST")
STEP_NS = 300_000_000_000


def run(path, catalog, wish=BTC, **changes):
    settings_ = {**{name: getattr(wish, name) for name in BarImport.__dataclass_fields__}, **changes}
    now_ns = settings_.pop("now_ns", NOW_NS)
    return import_bars(path, BarImport(**settings_), catalog=catalog, now_ns=now_ns)


@pytest.mark.parametrize("name", ["bars.csv", "bars.parquet", "bars.feather"])
def test_every_kind_of_file_gives_the_same_bars(catalog, frame, write, name):
    data = frame()
    report = run(write(data, name), catalog)
    held = read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST")
    assert report.bars == len(held) == 400
    assert held.ts.tolist() == [stamp.value + STEP_NS for stamp in data["ts_open"]]
    for column in ("open", "high", "low", "close", "volume"):
        assert np.allclose(getattr(held, column), data[column], rtol=1e-15, atol=0)


def test_nautilus_reads_the_same_floats_as_we_do(catalog, frame, write):
    run(write(frame()), catalog)
    held = read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST")
    bars = ParquetDataCatalog(str(catalog)).query(Bar, ["BTCUSDT.BINANCE-5-MINUTE-LAST-EXTERNAL"])
    assert [bar.ts_init for bar in bars] == [bar.ts_event for bar in bars] == held.ts.tolist()
    for column in ("open", "high", "low", "close", "volume"):
        assert [getattr(bar, column).as_double() for bar in bars] == getattr(held, column).tolist()


def test_one_file_a_utc_day(catalog, frame, write):
    """The bar that closes at 00:00 is in the file of the day that begins then."""
    run(write(frame(600)), catalog)
    files = sorted(path.name for path in (catalog / "data" / "bar").rglob("*.parquet"))
    assert files == [
        "2022-01-01T00-05-00-000000000Z_2022-01-01T23-55-00-000000000Z.parquet",
        "2022-01-02T00-00-00-000000000Z_2022-01-02T23-55-00-000000000Z.parquet",
        "2022-01-03T00-00-00-000000000Z_2022-01-03T02-00-00-000000000Z.parquet",
    ]


def test_close_times_are_kept_as_they_are(catalog, frame, write):
    data = frame(10)
    report = run(write(data), catalog, timestamps="close")
    assert report.first_ns == data["ts_open"][0].value
    assert any("was read as the bar's close" in note for note in report.notes)


def test_importing_twice_changes_not_a_byte(catalog, frame, write, snapshot):
    path = write(frame())
    run(path, catalog)
    before = snapshot(catalog)
    report = run(path, catalog)
    assert snapshot(catalog) == before
    assert (report.written.added, report.written.unchanged, report.written.days) == (0, 400, 0)


def test_bars_are_merged_into_a_day_that_is_partly_there(catalog, frame, write):
    data = frame(500)
    run(write(data.iloc[::2]), catalog)
    run(write(data.iloc[100:200]), catalog)
    run(write(data), catalog)
    whole = read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST")
    assert len(whole) == 500
    assert (np.diff(whole.ts) == STEP_NS).all()
    assert len(list((catalog / "data" / "bar").rglob("*.parquet"))) == 2


def test_the_order_of_imports_does_not_matter(tmp_path, frame, write, snapshot):
    data = frame(500)
    first, second = write(data.iloc[:300], "a.parquet"), write(data.iloc[200:], "b.parquet")
    for name, order in (("x", (first, second)), ("y", (second, first))):
        for path in order:
            run(path, tmp_path / name)
    assert {key: value[1] for key, value in snapshot(tmp_path / "x").items()} == {
        key: value[1] for key, value in snapshot(tmp_path / "y").items()
    }


def test_other_values_for_a_time_are_refused_and_replace_lets_them_in(catalog, frame, write, snapshot):
    data = frame()
    run(write(data), catalog)
    before = snapshot(catalog)
    data.loc[7, "volume"] += 1
    path = write(data)
    with pytest.raises(DataError, match=r"1 bars differ.*2022-01-01 00:40:00Z: volume .* \(catalog .*--replace"):
        run(path, catalog)
    assert snapshot(catalog) == before
    assert run(path, catalog, replace=True).written.replaced == 1
    assert read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST").volume[7] == pytest.approx(data["volume"][7])


@pytest.mark.parametrize(
    "case",
    [
        (3, "close", float("nan"), r"row 4: close is nan, and must be a number above 0"),
        (3, "open", float("inf"), r"row 4: open is inf"),
        (3, "low", 0.0, r"row 4: low is 0, and must be a number above 0"),
        (3, "low", -1.0, r"row 4: low is -1"),
        (3, "volume", -0.5, r"row 4: volume is -0.5, and must be a number 0 or more"),
        (3, "volume", float("nan"), r"row 4: volume is nan"),
        (3, "volume", 4e13, r"row 4: volume is 4e\+13, and 34028236692093 is the most"),
        (3, "high", 2e13, r"row 4: high is 2e\+13, and 17014118346046 is the most"),
        (5, "high", 10.0, r"row 6: the prices contradict one another \(open .*high 10"),
        (5, "low", 90_000.0, r"row 6: the prices contradict one another"),
        (
            9,
            "close",
            40_000.123,
            r"row 10: close is 40000.123, which has more than the instrument's 2 decimals",
        ),
        (
            9,
            "volume",
            1.1234567,
            r"row 10: volume is 1.1234567, which has more than the instrument's 5 decimals",
        ),
        (
            2,
            "ts_open",
            pd.Timestamp("2022-01-01T00:11:00Z"),
            r"row 3: the close .*00:16:00Z is not on the grid",
        ),
        (2, "ts_open", pd.Timestamp("2029-01-01T00:10:00Z"), r"row 3: the close .* lies in the future"),
        (
            2,
            "ts_open",
            pd.Timestamp("2022-01-01T00:05:00Z"),
            r"row 3: closes at .*like row 2 with other values",
        ),
        (2, "ts_open", pd.NaT, r"row 3: 'ts_open' is empty"),
    ],
)
def test_a_bar_that_would_corrupt_refuses_the_file(catalog, frame, write, case):
    row, column, value, reason = case
    data = frame(20)
    data.loc[row, ["high", "low"]] = [45_000.0, 35_000.0]
    data.loc[row, column] = value
    with pytest.raises(DataError, match=reason):
        run(write(data), catalog)
    assert not list(catalog.rglob("*.parquet"))


def test_a_refusal_counts_the_rows_and_names_every_fault(catalog, frame, write):
    data = frame(20)
    data.loc[[3, 5, 6, 7, 8, 9, 10], "volume"] = -1.0
    data.loc[4, "close"] = float("nan")
    with pytest.raises(DataError) as refused:
        run(write(data), catalog)
    assert "(7 such rows: 4, 6, 7, 8, 9, ...)" in str(refused.value)
    assert "row 5: close is nan" in str(refused.value)


def test_text_that_is_no_number_is_refused_by_row(catalog, frame, write):
    data = frame(5).astype({"close": object})
    data.loc[2, "close"] = "n/a"
    with pytest.raises(DataError, match="row 3: close is 'n/a', which is no number"):
        run(write(data, "bars.csv"), catalog)


def test_gaps_zero_volume_duplicates_and_disorder_are_reported_and_accepted(catalog, frame, write):
    data = frame(60)
    data.loc[[10, 11], "volume"] = 0.0
    data = pd.concat([data.drop(index=range(20, 25)), data.loc[[30, 31]]])
    data.iloc[[0, 1]] = data.iloc[[1, 0]].to_numpy()
    report = run(write(data), catalog)
    assert (report.rows, report.bars) == (57, 55)
    assert (report.duplicates, report.zero_volume, report.unsorted) == (2, 2, 3)
    assert [(gap.missing, gap.closed_market) for gap in report.gaps] == [(5, False)]
    assert (np.diff(read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST").ts) > 0).all()


def test_rounding_is_done_only_when_asked_for_and_counted(catalog, frame, write):
    data = frame(10)
    data.loc[4, "volume"] = 1.123456
    report = run(write(data), catalog, round_values=True)
    assert report.rounded == 1
    assert read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST").volume[4] == 1.12346


def test_a_price_that_rounds_to_nothing_is_refused(catalog, frame, write):
    data = frame(10)
    data.loc[4, ["open", "high", "low", "close"]] = 0.001
    with pytest.raises(DataError, match="row 5: open is 0"):
        run(write(data), catalog, round_values=True)


def test_the_bar_is_inferred_from_the_most_common_spacing(catalog, frame, write):
    report = run(write(frame(50).drop(index=[3, 4, 9])), catalog, bar=None)
    assert (report.bar_spec, report.inferred) == ("5-MINUTE-LAST", True)


def test_an_unknown_instrument_names_the_flags_that_define_it(catalog, frame, write):
    path = write(frame(5))
    with pytest.raises(DataError, match="--price-precision N --size-precision N"):
        run(path, catalog, instrument_id="XYZ.NOWHERE")
    run(
        path,
        catalog,
        instrument_id="XYZ.NOWHERE",
        definition=Definition(price_precision=2, size_precision=5, quote="EUR"),
    )
    assert run(path, catalog, instrument_id="XYZ.NOWHERE").written.days == 0


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"ts_open": "when"}, "no column for the time .*the file has when, open"),
        ({"volume": "weight"}, "no column for the volume"),
        ({"volume": "Close"}, "both 'close' and 'Close' could be the close"),
    ],
)
def test_columns_that_are_missing_or_double_are_named(catalog, frame, write, columns, reason):
    with pytest.raises(DataError, match=reason):
        run(write(frame(5).rename(columns=columns)), catalog)


def test_two_columns_of_times_ask_for_a_choice(catalog, frame, write):
    data = frame(5).rename(columns={"ts_open": "date"}).assign(timestamp="2022-01-01")
    path = write(data)
    with pytest.raises(DataError, match="both 'date' and 'timestamp' could be the time: choose with --time-column"):
        run(path, catalog)
    assert run(path, catalog, time_column="date").bars == 5


def test_daily_bars_of_a_local_day_close_when_the_next_begins(catalog, write):
    """The day of a clock change has 23 hours, and its bar is on the grid all the same."""
    days = ["2025-03-07", "2025-03-08", "2025-03-09", "2025-03-10"]
    data = pd.DataFrame({"Date": days, "Open": 2.0, "High": 3.0, "Low": 1.0, "Close": 2.0, "Volume": 10.0})
    run(
        write(data, "daily.csv"),
        catalog,
        instrument_id="SPY.ARCA",
        bar="1-DAY-LAST",
        timezone="America/New_York",
    )
    held = read_bars(catalog, "SPY.ARCA", "1-DAY-LAST")
    assert (np.diff(held.ts) // 3_600_000_000_000).tolist() == [24, 23, 24]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(change=st.tuples(st.integers(0, 19), st.sampled_from(["open", "high", "low", "close"]), st.floats(0.5, 2.0)))
def test_no_contradiction_ever_enters(catalog, frame, write, change):
    """Whatever one price is changed to, either the file is refused or its bars agree with themselves."""
    row, column, factor = change
    data = frame(20)
    data.loc[row, column] = round(data.loc[row, column] * factor, 2)
    prices = data[["open", "high", "low", "close"]]
    agree = (prices.max(axis=1) == data["high"]) & (prices.min(axis=1) == data["low"])
    if not agree.all():
        with pytest.raises(DataError, match=f"row {row + 1}: the prices contradict"):
            run(write(data), catalog, replace=True)
        return
    run(write(data), catalog, replace=True)
    held = read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST")
    assert (held.high >= np.maximum(held.open, held.close)).all()
    assert (held.low <= np.minimum(held.open, held.close)).all()


def test_a_feather_file_whose_offsets_lead_elsewhere_is_refused(catalog, tmp_path):
    out = io.BytesIO()
    table = pa.table({"ts_open": ["2022-01-01T00:00:00Z", "2022-01-01T00:05:00Z"], "open": [1.0, 2.0]})
    pa_feather.write_feather(table, out, compression="uncompressed")
    offsets = np.array([0, 20, 40], np.int32).tobytes()
    damaged = out.getvalue().replace(offsets, np.array([0, 2**30, 40], np.int32).tobytes())
    assert damaged != out.getvalue()
    path = tmp_path / "bars.feather"
    path.write_bytes(damaged)
    with pytest.raises(DataError, match=r"bars\.feather: cannot be read"):
        import_bars(path, BarImport(instrument_id="BTCUSDT.BINANCE", timestamps="open"), catalog=catalog, now_ns=2**62)
