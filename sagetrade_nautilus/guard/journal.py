"""The journal: one JSON line for every decision and every denial, in the order in which they happened."""

from pathlib import Path
from typing import BinaryIO

import msgspec

from sagetrade_nautilus.messages import DecisionRecord


class DenialRecord(msgspec.Struct, frozen=True, kw_only=True, tag="denial", tag_field="type"):
    """An order that the gate held back. `ts` is UNIX nanoseconds; `reason` names limit, value and threshold."""

    ts: int
    client_order_id: str
    strategy: str
    instrument_id: str
    tags: tuple[str, ...]
    reason: str


JournalRecord = DecisionRecord | DenialRecord


class Journal:
    """Appends records to a JSON Lines file. Lines are buffered; `close` puts them on the disk.

    Parameters
    ----------
    path : Path
        The file to append to; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("ab")
        self._encoder = msgspec.json.Encoder()

    def write(self, record: JournalRecord) -> None:
        """Append one record."""
        self._file.write(self._encoder.encode(record) + b"\n")

    def close(self) -> None:
        """Write out what is buffered and close the file. Closing twice does no harm."""
        self._file.close()


def read(path: Path) -> list[JournalRecord]:
    """Return the records of the journal at `path`, oldest first."""
    decoder = msgspec.json.Decoder(JournalRecord)
    with path.open("rb") as lines:
        return [decoder.decode(line) for line in lines]
