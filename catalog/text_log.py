"""Texts as they come in, appended to one SQLite file; from there they move into the catalog day by day.

The catalog's daily files are written whole, which suits a day and not a text. This file takes texts in batches, each
kept or not as a whole. A text that comes twice is here twice, and once in the catalog.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from catalog.bartypes import DAY_NS
from catalog.files import transaction
from catalog.write import Written, text_key, write_texts
from sagetrade_nautilus.data import RawText
from sagetrade_nautilus.errors import DataError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (
    ts_event INTEGER, ts_init INTEGER, source TEXT, title TEXT, body TEXT, url TEXT, known INTEGER
);
"""
_INSERT = "INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT ts_event, ts_init, source, title, body, url, known FROM texts"


class TextLog:
    """An append-only file of raw texts. One process writes it at a time.

    Parameters
    ----------
    path : Path
        The file; it is made if it is not there.

    Raises
    ------
    DataError
        The file cannot be opened or written, or is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise self._fault(error) from None

    def append(self, texts: Sequence[RawText]) -> None:
        """Keep `texts`, all of them or none.

        A crash of the process loses no batch that was kept; one of the machine may lose the last.

        Raises
        ------
        DataError
            The disk is full or the file was damaged; nothing of the batch is kept.
        """
        try:
            self._db.execute("BEGIN")
            self._db.executemany(_INSERT, map(_row, texts))
            self._db.execute("COMMIT")
        except (sqlite3.Error, UnicodeError, OverflowError) as error:  # a lone surrogate, or a time beyond all times
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise self._fault(error) from None

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM texts").fetchone()[0])

    def move_into(self, catalog: Path, before_ns: int) -> Written:
        """Move the texts of the UTC days that were over at `before_ns` into `catalog`.

        They leave this file only once the catalog has them; if it is cut off in between, they are moved again, and the
        catalog takes none of them twice.

        Raises
        ------
        DataError
            The catalog cannot be written, or this file was damaged; the texts stay here.
        """
        end = before_ns // DAY_NS * DAY_NS
        try:
            rows = self._db.execute(f"{_SELECT} WHERE ts_init < ? ORDER BY ts_init, rowid", (end,)).fetchall()
        except sqlite3.Error as error:
            raise self._fault(error) from None
        texts: dict[tuple[int, str, str, str], RawText] = {}
        for row in rows:
            text = RawText(row[0], row[1], *row[2:6], bool(row[6]))
            texts.setdefault(text_key(text), text)
        if not texts:
            return Written()
        with transaction(catalog) as change:
            written = write_texts(change, catalog, list(texts.values()))
        self._db.execute("DELETE FROM texts WHERE ts_init < ?", (end,))
        return written

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _fault(self, error: Exception) -> DataError:
        return DataError(f"{self._path}: {error}; free the disk, or move the file away and start again")


def _row(text: RawText) -> tuple[object, ...]:
    return (
        text._ts_event,
        text._ts_init,
        text.source,
        text.title,
        text.body,
        text.url,
        text.first_seen_known,
    )
