"""Reading the catalog: bars, texts and instruments, one file a UTC day, by ``ts_init``."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from nautilus_trader.model.data import BarType
from nautilus_trader.model.instruments import CurrencyPair, Equity, Instrument
from nautilus_trader.persistence.funcs import class_to_filename
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer

from catalog import columns
from catalog.bartypes import BarSpec, parse_bar_spec
from catalog.columns import BarColumns
from catalog.files import DayFile, folder_name, held, list_files, recover, require_readable_name
from catalog.frames import naming
from catalog.instruments import Definition, definition_of, instrument_for, quote_of, trades_around_the_clock
from catalog.shapes import BARS, TEXTS, TIMES, require
from catalog.times import iso
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.records import IntArray
from sagetrade_nautilus.nanos import NANOS_PER_DAY

MAX_HOLE_NS_ALWAYS_OPEN = NANOS_PER_DAY // 2
MAX_HOLE_NS_SESSIONS = 5 * NANOS_PER_DAY


@dataclass(frozen=True)
class Coverage:
    """What the catalog holds of a window: bars, the first and last close, and how many of the grid are missing.

    `missing` is ``None`` for markets with sessions, where a missing bar need not be a fault.
    """

    bars: int
    first_ns: int
    last_ns: int
    missing: int | None


def bar_directory(root: Path, bar_type: BarType) -> Path:
    """Return where the files of `bar_type` lie."""
    return root / "data" / "bar" / folder_name(bar_type)


def text_directory(root: Path) -> Path:
    """Return where the files of texts lie."""
    return root / "data" / str(class_to_filename(RawText))


def bar_types(root: Path) -> list[BarType]:
    """Return the bar types that the catalog holds, by name.

    Raises
    ------
    DataError
        A file is damaged, or holds bars that SageTrade does not read.
    """
    recover(root)
    found = []
    for folder in held(root / "data" / "bar"):
        files = list_files(folder) if folder.is_dir() else []
        if files:
            said = (read_parquet(files[0].path, ["ts_init"]).schema.metadata or {}).get(b"bar_type", b"")
            name = said.decode(errors="replace")
            instrument_id, *spec, _ = name.rsplit("-", 4) if name.count("-") >= 4 else ("",) * 5
            with naming(files[0].path):
                found.append(parse_bar_spec("-".join(spec)).bar_type(instrument_id))
    return found


def read_parquet(path: Path, names: Sequence[str] | None = None) -> pa.Table:
    """Read one file of the catalog.

    Raises
    ------
    DataError
        It is damaged; the message says how to mend the catalog.
    """
    try:
        table = pq.read_table(
            path, columns=names, partitioning=None, use_threads=False, page_checksum_verification=True
        )
        table.validate(full=True)
        table.column_names  # noqa: B018 - decodes the names, which may be no text
    except (OSError, pa.ArrowException, KeyError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # Arrow's own, of what is damaged, have none
            raise DataError(f"{path}: cannot be read ({error}); the file may be sound") from None
        raise DataError(f"{path}: damaged ({error}); delete this file and import its day again") from None
    return table


def read_bar_file(path: Path) -> pa.Table:
    """Read one file of bars; raises as `read_parquet`, also where it holds something else."""
    return require(path, read_parquet(path), BARS)


def read_text_file(path: Path) -> pa.Table:
    """Read one file of texts; raises as `read_bar_file`."""
    return require(path, read_parquet(path), TEXTS, only=True)


def concatenated(directory: Path, tables: Iterable[pa.Table]) -> pa.Table:
    """Return the bars of several files of `directory` as one table.

    Raises
    ------
    DataError
        They are not written alike.
    """
    try:
        return pa.concat_tables(table.replace_schema_metadata() for table in tables)
    except pa.ArrowException as error:
        raise DataError(f"{directory}: its files are not written alike ({error}); import them again") from None


def read_bars(
    root: Path, instrument_id: str, bar_spec: str, start_ns: int | None = None, end_ns: int | None = None
) -> BarColumns:
    """Return the bars that close at `start_ns` <= ts <= `end_ns` (UTC nanoseconds; ``None`` is no bound).

    Both ends are inclusive, as in Nautilus's own queries.

    Raises
    ------
    DataError
        The instrument or the bar specification is malformed, or a file is damaged.
    """
    recover(root)
    directory = bar_directory(root, parse_bar_spec(bar_spec).bar_type(instrument_id))
    tables = [read_bar_file(file.path) for file in _between(list_files(directory), start_ns, end_ns)]
    if not tables:
        return columns.empty()
    bars = columns.from_arrow(concatenated(directory, tables))
    return bars.take(_mask(bars.ts, start_ns, end_ns))


def read_texts(root: Path, start_ns: int | None = None, end_ns: int | None = None) -> list[RawText]:
    """Return the texts known at `start_ns` <= ts_init <= `end_ns`, in the order of ``ts_init``.

    Raises
    ------
    DataError
        A file is damaged.
    """
    recover(root)
    texts: list[RawText] = []
    for file in _between(list_files(text_directory(root)), start_ns, end_ns):
        table = read_text_file(file.path)
        kept = _mask(table["ts_init"].to_numpy(), start_ns, end_ns)
        texts.extend(RawText.from_dict(row) for row in table.filter(pa.array(kept)).to_pylist())
    return texts


def instrument_directory(root: Path, data_cls: type[Instrument], instrument_id: str) -> Path:
    """Return where the definition of an instrument lies."""
    return root / "data" / str(class_to_filename(data_cls)) / folder_name(instrument_id)


def stored_definition(root: Path, instrument_id: str) -> Definition | None:
    """Return what the catalog knows of an instrument that was defined on import, or ``None``.

    Raises
    ------
    DataError
        The file is damaged.
    """
    for data_cls in (CurrencyPair, Equity):
        for file in list_files(instrument_directory(root, data_cls, instrument_id)):
            return definition_of(_instrument(file.path, data_cls))
    return None


def quote_currency(root: Path, instrument_id: str) -> str | None:
    """Return the currency of a market's prices; ``None`` where neither its name nor the catalog tells.

    Raises
    ------
    DataError
        The id is malformed, or the catalog's file of it damaged.
    """
    recover(root)
    return quote_of(instrument_id, stored_definition(root, instrument_id))


def read_instrument(
    root: Path, instrument_id: str, *, maker_fee_bps: float = 0.0, taker_fee_bps: float = 0.0
) -> Instrument:
    """Return a market as a run trades it, with the run's fees: known to SageTrade, or defined on import.

    Raises
    ------
    DataError
        The id is malformed or the market is neither known nor defined.
    """
    recover(root)
    defined = stored_definition(root, instrument_id)
    return instrument_for(instrument_id, defined, maker_fee_bps=maker_fee_bps, taker_fee_bps=taker_fee_bps)


def available_range(root: Path, bar_type: BarType | str) -> tuple[int, int] | None:
    """Return the first and last bar close of `bar_type` in the catalog, in UTC nanoseconds, or ``None``.

    Raises
    ------
    DataError
        The first or the last file is damaged.
    """
    recover(root)
    files = list_files(bar_directory(root, bar_type))
    if not files:
        return None
    return _times(files[0].path)[0].as_py(), _times(files[-1].path)[-1].as_py()


def require_bars(root: Path, instrument_id: str, bar_spec: str, start_ns: int, end_ns: int) -> Coverage:
    """Make sure that the catalog can serve a run from `start_ns` to `end_ns`.

    The bars of the window are those that lie wholly within it: they open at `start_ns` or later and close
    at `end_ns` or earlier. A stretch without bars, at an end or between, of up to 12 hours is taken as an
    outage of the market (5 days where the market has sessions); a longer one as data that was never
    imported.

    Raises
    ------
    DataError
        The catalog lacks the instrument or part of the window, or Nautilus cannot read it where it stands:
        the message names what, and what to do.
    """
    require_readable_name(root)
    spec = parse_bar_spec(bar_spec)
    instrument = read_instrument(root, instrument_id)
    wanted = f"{instrument_id} {bar_spec} from {iso(start_ns)} to {iso(end_ns)}"
    way_out = (
        f"import them with `sagetool import bars FILE --instrument {instrument_id} --bar {bar_spec} "
        f"--catalog {shlex.quote(str(root))} --timestamps open` (or close)"
    )
    bars = read_bars(root, instrument_id, bar_spec, start_ns + 1, end_ns)
    if not len(bars):
        raise DataError(f"catalog {root} has no bars of {wanted}: {_held(root, instrument_id, spec)}{way_out}")
    always = trades_around_the_clock(instrument)
    stops = np.concatenate(([start_ns], bars.ts, [end_ns]))
    holes = np.diff(stops)
    longest = int(np.argmax(holes))
    if holes[longest] > spec.step_ns + (MAX_HOLE_NS_ALWAYS_OPEN if always else MAX_HOLE_NS_SESSIONS):
        gap = f"{iso(int(stops[longest]))} to {iso(int(stops[longest + 1]))}"
        raise DataError(f"catalog {root} lacks bars of {wanted}: none from {gap}; shorten the run or {way_out}")
    expected = (end_ns - start_ns) // spec.step_ns
    return Coverage(len(bars), int(bars.ts[0]), int(bars.ts[-1]), expected - len(bars) if always else None)


def _held(root: Path, instrument_id: str, wanted: BarSpec) -> str:
    """Say which bars of an instrument the catalog holds, and how a run would read those of another kind."""
    of_it = [bar_type for bar_type in bar_types(root) if bar_type.instrument_id.value == instrument_id]
    spans = {str(bar_type.spec): available_range(root, bar_type) for bar_type in of_it}
    said = [f"{spec} of {iso(span[0])} to {iso(span[1])}" for spec, span in spans.items() if span]
    if not said:
        return "it holds none; "
    others = " or ".join(f'`bar = "{spec}"`' for spec in spans if spec != wanted.text)
    return f"it holds {', '.join(said)}; " + (
        f"{others} in [data] reads those; else " if wanted.text not in spans else ""
    )


def _times(path: Path) -> pa.ChunkedArray:
    times = require(path, read_parquet(path, ["ts_init"]), TIMES)["ts_init"]
    if not len(times):
        raise DataError(f"{path}: damaged (it holds nothing); delete this file and import its day again")
    return times


def _instrument(path: Path, data_cls: type[Instrument]) -> Instrument:
    table = read_parquet(path)
    try:
        (instrument,) = ArrowSerializer.deserialize(data_cls, table)
    except (LookupError, AttributeError, TypeError, ValueError, ArithmeticError) as error:
        raise DataError(f"{path}: damaged ({error!r}); import this market into another catalog") from None
    return instrument


def _between(files: Iterable[DayFile], start_ns: int | None, end_ns: int | None) -> list[DayFile]:
    return [
        file
        for file in files
        if (start_ns is None or file.last_ns >= start_ns) and (end_ns is None or file.first_ns <= end_ns)
    ]


def _mask(ts: IntArray, start_ns: int | None, end_ns: int | None) -> np.typing.NDArray[np.bool_]:
    kept = np.ones(len(ts), dtype=bool)
    if start_ns is not None:
        kept &= ts >= start_ns
    if end_ns is not None:
        kept &= ts <= end_ns
    return kept
