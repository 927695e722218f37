"""What a live feed brings, kept: Nautilus streams it into files as it comes, and each day goes into a catalog."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.persistence.config import StreamingConfig
from nautilus_trader.persistence.writer import RotationMode

from catalog import columns
from catalog.arrivals import write_arrivals
from catalog.files import transaction
from catalog.write import write_bars, write_instrument, write_texts
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError, cause

STREAM: Final = "stream"
ROLL_EVERY_S: Final = 3_600.0
FLUSH_MS: Final = 1_000


class Rolled(NamedTuple):
    """What a roll has put into the catalog, and how many files it has taken away because all of theirs is there."""

    bars: int
    texts: int
    files: int


def streaming(folder: Path) -> StreamingConfig:
    """Return how a node streams bars and texts into files of a day each, under `folder`.

    Nothing in SageTrade subscribes to ticks, and no run reads any, so none are kept.
    """
    return StreamingConfig(
        catalog_path=str(folder / STREAM),
        fs_protocol="file",
        flush_interval_ms=FLUSH_MS,
        include_types=[Bar, RawText],
        rotation_mode=RotationMode.SCHEDULED_DATES,
        rotation_interval=pd.Timedelta(days=1),
    )


class Recording:
    """Moves what a node in `folder` has streamed into the catalog at `root`.

    It can be cut off at any moment: what is in the catalog already is left as it is, and a file goes only when all of
    it is there. A file whose writer died is read as far as it goes.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self._stream = folder / STREAM
        self._root = root

    def begin(self, instruments: Iterable[Instrument]) -> None:
        """Keep what the instruments are.

        Raises
        ------
        DataError
            The catalog defines one of them otherwise.
        """
        with transaction(self._root) as change:
            for instrument in sorted(instruments, key=lambda instrument: str(instrument.id)):
                write_instrument(change, self._root, instrument)

    async def keep_rolling(
        self, instruments: Iterable[Instrument], instance: str, every_s: float = ROLL_EVERY_S
    ) -> None:
        """Begin, and roll now and then until cancelled, on another thread."""
        self.begin(instruments)
        while True:
            await asyncio.to_thread(self.roll, instance)
            await asyncio.sleep(every_s)

    def roll(self, instance: str = "") -> Rolled:
        """Put everything that was streamed into the catalog; of the node `instance` the newest files stay.

        Raises
        ------
        DataError
            A bar differs from the one in the catalog, or a file there or among the streamed ones cannot be read.
        """
        bars, texts, done = 0, 0, 0
        for group in self._groups():
            tables = [table for path in group if (table := _read(path)) is not None]
            with _telling(group[0]):
                if tables and b"bar_type" in (tables[0].schema.metadata or {}):
                    bars += self._keep_bars(tables, _stamp(group[0]))
                elif tables:
                    texts += self._keep_texts(tables)
            for path in group[:-1] if instance and instance in group[-1].parts else group:
                path.unlink()
                done += 1
        return Rolled(bars, texts, done)

    def _groups(self) -> Iterator[list[Path]]:
        """Yield the files of one folder and type, the oldest first."""
        groups = defaultdict(list)
        for path in sorted(self._stream.rglob("*.feather")):
            groups[path.parent, path.stem.rpartition("_")[0]].append((_stamp(path), path))
        for key in sorted(groups):
            yield [path for _, path in sorted(groups[key])]

    def _keep_bars(self, tables: list[pa.Table], since_ns: int) -> int:
        """Keep bars under their close, however late they came; of those that were heard since `since_ns`, when."""
        said = tables[0].schema.metadata
        bar_type = BarType.from_str(said[b"bar_type"].decode())
        streamed = pa.concat_tables(table.replace_schema_metadata() for table in tables)
        came = streamed["ts_init"].cast(pa.int64()).to_numpy()
        at = streamed.column_names.index("ts_init")
        found = columns.from_arrow(streamed.set_column(at, "ts_init", streamed["ts_event"]))
        first = np.unique(found.ts, return_index=True)[1]
        found, came = found.take(first), came[first]
        step_ns = bar_type.spec.timedelta // timedelta(microseconds=1) * 1_000
        heard = found.ts > since_ns - step_ns  # those before were asked for
        precision = (int(said[b"price_precision"]), int(said[b"size_precision"]))
        with transaction(self._root) as change:
            written = write_bars(change, self._root, bar_type, found, precision)
            write_arrivals(change, self._root, bar_type, found.ts[heard], came[heard])
            return written.added

    def _keep_texts(self, tables: list[pa.Table]) -> int:
        texts = [RawText.from_dict(row) for table in tables for row in table.to_pylist()]
        with transaction(self._root) as change:
            return write_texts(change, self._root, texts).added


def _stamp(path: Path) -> int:
    """Return when a stream's file was begun, UNIX nanoseconds."""
    return int(path.stem.rpartition("_")[2])


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Tell of what was streamed and is neither bars nor texts; its files stay."""
    try:
        yield
    except (LookupError, TypeError, ValueError, OverflowError, pa.ArrowException) as error:
        raise DataError(f"{path}: what was streamed there is damaged ({error!r}); move it away") from None


def _read(path: Path) -> pa.Table | None:
    """Return the rows of a stream's file, up to where its writer died; ``None`` if there are none.

    Raises
    ------
    DataError
        The disk does not give it; Arrow's own errors of what ends too soon have no number.
    """
    batches = []
    try:
        with path.open("rb") as file, pa.ipc.open_stream(file) as stream:
            while True:
                batch = stream.read_next_batch()
                batch.validate(full=True)
                batches.append(batch)
    except (StopIteration, pa.ArrowException):
        pass
    except OSError as error:
        if error.errno is not None:
            raise DataError(f"{path}: cannot be read: {cause(error)}; it stays where it is") from None
    rows = [batch for batch in batches if batch.num_rows]
    return pa.Table.from_batches(rows) if rows else None
