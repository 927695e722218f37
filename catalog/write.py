"""Writing the catalog: what is new is merged into its days, what is there already stays untouched."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from nautilus_trader.model.data import BarType
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.serialization.arrow.serializer import ArrowSerializer, get_schema

from catalog import columns
from catalog.columns import FIELDS, BarColumns
from catalog.files import Transaction, files_by_day
from catalog.instruments import definition_of
from catalog.store import (
    bar_directory,
    concatenated,
    instrument_directory,
    read_bar_file,
    read_text_file,
    stored_definition,
    text_directory,
)
from catalog.times import iso
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.nanos import NANOS_PER_DAY

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Written:
    """What a write changed, in rows; `days` counts the files that were made or replaced."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    days: int = 0


def no_progress(done: int, total: int) -> None:
    """Report nothing."""


def write_instrument(change: Transaction, root: Path, instrument: Instrument) -> None:
    """Keep the definition of `instrument`, unless the catalog has it.

    Raises
    ------
    DataError
        The catalog has another definition.
    """
    name = instrument.id.value
    stored = stored_definition(root, name)
    if stored is None:
        batch = ArrowSerializer.serialize_batch([instrument], data_cls=type(instrument))
        table = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
        change.write(table, instrument_directory(root, type(instrument), name), 0, 0)
    elif stored != definition_of(instrument):
        raise DataError(f"instrument {name}: the catalog defines it as {stored}; import into another catalog")


def write_bars(
    change: Transaction,
    root: Path,
    bar_type: BarType,
    bars: BarColumns,
    precision: tuple[int, int],
    *,
    replace: bool = False,
    progress: Progress = no_progress,
) -> Written:
    """Merge `bars`, which are in time order without duplicates, into the days of `bar_type`.

    Parameters
    ----------
    precision : tuple[int, int]
        The decimals of prices and of sizes.
    replace : bool, optional
        Let bars that differ from those in the catalog take their place.
    progress : Callable[[int, int], None], optional
        Called with the days done and the days in all.

    Raises
    ------
    DataError
        A bar differs from the one that the catalog has for its time, and `replace` is false.
    """
    directory = bar_directory(root, bar_type)
    stored = _stored(directory, bars)
    position = np.searchsorted(stored.ts, bars.ts)
    known = np.zeros(len(bars), dtype=bool)
    inside = position < len(stored)
    known[inside] = stored.ts[position[inside]] == bars.ts[inside]
    changed = np.zeros(len(bars), dtype=bool)
    changed[known] = bars.take(known).differs(stored.take(position[known]))
    if changed.any() and not replace:
        _refuse_change(bar_type, bars, stored.take(position[known]), known, changed)
    fresh = ~known | changed
    kept = stored.take(~np.isin(stored.ts, bars.ts[changed]))
    merged = columns.concatenate(kept, bars.take(fresh))
    days = np.unique(bars.ts[fresh] // NANOS_PER_DAY)
    starts = np.searchsorted(merged.ts, days * NANOS_PER_DAY)
    stops = np.searchsorted(merged.ts, (days + 1) * NANOS_PER_DAY)
    for done, (start, stop) in enumerate(zip(starts, stops, strict=True), 1):
        part = merged.take(slice(start, stop))
        change.write(columns.to_arrow(part, bar_type, *precision), directory, int(part.ts[0]), int(part.ts[-1]))
        progress(done, len(days))
    return Written(int((~known).sum()), int(changed.sum()), int((known & ~changed).sum()), len(days))


def _stored(directory: Path, bars: BarColumns) -> BarColumns:
    """Return what the catalog holds of the days of `bars`."""
    days = files_by_day(directory)
    touched = [days[day].path for day in np.unique(bars.ts // NANOS_PER_DAY).tolist() if day in days]
    if not touched:
        return columns.empty()
    return columns.from_arrow(concatenated(directory, map(read_bar_file, touched)))


def _refuse_change(
    bar_type: BarType,
    bars: BarColumns,
    stored: BarColumns,
    known: npt.NDArray[np.bool_],
    changed: npt.NDArray[np.bool_],
) -> None:
    first = int(np.argmax(changed))
    other = int(np.count_nonzero(known[:first]))
    pairs = ((name, getattr(bars, name)[first], getattr(stored, name)[other]) for name in FIELDS)
    values = ", ".join(f"{name} {new:.12g} (catalog {old:.12g})" for name, new, old in pairs if new != old)
    raise DataError(
        f"{int(changed.sum())} bars differ from the catalog's of {bar_type}; the first closes at "
        f"{iso(int(bars.ts[first]))}: {values}. Nothing was changed; --replace lets the file win"
    )


def write_texts(change: Transaction, root: Path, texts: list[RawText], *, progress: Progress = no_progress) -> Written:
    """Merge `texts` into their days. A text that the catalog has (same source, url, title and time) stays
    as it was.

    Raises
    ------
    DataError
        A file of the catalog is damaged or not from SageTrade.
    """
    directory = text_directory(root)
    files = files_by_day(directory)
    earliest = min((text.ts_event for text in texts), default=0)
    stored = {day: _texts(file.path) for day, file in files.items() if file.last_ns >= earliest}
    seen = {text_key(text) for day in stored.values() for text in day}
    fresh = [text for text in texts if text_key(text) not in seen]
    days: dict[int, list[RawText]] = {}
    for text in fresh:
        days.setdefault(text.ts_init // NANOS_PER_DAY, []).append(text)
    for done, day in enumerate(sorted(days), 1):
        merged = [*stored.get(day, ()), *days[day]]
        merged.sort(key=lambda text: (text.ts_init, *text_key(text)))
        change.write(texts_to_arrow(merged), directory, merged[0].ts_init, merged[-1].ts_init)
        progress(done, len(days))
    return Written(added=len(fresh), unchanged=len(texts) - len(fresh), days=len(days))


def text_key(text: RawText) -> tuple[int, str, str, str]:
    """Return what makes a text itself: its publication time, source, address and title."""
    return text.ts_event, text.source, text.url, text.title


def texts_to_arrow(texts: list[RawText]) -> pa.Table:
    """Encode texts as Nautilus stores them."""
    return pa.Table.from_pylist([text.to_dict() for text in texts], schema=get_schema(RawText))


def _texts(path: Path) -> list[RawText]:
    return [RawText.from_dict(row) for row in read_text_file(path).to_pylist()]
