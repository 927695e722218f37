"""Reading windows of the catalog, and saying what it lacks."""

import errno
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.persistence.funcs import class_to_filename

from catalog.bars import BarImport, import_bars
from catalog.files import file_name, transaction
from catalog.instruments import Definition
from catalog.store import (
    available_range,
    bar_types,
    read_bar_file,
    read_bars,
    read_instrument,
    read_texts,
    require_bars,
)
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError

NOW_NS = 1_800_000_000_000_000_000
START_NS = 1_640_995_200_000_000_000
STEP_NS = 300_000_000_000
DAY_NS = 86_400_000_000_000
BTC, FIVE = "BTCUSDT.BINANCE", "5-MINUTE-LAST"


@pytest.fixture
def filled(catalog, frame, write):
    """Three whole days of bars from 2022-01-01."""
    import_bars(write(frame(864)), BarImport(instrument_id=BTC, timestamps="open"), catalog=catalog, now_ns=NOW_NS)
    return catalog


def test_a_window_has_both_of_its_ends(filled):
    held = read_bars(filled, BTC, FIVE, START_NS + STEP_NS, START_NS + 3 * STEP_NS)
    assert held.ts.tolist() == [START_NS + step * STEP_NS for step in (1, 2, 3)]


def test_an_empty_catalog_reads_as_nothing(catalog):
    assert len(read_bars(catalog, BTC, FIVE)) == 0
    assert read_texts(catalog) == []
    assert available_range(catalog, f"{BTC}-{FIVE}-EXTERNAL") is None


def test_the_range_is_the_first_and_last_close(filled):
    assert available_range(filled, f"{BTC}-{FIVE}-EXTERNAL") == (START_NS + STEP_NS, START_NS + 3 * DAY_NS)


def test_whole_days_are_served_whole(filled):
    coverage = require_bars(filled, BTC, FIVE, START_NS, START_NS + 3 * DAY_NS)
    assert (coverage.bars, coverage.missing) == (864, 0)
    assert (coverage.first_ns, coverage.last_ns) == (START_NS + STEP_NS, START_NS + 3 * DAY_NS)


@pytest.mark.parametrize(
    ("instrument", "start", "end", "reason"),
    [
        (
            BTC,
            -1,
            3,
            "none from 2021-12-31 00:00:00Z to 2022-01-01 00:05:00Z; shorten the run or import them with",
        ),
        (BTC, 0, 4, "none from 2022-01-04 00:00:00Z to 2022-01-05 00:00:00Z"),
        (BTC, 10, 11, "it holds 5-MINUTE-LAST of 2022-01-01 00:05:00Z to 2022-01-04 00:00:00Z; import"),
        (
            "ETHUSDT.BINANCE",
            0,
            3,
            "it holds none; import them with `sagetool import bars FILE --instrument ETHUSDT",
        ),
        ("SOLUSDT.BINANCE", 0, 3, "SOLUSDT.BINANCE is not known"),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_brings_it(filled, instrument, start, end, reason):
    with pytest.raises(DataError, match=reason):
        require_bars(filled, instrument, FIVE, START_NS + start * DAY_NS, START_NS + end * DAY_NS)


def test_the_command_that_brings_what_is_missing_names_the_catalog_that_was_looked_at(filled):
    with pytest.raises(DataError, match=re.escape(f"--bar 5-MINUTE-LAST --catalog {filled} --timestamps open`")):
        require_bars(filled, "ETHUSDT.BINANCE", FIVE, START_NS, START_NS + DAY_NS)


@pytest.mark.parametrize("other", ["1-MINUTE-LAST", "5-MINUTE-BID"])
def test_bars_of_another_kind_are_named_with_the_line_that_reads_them(filled, other):
    said = r'it holds 5-MINUTE-LAST of 2022-01-01 .* to 2022-01-04 .*; `bar = "5-MINUTE-LAST"` in \[data\] reads'
    with pytest.raises(DataError, match=said):
        require_bars(filled, BTC, other, START_NS, START_NS + DAY_NS)


def test_an_outage_is_served_and_counted_and_a_missing_day_is_not(catalog, frame, write):
    wish = BarImport(instrument_id=BTC, timestamps="open")
    outage = frame(864).drop(index=range(300, 400))
    import_bars(write(outage), wish, catalog=catalog, now_ns=NOW_NS)
    assert require_bars(catalog, BTC, FIVE, START_NS, START_NS + 3 * DAY_NS).missing == 100
    other = catalog.with_name("other")
    import_bars(write(frame(864).drop(index=range(288, 576))), wish, catalog=other, now_ns=NOW_NS)
    with pytest.raises(DataError, match="none from 2022-01-02 00:00:00Z to 2022-01-03 00:05:00Z"):
        require_bars(other, BTC, FIVE, START_NS, START_NS + 3 * DAY_NS)


def test_a_market_with_sessions_may_pause_over_a_long_weekend(catalog, shared_data):
    wish = BarImport(instrument_id="SPY.ARCA", timestamps="open", timezone="America/New_York", round_values=True)
    import_bars(shared_data / "bars" / "SPY_1m_2025-07.parquet", wish, catalog=catalog, now_ns=NOW_NS)
    start = 1_751_328_000_000_000_000
    assert require_bars(catalog, "SPY.ARCA", "1-MINUTE-LAST", start, start + 30 * DAY_NS).missing is None


def test_an_instrument_defined_on_import_is_read_back_with_the_fees_of_the_run(catalog, frame, write):
    definition = Definition(price_precision=2, size_precision=5, quote="USD", min_notional="7.5")
    wish = BarImport(instrument_id="BTC/USD.X", timestamps="open", definition=definition)
    import_bars(write(frame(5)), wish, catalog=catalog, now_ns=NOW_NS)
    pair = read_instrument(catalog, "BTC/USD.X", taker_fee_bps=5)
    assert (pair.size_precision, pair.quote_currency.code, str(pair.min_notional)) == (5, "USD", "7.50 USD")
    assert float(pair.taker_fee) == 0.0005
    assert len(read_bars(catalog, "BTC/USD.X", FIVE)) == 5


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"a": [1]}),
        pa.table({}),
        pa.table({"ts_init": pa.array([2**64 - 1], pa.uint64())}),
        pa.table({"ts_init": pa.array([None], pa.uint64())}),
        pa.table(
            {name: pa.array([b"abc"], pa.binary(3)) for name in ("ts_init", "open", "high", "low", "close", "volume")}
        ),
    ],
)
def test_a_sound_file_of_something_else_is_named_as_damaged(catalog, table):
    name = file_name(START_NS, START_NS + 1)
    market = class_to_filename(CurrencyPair)
    for place in (f"bar/{BTC}-{FIVE}-EXTERNAL", class_to_filename(RawText), f"{market}/XYZUSD.KRAKEN"):
        path = catalog / "data" / place / name
        path.parent.mkdir(parents=True)
        pq.write_table(table, path)
    for read in (
        lambda: read_bars(catalog, BTC, FIVE),
        lambda: read_texts(catalog),
        lambda: read_instrument(catalog, "XYZUSD.KRAKEN"),
    ):
        with pytest.raises(DataError, match=r"\.parquet: damaged"):
            read()


