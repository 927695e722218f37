"""Copies of a catalog that differ from it after a moment: its future cut off, made up, or moved."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from nautilus_trader.model.data import BarType

from catalog import columns
from catalog.columns import FIELDS, BarColumns
from catalog.files import DayFile, file_name, list_files, recover
from catalog.store import bar_directory, bar_types, read_instrument, read_parquet, text_directory
from sagetrade_nautilus.nanos import NANOS_PER_DAY

NOISE = 0.02
"""Standard deviation of the log factors that a made-up price differs from the true one by."""

Change = Callable[[pa.Table, DayFile], pa.Table]


def truncated(root: Path, target: Path, cut_ns: int) -> None:
    """Write to `target` what `root` held at `cut_ns`: everything known by then and nothing later."""

    def kept(table: pa.Table, file: DayFile) -> pa.Table:
        return table.filter(pc.less_equal(table["ts_init"].cast(pa.int64()), cut_ns))

    _copy(root, target, cut_ns, dict.fromkeys(_folders(root), kept))


def perturbed(root: Path, target: Path, cut_ns: int, seed: int) -> None:
    """Write to `target` the catalog with every bar that closes after `cut_ns` changed at random.

    All prices of a bar are multiplied by one factor, its volume by another, so the bar stays consistent.
    """
    changes = {bar_directory(root, bar_type): _noisy(root, bar_type, cut_ns, seed) for bar_type in bar_types(root)}
    _copy(root, target, cut_ns, changes)


def shifted(root: Path, target: Path, cut_ns: int, shift_ns: int) -> None:
    """Write to `target` the catalog with every text that became known after `cut_ns` known, and published, later."""
    folder = text_directory(root)
    _copy(root, target, cut_ns, {})
    kept: dict[int, list[pa.Table]] = {}
    for file in list_files(folder):
        table = read_parquet(file.path)
        ts = table["ts_init"].cast(pa.int64()).to_numpy()
        moved = np.where(ts > cut_ns, shift_ns, 0)
        for name in ("ts_event", "ts_init"):
            column = pa.array(table[name].cast(pa.int64()).to_numpy() + moved).cast(table.schema.field(name).type)
            table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), column)
        days = (ts + moved) // NANOS_PER_DAY
        for day in np.unique(days):
            kept.setdefault(int(day), []).append(table.filter(pa.array(days == day)))
    written = target / folder.relative_to(root)
    shutil.rmtree(written, ignore_errors=True)
    for _, tables in sorted(kept.items()):
        _write(pa.concat_tables(tables).sort_by("ts_init"), written)


def _noisy(root: Path, bar_type: BarType, cut_ns: int, seed: int) -> Change:
    instrument = read_instrument(root, bar_type.instrument_id.value)

    def change(table: pa.Table, file: DayFile) -> pa.Table:
        bars = columns.from_arrow(table)
        rng = np.random.default_rng([seed, file.day])
        prices, volumes = (np.where(bars.ts > cut_ns, np.exp(rng.normal(0.0, NOISE, len(bars))), 1.0) for _ in "pv")
        values = (getattr(bars, name) * (volumes if name == "volume" else prices) for name in FIELDS)
        made = columns.to_arrow(
            BarColumns(bars.ts, *values), bar_type, instrument.price_precision, instrument.size_precision
        )
        return made.replace_schema_metadata(table.schema.metadata)

    return change


def _folders(root: Path) -> list[Path]:
    recover(root)
    return [*(bar_directory(root, bar_type) for bar_type in bar_types(root)), text_directory(root)]


def _copy(root: Path, target: Path, cut_ns: int, changes: dict[Path, Change]) -> None:
    """Copy the catalog; in the folders of `changes`, files that reach beyond `cut_ns` are changed on the way."""
    recover(root)
    for path in sorted((root / "data").rglob("*.parquet")):
        folder = path.parent
        placed = target / folder.relative_to(root)
        if folder not in changes:
            _link(path, placed / path.name)
    for folder, change in changes.items():
        for file in list_files(folder):
            placed = target / folder.relative_to(root)
            if file.last_ns <= cut_ns:
                _link(file.path, placed / file.path.name)
            else:
                _write(change(read_parquet(file.path), file), placed)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write(table: pa.Table, folder: Path) -> None:
    if not len(table):
        return
    folder.mkdir(parents=True, exist_ok=True)
    ts = table["ts_init"].cast(pa.int64()).to_numpy()
    pq.write_table(table, folder / file_name(int(ts[0]), int(ts[-1])))
