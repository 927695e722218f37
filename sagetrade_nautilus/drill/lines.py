"""What the guard's journal says so far, read on as it grows."""

from pathlib import Path

import msgspec

from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal.journal import check
from sagetrade_nautilus.guard.journal.records import (
    BREAKER_SUBJECT,
    DenialRecord,
    JournalRecord,
    OrderRecord,
    StateRecord,
    TripRecord,
)


class Lines:
    """A journal's reader that looks at each line once.

    Attributes
    ----------
    initialized : set[str]
        The client order ids that have a first line.
    denials : int
        How many orders and changes were held back.
    tripped : set[str]
        The rules of the circuit breaker that have tripped, in whichever process, and were not released since.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decoder = msgspec.json.Decoder(JournalRecord)
        self._offset = 0
        self.initialized: set[str] = set()
        self.denials = 0
        self.tripped: set[str] = set()

    def read_on(self) -> None:
        """Take in the lines that were written since; an unfinished one is left for later."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                self._take(self._decoder.decode(line))

    def fault(self) -> str:
        """Return what is wrong with the chain; empty if nothing is."""
        self.read_on()
        try:
            found = check(self._path)
        except JournalError as error:
            return str(error)
        return found.detail or (f"{found.unfinished_bytes} bytes are unfinished" if found.unfinished_bytes else "")

    def _take(self, record: JournalRecord) -> None:
        if isinstance(record, OrderRecord) and record.event == "initialized":
            self.initialized.add(record.client_order_id)
        elif isinstance(record, DenialRecord):
            self.denials += 1
        elif isinstance(record, TripRecord):
            self.tripped.add(record.rule)
        elif isinstance(record, StateRecord) and record.state == "released":
            self.tripped.discard(record.subject.removeprefix(BREAKER_SUBJECT))
