"""Files appear whole or not at all, whatever happens while they are written."""

import errno
import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from nautilus_trader.model.data import Bar
from nautilus_trader.persistence.catalog import ParquetDataCatalog

from catalog import files
from catalog.bars import BarImport, import_bars
from catalog.store import read_bars
from sagetrade_nautilus.errors import DataError
from tests.support.checkout import ROOT

NOW_NS = 1_800_000_000_000_000_000
WISH = BarImport(instrument_id="BTCUSDT.BINANCE", timestamps="open")
NAME = "BTCUSDT.BINANCE-5-MINUTE-LAST-EXTERNAL"

KILLER = """
import os, signal, sys
from pathlib import Path
import pyarrow.parquet as pq
from catalog.bars import BarImport, import_bars

calls, target, step = 0, sys.argv[3], int(sys.argv[4])
original = {"write": pq.write_table, "rename": os.rename, "replace": os.replace}[target]

def dying(*args, **kwargs):
    global calls
    calls += 1
    if calls == step:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **kwargs)

if target == "write":
    pq.write_table = dying
else:
    setattr(os, target, dying)
wish = BarImport(instrument_id="BTCUSDT.BINANCE", timestamps="open")
import_bars(Path(sys.argv[1]), wish, catalog=Path(sys.argv[2]), now_ns=1_800_000_000_000_000_000)
"""


def run(path, catalog):
    return import_bars(path, WISH, catalog=catalog, now_ns=NOW_NS)


def times_as_nautilus_reads(root):
    return [bar.ts_init for bar in ParquetDataCatalog(str(root)).query(Bar, [NAME])]


@pytest.fixture
def partly(frame, write, catalog):
    """A catalog with some bars of each of three days, and a file that has them all."""
    data = frame(700)
    run(write(data.iloc[50:600], "part.parquet"), catalog)
    return write(data, "whole.parquet")


@pytest.mark.slow
@pytest.mark.parametrize("death", [("write", 1), ("write", 2), ("rename", 1), ("replace", 1), ("replace", 2)], ids=str)
def test_a_killed_import_leaves_a_sound_catalog_and_is_completed_or_forgotten(
    tmp_path, catalog, partly, snapshot, death
):
    target, step = death
    before = snapshot(catalog)
    old = times_as_nautilus_reads(catalog)
    killed = subprocess.run(
        [sys.executable, "-c", KILLER, partly, catalog, target, str(step)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -9
    seen = times_as_nautilus_reads(catalog)
    assert seen == sorted(set(seen))
    assert set(old) <= set(seen)
    if target == "write":
        assert snapshot(catalog / "data") == {key.removeprefix("data/"): value for key, value in before.items()}
        run(partly, catalog)
    clean = tmp_path / "clean"
    run(partly, clean)
    assert len(read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST")) == 700
    assert {key: value[1] for key, value in snapshot(catalog).items()} == {
        key: value[1] for key, value in snapshot(clean).items()
    }
    assert not (catalog / files.STAGING).exists()


def test_a_full_disk_changes_nothing(catalog, partly, snapshot, monkeypatch):
    before = snapshot(catalog)
    written = []

    def full(table, where, **kwargs):
        written.append(where)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        original(table, where, **kwargs)

    original = pq.write_table
    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(DataError, match=r"No space left on device \(make room on that disk\); nothing was changed"):
        run(partly, catalog)
    assert snapshot(catalog) == before
    assert not (catalog / files.STAGING).exists()


def test_an_error_while_putting_files_in_place_is_finished_by_the_next_reader(catalog, partly, monkeypatch):
    def broken(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", broken)
        with pytest.raises(DataError, match="will be put in place by the next command"):
            run(partly, catalog)
    assert len(read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST")) == 700


def test_an_interrupt_while_writing_changes_nothing(catalog, partly, snapshot, monkeypatch):
    before = snapshot(catalog)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(pq, "write_table", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(partly, catalog)
    assert snapshot(catalog) == before
    assert not (catalog / files.STAGING).exists()


def test_a_damaged_file_is_named_with_the_way_out(catalog, partly):
    victim = sorted((catalog / "data" / "bar").rglob("*.parquet"))[0]
    victim.write_bytes(victim.read_bytes()[:200])
    for act in (lambda: read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST"), lambda: run(partly, catalog)):
        with pytest.raises(DataError, match=f"{victim.name}: damaged .*delete this file and import its day again"):
            act()
    victim.unlink()
    run(partly, catalog)
    assert len(read_bars(catalog, "BTCUSDT.BINANCE", "5-MINUTE-LAST")) == 700


def test_files_that_are_not_one_a_day_are_left_alone(catalog, partly, snapshot):
    folder = catalog / "data" / "bar" / NAME
    day = sorted(folder.glob("*.parquet"))[0]
    day.rename(folder / files.file_name(1_640_995_500_000_000_000, 1_641_200_000_000_000_000))
    before = snapshot(catalog)
    with pytest.raises(DataError, match="not one file a day, so it was not written by SageTrade"):
        run(partly, catalog)
    assert snapshot(catalog) == before


def test_a_name_is_the_one_that_nautilus_gives_and_reads(catalog, partly):
    intervals = ParquetDataCatalog(str(catalog)).get_intervals(Bar, NAME)
    listed = files.list_files(catalog / "data" / "bar" / NAME)
    assert [(file.first_ns, file.last_ns) for file in listed] == intervals


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tmp_path, frame, write):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(DataError, match=r"catalog .*nothing was changed"):
        run(write(frame(5)), blocked / "catalog")
