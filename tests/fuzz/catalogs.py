"""Targets: files that are imported into the catalog, and the catalog's own."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.feather as pa_feather
import pyarrow.parquet as pq
from nautilus_trader.model.data import BarType
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer

from catalog.asked import FOLDER, AskedDay, note_asked, read_asked
from catalog.bars import BarImport, import_bars
from catalog.bartypes import parse_bar_spec
from catalog.columns import FIELDS, BarColumns, to_arrow
from catalog.files import file_name, folder_name
from catalog.instruments import Definition, instrument_for
from catalog.store import (
    available_range,
    bar_directory,
    bar_types,
    instrument_directory,
    read_bars,
    read_instrument,
    read_texts,
    text_directory,
)
from catalog.texts import TextImport, import_texts
from catalog.write import texts_to_arrow
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.run.node.recording import Recording
from tests.fuzz.target import Target, folder, fresh, kept, put, refused, untouched

NOW_NS = 1_800_000_000_000_000_000
MARKET, SPEC = "BTCUSDT.BINANCE", "5-MINUTE-LAST"
BAR_TYPE = BarType.from_str(f"{MARKET}-{SPEC}-EXTERNAL")
CLOSE_NS = 1_640_995_500_000_000_000
CLOSES = CLOSE_NS + np.arange(3) * 300_000_000_000
BARS = b"""ts_close,open,high,low,close,volume
2022-01-01T00:05:00Z,1.5,2,1,1.5,10
2022-01-01T00:10:00Z,1.5,2,1,1.75,0
2022-01-01T00:15:00Z,1.5,2,1,1,3.25
"""
TEXTS = b"""published_at,first_seen,source,title,url,body
2022-01-01T00:05:00Z,2022-01-01T00:06:00Z,wire,Up,https://example.org/a,"More, of it"
2022-01-02T00:05:00Z,2022-01-02T00:06:00Z,wire,Down,,
"""
ODD_BARS = (
    BARS.replace(b"1.75", b"1e300"),
    BARS.replace(b",10\n", b",1e25\n").replace(b"1.5,2", b"1.5,1e20"),
    BARS.replace(b"2022-01-01T00:05:00Z", b"1640995500").replace(b"2022", b"9999"),
    BARS.replace(b"2022-01-01T00:05:00Z", b"-9223372036854775808"),
    BARS.replace(b"Z,", b",").replace(b"2022-01-01", b"1700-01-01"),
    b"ts_close,open\n9e999,1\n",
)


def bars_table() -> pa.Table:
    return to_arrow(BarColumns(CLOSES, *([np.array([1.5, 2.0, 2.5])] * len(FIELDS))), BAR_TYPE, 2, 5)


def texts_table() -> pa.Table:
    at = CLOSE_NS
    return texts_to_arrow(
        [RawText(at, at + n, source="s", title=str(n), body="", url="", first_seen_known=True) for n in (1, 2)]
    )


def market_table() -> pa.Table:
    market = instrument_for("XYZUSD.KRAKEN", Definition(price_precision=2, size_precision=4))
    batch = ArrowSerializer.serialize_batch([market], data_cls=type(market))
    return pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="NONE")
    return out.getvalue()


def ipc(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return out.getvalue()


def feather(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pa_feather.write_feather(table, out, compression="uncompressed")
    return out.getvalue()


def strange_tables() -> tuple[bytes, ...]:
    """Return Parquet files that are sound and are not what belongs there."""
    bars = bars_table()
    narrow = pa.table({name: pa.array([b"abc"], pa.binary(3)) for name in bars.column_names})
    empty = bars.slice(0, 0)
    without = bars.drop_columns(["close"])
    lost = bars.set_column(0, "open", pa.array([None] * 3, bars.schema.field("open").type))
    timeless = bars.set_column(bars.column_names.index("ts_init"), "ts_init", pa.array([None] * 3, pa.uint64()))
    late = bars.set_column(bars.column_names.index("ts_init"), "ts_init", pa.array([2**64 - 1] * 3, pa.uint64()))
    unnamed = bars.replace_schema_metadata({b"bar_type": b"\xff-1-MINUTE-LAST-EXTERNAL"})
    halves = texts_table().set_column(0, "ts_event", pa.array(["x", None]))
    tables = (narrow, empty, without, lost, timeless, late, unnamed, halves, pa.table({"a": [1]}), pa.table({}))
    return tuple(map(parquet, (*tables, bars, texts_table(), market_table())))


@cache
def catalog() -> Path:
    """Return a catalog that holds the bars and texts above: what is refused must not change it."""
    root = fresh("catalog")
    now = {"catalog": root, "now_ns": NOW_NS}
    import_bars(put(folder("given") / "bars.csv", BARS), BarImport(instrument_id=MARKET, timestamps="close"), **now)
    import_texts(put(folder("given") / "texts.csv", TEXTS), TextImport(), **now)
    return root


def bars_file(suffix: str) -> Callable[[bytes], None]:
    def check(raw: bytes) -> None:
        path = put(folder("given") / f"fuzzed{suffix}", raw)
        before = kept(catalog())
        with refused(DataError, naming=path.name):
            import_bars(
                path,
                BarImport(instrument_id=MARKET, timestamps="close", round_values=True),
                catalog=catalog(),
                now_ns=NOW_NS,
            )
            bars = read_bars(catalog(), MARKET, SPEC)
            assert (np.diff(bars.ts) > 0).all()
            assert all(np.isfinite(getattr(bars, name)).all() for name in FIELDS)
        _as_before(before)

    return check


def texts_file(suffix: str) -> Callable[[bytes], None]:
    def check(raw: bytes) -> None:
        path = put(folder("given") / f"fuzzed{suffix}", raw)
        before = kept(catalog())
        with refused(DataError, naming=path.name):
            report = import_texts(path, TextImport(timezone="UTC"), catalog=catalog(), now_ns=NOW_NS)
            assert report.texts <= report.rows
            assert len(read_texts(catalog())) >= report.texts
        _as_before(before)

    return check


def _as_before(before: dict[str, bytes]) -> None:
    """What was in the catalog must be in it still, unless an import has succeeded: then a new catalog is begun."""
    after = kept(catalog())
    if after != before:
        assert set(before) <= set(after) or read_bars(catalog(), MARKET, SPEC).ts.size >= len(CLOSES)
        assert not any(name.startswith(".staging") for name in after)
        catalog.cache_clear()


def stored_bars(raw: bytes) -> None:
    root = folder("stored")
    put(bar_directory(root, BAR_TYPE) / file_name(int(CLOSES[0]), int(CLOSES[-1])), raw)
    with untouched(root):
        with refused(DataError, naming=".parquet"):
            bars = read_bars(root, MARKET, SPEC)
            assert len(bars) == len(bars.close)
        with refused(DataError):
            bar_types(root)
        with refused(DataError, naming=".parquet"):
            available_range(root, BAR_TYPE)


def stored_texts(raw: bytes) -> None:
    root = folder("stored-texts")
    put(text_directory(root) / file_name(CLOSE_NS, CLOSE_NS + 9), raw)
    with untouched(root), refused(DataError, naming=".parquet"):
        for text in read_texts(root):
            assert isinstance(text.title, str)
            assert isinstance(text.ts_init, int)


def stored_market(raw: bytes) -> None:
    root = folder("stored-market")
    known = instrument_for("XYZUSD.KRAKEN", Definition(price_precision=2, size_precision=4))
    put(instrument_directory(root, type(known), "XYZUSD.KRAKEN") / file_name(0, 0), raw)
    with untouched(root), refused(DataError):
        assert read_instrument(root, "XYZUSD.KRAKEN").id.value == "XYZUSD.KRAKEN"


def asked(raw: bytes) -> None:
    """What a venue was asked for: a line that is none counts for nothing, and the next question is kept."""
    root, spec, day = folder("asked"), parse_bar_spec(SPEC), AskedDay(1, 2, 3)
    put(root / FOLDER / f"{folder_name(str(BAR_TYPE))}.jsonl", raw)
    with untouched(root):
        read_asked(root, MARKET, spec)
    note_asked(root, MARKET, spec, day)
    assert read_asked(root, MARKET, spec)[day.day_ns] == day


def stored_table(raw: bytes) -> None:
    """As the three above, with a sound Parquet file of any columns: a table that Arrow reads from the bytes as CSV."""
    try:
        table = pa_csv.read_csv(io.BytesIO(raw))
    except (pa.ArrowException, OSError, ValueError):
        return
    for check in (stored_bars, stored_texts, stored_market):
        check(parquet(table))


def streamed(raw: bytes) -> None:
    """What a node has streamed goes into the catalog as far as it can be read, or stays where it is."""
    place = fresh("streamed")
    path = put(place / "stream" / "live" / "node" / "bar" / "x_1.feather", raw)
    with refused(DataError, naming="x_1.feather"):
        rolled = Recording(place, place / "catalog").roll()
        assert rolled.bars + rolled.texts >= 0
        return
    assert path.read_bytes() == raw


def frame(raw: bytes) -> pa.Table:
    return pa.Table.from_pandas(pd.read_csv(io.BytesIO(raw)), preserve_index=False)


TARGETS = {
    "bars.csv": Target((BARS, *ODD_BARS), bars_file(".csv"), slow=True),
    "bars.parquet": Target((parquet(frame(BARS)), *strange_tables()), bars_file(".parquet"), slow=True),
    "bars.feather": Target((feather(frame(BARS)),), bars_file(".feather"), slow=True),
    "texts.csv": Target((TEXTS, TEXTS.replace(b"wire", b"")), texts_file(".csv"), slow=True),
    "texts.parquet": Target((parquet(frame(TEXTS)), *strange_tables()), texts_file(".parquet"), slow=True),
    "stored-bars": Target(strange_tables(), stored_bars, slow=True),
    "stored-texts": Target(strange_tables(), stored_texts, slow=True),
    "stored-market": Target(strange_tables(), stored_market, slow=True),
    "asked": Target((b'{"day_ns":1,"at_ns":5,"bars":3}', b'\n{"day_ns":0,"at', b"[" * 30_000), asked),
    "streamed": Target((ipc(bars_table()), ipc(texts_table()), ipc(market_table())), streamed, slow=True),
    "stored-table": Target(
        (b"ts_event,ts_init,source,title,body,url,first_seen_known\n1,2,a,b,c,d,true\n", b"ts_init,open\n1,2\n"),
        stored_table,
        slow=True,
    ),
}