def test_bars_whose_file_names_no_bars_are_named(filled):
    path = next((filled / "data/bar").glob("*/*.parquet"))
    pq.write_table(pq.read_table(path).replace_schema_metadata({b"bar_type": b"\xff-1-MINUTE-LAST-EXTERNAL"}), path)
    with pytest.raises(DataError, match=path.name):
        bar_types(filled)


@pytest.mark.parametrize("name", ["[1]", "a*b", "a?b", "a\nb", "a\udcffb"])
def test_a_catalog_that_nautilus_would_take_for_others_is_neither_written_nor_run(filled, tmp_path, name):
    """Below a path with brackets it finds nothing, below one with an asterisk the files of other folders."""
    moved = filled.rename(tmp_path / name)
    with pytest.raises(DataError, match="Nautilus cannot read below a path with"):
        require_bars(moved, BTC, FIVE, START_NS, START_NS + DAY_NS)
    with pytest.raises(DataError, match="Nautilus cannot read below a path with"), transaction(moved):
        pass


@pytest.mark.parametrize("root", ["~/catalog", "s3://bucket/catalog", "file:///catalog"])
def test_a_catalog_is_a_path_and_nothing_is_made_of_what_is_none(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="name another catalog"), transaction(Path(root)):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["custom_raw_text", "bar"])
def test_a_folder_that_cannot_be_read_does_not_pass_for_empty(filled, folder, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refuse)
    read = {"custom_raw_text": read_texts, "bar": bar_types}[folder]
    with pytest.raises(DataError, match=f"{folder}: cannot be read: Permission denied"):
        read(filled)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(min_value=0.0, max_value=1.0, exclude_max=True), bit=st.integers(0, 7))
def test_a_file_with_one_wrong_bit_is_refused_or_says_what_it_said(filled, place, bit):
    file = sorted((filled / "data" / "bar").rglob("*.parquet"))[0]
    raw, sound = file.read_bytes(), read_bar_file(file)
    wrong = bytearray(raw)
    wrong[int(place * len(raw))] ^= 1 << bit
    try:
        file.write_bytes(wrong)
        assert read_bar_file(file).equals(sound)
    except DataError:
        pass
    finally:
        file.write_bytes(raw)


@pytest.mark.parametrize("why", [errno.EACCES, errno.EMFILE, errno.EIO])
def test_a_file_that_cannot_be_opened_is_not_called_damaged(filled, why, monkeypatch):
    def refuse(*_, **__):
        raise OSError(why, "refused")

    monkeypatch.setattr(pq, "read_table", refuse)
    with pytest.raises(DataError, match=r"\.parquet: cannot be read .*the file may be sound"):
        read_bars(filled, BTC, FIVE)
