"""What is still to be sent, on the disk: it outlives a broker that is down and a process that is killed."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.messaging.wire import Message
from sagetrade_nautilus.errors import MessagingError

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS dropped (count INTEGER NOT NULL);
INSERT INTO dropped SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM dropped);
"""


class Outbox:
    """A bounded queue of messages in one SQLite file, used by one process at a time.

    What `add` returned from survives a kill of the process; a power cut may take the last moments with it.

    Parameters
    ----------
    path : Path
        The file; it and its folder are made if need be.
    capacity : int
        Messages that are kept. Beyond it the oldest are dropped and counted: the freshest are worth most.

    Raises
    ------
    MessagingError
        The file cannot be used, or another process uses it.
    """

    def __init__(self, path: Path, capacity: int) -> None:
        self._path = path
        self._capacity = capacity
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=0.5)
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
            self._waiting = int(self._db.execute("SELECT count(*) FROM outbox").fetchone()[0])
            self._dropped = int(self._db.execute("SELECT count FROM dropped").fetchone()[0])
        except (OSError, sqlite3.Error) as error:
            raise self._fault(error) from None

    def __len__(self) -> int:
        return self._waiting

    @property
    def dropped(self) -> int:
        """How many messages were ever dropped because the queue was full."""
        return self._dropped

    def add(self, messages: Sequence[Message]) -> None:
        """Put messages at the end; one that waits already is not put twice."""
        rows = [(message.key, message.topic, message.payload) for message in messages]
        try:
            with self._db:
                inserted = self._db.executemany(
                    "INSERT OR IGNORE INTO outbox (key, topic, payload) VALUES (?, ?, ?)", rows
                ).rowcount
                over = max(0, self._waiting + inserted - self._capacity)
                if over:
                    self._db.execute(
                        "DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY seq LIMIT ?)", (over,)
                    )
                    self._db.execute("UPDATE dropped SET count = count + ?", (over,))
        except sqlite3.Error as error:
            raise self._fault(error) from None
        self._waiting += inserted - over
        self._dropped += over

    def first(self, count: int) -> list[tuple[int, Message]]:
        """Return the oldest messages with their numbers, oldest first; they stay until `remove`."""
        try:
            rows = self._db.execute("SELECT seq, key, topic, payload FROM outbox ORDER BY seq LIMIT ?", (count,))
            return [(seq, Message(key, topic, payload)) for seq, key, topic, payload in rows]
        except sqlite3.Error as error:
            raise self._fault(error) from None

    def remove(self, numbers: Sequence[int]) -> None:
        """Take out what was delivered; a number that was dropped meanwhile does no harm."""
        try:
            with self._db:
                removed = self._db.executemany(
                    "DELETE FROM outbox WHERE seq = ?", [(number,) for number in numbers]
                ).rowcount
        except sqlite3.Error as error:
            raise self._fault(error) from None
        self._waiting -= removed

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _fault(self, error: Exception) -> MessagingError:
        if "locked" in str(error):
            hint = "another `sagetool ingest` uses it: give each a file of its own"
        else:
            hint = "check the disk and who may write there, or name another file"
        return MessagingError(f"`ingest.queue` {self._path}: {getattr(error, 'strerror', None) or error}; {hint}")
