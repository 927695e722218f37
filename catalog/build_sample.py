"""Make ``catalog/sample`` again: ``python -m catalog.build_sample FOLDER_OF_THE_ORIGINALS``."""

import datetime as dt
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.sample import BAR_FILES, TEXT_FILE

START = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)
END = dt.datetime(2022, 7, 1, tzinfo=dt.UTC)
_BARS = {
    "BTCUSDT.BINANCE": "bars/BTCUSDT_5m_2022-01_2022-08.parquet",
    "ETHUSDT.BINANCE": "bars/ETHUSDT_5m_2022-01_2022-08.parquet",
}
_TEXTS = "news/crypto_headlines_2021-10_2022-07.parquet"
_TEXT_COLUMNS = ["published_at", "source", "title", "url"]


def build(originals: Path, target: Path) -> None:
    """Write the sample's files: bars that open, and headlines with words, from `START` until before `END`."""
    target.mkdir(parents=True, exist_ok=True)
    for instrument_id, name in _BARS.items():
        bars = _months(pq.read_table(originals / name), "ts_open")
        _write(bars, target / BAR_FILES[instrument_id])
    texts = _months(pq.read_table(originals / _TEXTS, columns=_TEXT_COLUMNS), "published_at")
    texts = texts.filter(pc.not_equal(pc.utf8_trim_whitespace(texts["title"]), ""))
    _write(texts.sort_by([(name, "ascending") for name in _TEXT_COLUMNS]), target / TEXT_FILE)


def _months(table: pa.Table, column: str) -> pa.Table:
    stamps = table[column].cast(pa.timestamp("ms", tz="UTC"))
    table = table.set_column(table.column_names.index(column), column, stamps)
    return table.filter((pc.field(column) >= START) & (pc.field(column) < END)).replace_schema_metadata()


def _encoding(kind: pa.DataType) -> str:
    if pa.types.is_floating(kind):
        return "BYTE_STREAM_SPLIT"
    return "DELTA_BINARY_PACKED" if pa.types.is_timestamp(kind) else "DELTA_BYTE_ARRAY"


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in table.column_names if name == "source"],
        column_encoding={
            name: _encoding(table.schema.field(name).type) for name in table.column_names if name != "source"
        },
    )


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("name the folder of the originals: python -m catalog.build_sample FOLDER")
    build(Path(sys.argv[1]), Path(__file__).parent / "sample")
