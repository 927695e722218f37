"""What the guard's journal says so far, read on as it grows."""

from pathlib import Path

import msgspec

from sagetrade_nautilus.drill.plan import DAY
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard.journal import check
from sagetrade_nautilus.guard.records import DenialRecord, JournalRecord, OrderRecord, RunRecord, StateRecord


class Lines:
    """A journal's reader that looks at each line once.

    Attributes
    ----------
    initialized : set[str]
        The client order ids that have a first line.
    denials : int
        How many orders and changes were held back.
    day_is_lost : bool
        Whether the process that writes it has latched the day's loss.
    lost_days : set[int]
        The days, counted from 1970, on which any process has.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decoder = msgspec.json.Decoder(JournalRecord)
        self._offset = 0
        self.initialized: set[str] = set()
        self.denials = 0
        self.day_is_lost = False
        self.lost_days: set[int] = set()

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
        elif isinstance(record, RunRecord):
            self.day_is_lost = False
        elif isinstance(record, StateRecord) and record.subject == "daily_loss":
            self.day_is_lost = record.state.startswith("latched")
            if self.day_is_lost:
                self.lost_days.add(record.ts // DAY)
