"""Importing texts: headlines and posts with source, publication time, address and first-seen time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.faults import Fault, refuse
from catalog.files import transaction
from catalog.frames import find_column, naming, read_table, require_column, text_values
from catalog.report import TextImportReport
from catalog.times import iso, read_times
from catalog.write import Progress, no_progress, text_key, write_texts
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.model.records import IntArray

_TIME = (
    *("published_at", "published_utc", "published", "created_at", "created_utc", "pubdate"),
    *("timestamp", "datetime", "date", "time"),
)
_SEEN = ("first_seen", "first_seen_at", "seen_at", "fetched_at", "ingested_at")
_TITLE = ("title", "headline")
_URL = ("url", "article_url", "permalink", "link")
_SOURCE = ("source", "subreddit", "publisher", "feed")
_BODY = ("body", "selftext", "summary", "description", "content", "text")


@dataclass(frozen=True, kw_only=True)
class TextImport:
    """What a user says of a file of texts.

    Parameters
    ----------
    source : str, optional
        The source of every row, where the file has no such column.
    timezone : str, optional
        IANA zone of naive times.
    time_column : str, optional
        The column of publication times, where several would do.
    """

    source: str | None = None
    timezone: str | None = None
    time_column: str | None = None


def import_texts(
    path: Path, wish: TextImport, *, catalog: Path, now_ns: int, progress: Progress = no_progress
) -> TextImportReport:
    """Import the texts of `path` into `catalog`, as they are. Importing the same file again changes nothing.

    ``ts_event`` is the publication; ``ts_init`` is when the text was first seen, or the publication where the
    file does not say (``first_seen_known`` is then false, and a run adds its ingestion latency).

    Parameters
    ----------
    now_ns : int
        The present, UTC nanoseconds: later texts are refused.

    Raises
    ------
    DataError
        A row is undated, dated in the future, first seen before it was published, or without source; the
        message names it, and nothing has changed.
    """
    with naming(path):
        table = read_table(path)
        published, seen, known = _moments(table, wish)
        rows = _Rows(table, wish)
        refuse(path, [*rows.faults(), *_time_faults(published, seen, now_ns)])
        told = [row for row in range(table.num_rows) if not rows.is_empty(row)]
        texts = [rows.text(row, int(published[row]), int(seen[row]), bool(known[row])) for row in told]
        unique = _first_of_each(texts)
        with transaction(catalog) as change:
            written = write_texts(change, catalog, unique, progress=progress)
    return TextImportReport(
        source=path,
        rows=table.num_rows,
        texts=len(unique),
        first_ns=int(published.min()),
        last_ns=int(published.max()),
        duplicates=len(texts) - len(unique),
        empty=table.num_rows - len(texts),
        first_seen_known=sum(text.first_seen_known for text in unique),
        sources=tuple(sorted({text.source for text in unique})),
        written=written,
    )


class _Rows:
    """The text columns of a file."""

    def __init__(self, table: pa.Table, wish: TextImport) -> None:
        if find_column(table, _BODY, role="body") is None:
            require_column(table, _TITLE, role="title")
        self._titles = self._optional(table, _TITLE, "title")
        self._urls = self._optional(table, _URL, "address")
        self._bodies = self._optional(table, _BODY, "body")
        if wish.source is None:
            name = find_column(table, _SOURCE, role="source", flag="--source")
            if name is None:
                raise DataError(
                    f"no column for the source (looked for {', '.join(_SOURCE)}): name it with --source NAME"
                )
            self._sources = text_values(table, name)
        else:
            self._sources = [wish.source] * table.num_rows

    @staticmethod
    def _optional(table: pa.Table, aliases: tuple[str, ...], role: str) -> list[str]:
        name = find_column(table, aliases, role=role)
        return text_values(table, name) if name else [""] * table.num_rows

    def faults(self) -> list[Fault]:
        nameless = [row for row, source in enumerate(self._sources) if not source.strip()]
        return [Fault(np.array(nameless), lambda _: "the source is empty")] if nameless else []

    def is_empty(self, row: int) -> bool:
        return not (self._titles[row].strip() or self._bodies[row].strip())

    def text(self, row: int, published: int, seen: int, known: bool) -> RawText:
        return RawText(
            ts_event=published,
            ts_init=seen,
            source=self._sources[row],
            title=self._titles[row],
            body=self._bodies[row],
            url=self._urls[row],
            first_seen_known=known,
        )


def _first_of_each(texts: list[RawText]) -> list[RawText]:
    """Drop repetitions; of those the one that was seen first stays, since that is when it could be known."""
    kept: dict[tuple[int, str, str, str], RawText] = {}
    for text in texts:
        known = kept.setdefault(text_key(text), text)
        if text.ts_init < known.ts_init:
            kept[text_key(text)] = text
    return list(kept.values())


def _moments(table: pa.Table, wish: TextImport) -> tuple[IntArray, IntArray, np.typing.NDArray[np.bool_]]:
    """Return per row when it was published, when it was first known, and whether that was recorded."""
    name = require_column(table, _TIME, role="publication time", flag="--time-column", chosen=wish.time_column)
    published = read_times(table[name], name, wish.timezone).utc_ns
    seen_name = find_column(table, _SEEN, role="first-seen time")
    if seen_name is None:
        return published, published, np.zeros(len(published), dtype=bool)
    column = table[seen_name]
    known = np.array(pc.is_valid(column).to_numpy())
    seen = published.copy()
    if known.any():
        filled = pc.fill_null(column, column.drop_null()[0])
        seen[known] = read_times(filled, seen_name, wish.timezone).utc_ns[known]
    return published, seen, known


def _time_faults(published: IntArray, seen: IntArray, now_ns: int) -> list[Fault]:
    early, future = seen < published, np.maximum(seen, published) > now_ns
    found = []
    if early.any():
        found.append(
            Fault(
                np.flatnonzero(early),
                _shown(published, seen, "was first seen ({1}) before it was published ({0})"),
            )
        )
    if future.any():
        found.append(
            Fault(
                np.flatnonzero(future),
                _shown(published, seen, "lies in the future (published {0}, seen {1})"),
            )
        )
    return found


def _shown(published: IntArray, seen: IntArray, template: str) -> Callable[[int], str]:
    return lambda row: template.format(iso(int(published[row])), iso(int(seen[row])))
