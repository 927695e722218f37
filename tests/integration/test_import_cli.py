"""`sagetool import` and `sagetool data` on the real files."""

from pathlib import Path

import pandas as pd
import pytest
from nautilus_trader.model.data import Bar
from nautilus_trader.persistence.catalog import ParquetDataCatalog
from typer.testing import CliRunner, Result

from sagetrade_nautilus.cli import data, imports
from sagetrade_nautilus.errors import DataError

GAPPY = "BTCUSDT_5m_2020-12_2021-07.parquet"
SPY = "SPY_1m_2025-07.parquet"
PERP = "BTC-PERP_1m_2022-01.parquet"
DEFINED = ("--price-precision", "1", "--size-precision", "4", "--quote", "USD")


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return tmp_path / "catalog"


def sagetool(app, *words: object) -> Result:
    """Run one command with a wide terminal; an error of ours is raised as the process's edge would see it."""
    result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "220", "NO_COLOR": "1"})
    if isinstance(result.exception, DataError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def bars(path, instrument, timestamps, catalog, *more):
    fixed = ("--instrument", instrument, "--timestamps", timestamps, "--catalog", catalog)
    return sagetool(imports.app, "bars", path, *fixed, *more).output


def line(output: str, name: str) -> str:
    [found] = [row for row in output.splitlines() if f" {name} " in row]
    return found


def test_the_gappy_file_comes_in_with_its_gaps_reported(catalog, shared_data):
    output = bars(shared_data / "bars" / GAPPY, "BTCUSDT.BINANCE", "open", catalog, "--round")
    assert "6, 177 bars missing" in line(output, "gaps")
    assert " 28 " in line(output, "zero volume")
    assert "5-MINUTE-LAST (found from the rows' spacing)" in output
    assert "65,741 bars added" in output
    assert "gaps (6 of 6)" in output


def test_a_second_import_says_that_nothing_changed(catalog, shared_data):
    path = shared_data / "bars" / GAPPY
    bars(path, "BTCUSDT.BINANCE", "open", catalog, "--round")
    files = {file: file.stat().st_mtime_ns for file in catalog.rglob("*.parquet")}
    assert "unchanged, it had all 65,741 bars" in bars(path, "BTCUSDT.BINANCE", "open", catalog, "--round")
    assert {file: file.stat().st_mtime_ns for file in catalog.rglob("*.parquet")} == files


def test_too_many_decimals_are_refused_by_row_without_round(catalog, shared_data):
    with pytest.raises(DataError, match=r"row 1: volume is 794\.500517, which has more than .*59142 such rows"):
        bars(shared_data / "bars" / GAPPY, "BTCUSDT.BINANCE", "open", catalog)
    assert not list(catalog.rglob("*.parquet"))


def test_naive_new_york_minutes_need_their_timezone(catalog, shared_data):
    path = shared_data / "bars" / SPY
    with pytest.raises(DataError, match=r"column 'date' holds naive times \(row 1: 2025-07-01 04:00:00\)"):
        bars(path, "SPY.ARCA", "open", catalog)
    output = bars(path, "SPY.ARCA", "open", catalog, "--timezone", "America/New_York", "--round")
    assert "closing 2025-07-01 08:01:00Z to 2025-07-31 00:01:00Z" in output
    assert "47, 48 bars missing" in line(output, "gaps")
    assert "2025-07-04" in line(output, "weekdays without bars")
    assert "the clock of America/New_York" in output


def test_a_file_of_close_times_is_kept_at_its_closes(catalog, shared_data):
    output = bars(shared_data / "bars" / PERP, "BTC-PERP.FTX", "close", catalog, "--round", *DEFINED)
    assert "closing 2021-12-31 23:01:00Z to 2022-02-01 05:31:00Z" in output
    assert "'ts_open' was read as the bar's close" in output
    first = ParquetDataCatalog(str(catalog)).query(Bar, ["BTC-PERP.FTX-1-MINUTE-LAST-EXTERNAL"])[0]
    assert (str(first.close), first.ts_init) == ("46377.0", 1_640_991_660_000_000_000)


def test_texts_come_in_and_the_check_holds_them_against_the_bars(catalog, shared_data):
    path = shared_data / "news" / "crypto_headlines_2021-10_2022-07.parquet"
    bars(
        shared_data / "bars" / "ETHUSDT_5m_2022-01_2022-08.parquet",
        "ETHUSDT.BINANCE",
        "open",
        catalog,
        "--round",
    )
    output = sagetool(imports.app, "texts", path, "--catalog", catalog).output
    assert "7,496 texts added" in output
    assert " 28 " in line(output, "rows without words left out")
    checked = sagetool(data.app, "check", "--catalog", catalog).output
    titled = pd.read_parquet(path).query("title.str.strip() != ''")
    before = int((titled["published_at"] < "2022-01-01T00:05:00Z").sum())
    assert f"{7_496 - before} of 7496 texts fall within the bars, {before} before, 0 after" in checked
    assert "fault" not in checked
    listed = sagetool(data.app, "list", "--catalog", catalog).output
    assert "61,999" in listed
    assert "7,496" in listed


def test_the_check_fails_on_closes_that_were_imported_as_opens(catalog, shared_data):
    folder = shared_data / "bars"
    bars(folder / "BTCUSDT_5m_2022-01_2022-08.parquet", "BTCUSDT.BINANCE", "open", catalog, "--round")
    bars(folder / PERP, "BTC-PERP.FTX", "open", catalog, "--round", *DEFINED)
    with pytest.raises(DataError, match="1 faults; see the table") as fault:
        sagetool(data.app, "check", "--catalog", catalog)
    assert fault.value.exit_code == 3


def test_half_a_definition_is_refused(catalog, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("ts,open\n")
    with pytest.raises(DataError, match="by both --price-precision and --size-precision"):
        bars(path, "A.B", "open", catalog, "--price-precision", "2")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.csv", b"ts_open,open,high,low,close,volume\n", "has no rows below"),
        ("x.csv", b"1640995200,1,1,1,1,1\n1640995500,1,1,1,1,1\n", "the first line must name the columns"),
        ("x.csv", b"ts_open,open\n2022-01-01T00:00:00Z,1,2\n", "cannot be read"),
        ("x.csv", b"ts_open,\xff\xfe\n1,2\n", "it is not UTF-8 text; save it as UTF-8"),
        ("x.csv", b"ts,open,open\n1,2,3\n", "the column 'open' stands there twice"),
        ("x.parquet", b"PAR1 and then nothing", "cannot be read"),
        ("x.feather", b"", "cannot be read"),
        ("x.xlsx", b"", "unknown kind of file"),
    ],
)
def test_files_that_are_no_data_are_refused(catalog, tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"{name}: .*{reason}"):
        bars(path, "BTCUSDT.BINANCE", "open", catalog)


def test_a_missing_file_is_named(catalog, tmp_path):
    with pytest.raises(DataError, match=r"gone\.csv: no such file"):
        bars(tmp_path / "gone.csv", "BTCUSDT.BINANCE", "open", catalog)


def test_a_catalog_that_cannot_be_written_is_an_error_of_ours(tmp_path, shared_data):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match="nothing was changed"):
        bars(shared_data / "bars" / PERP, "BTC-PERP.FTX", "close", tmp_path / "file" / "catalog", "--round", *DEFINED)


@pytest.mark.parametrize(("app", "words"), [(imports.app, ["bars"]), (imports.app, ["texts"]), (data.app, ["check"])])
def test_help_tells_what_is_refused_and_gives_an_example(app, words):
    output = sagetool(app, *words, "--help").output
    assert "--catalog" in output
    if app is imports.app:
        assert "Refused" in output
        assert "Example: sagetool import" in output
