"""When and why trading was stopped, from the journal alone: by the circuit breaker, and by the kill switch."""

from collections.abc import Iterable

import msgspec

from sagetrade_nautilus.guard.journal.records import BREAKER_SUBJECT, JournalRecord, StateRecord, TripRecord
from sagetrade_nautilus.guard.standing import Standing
from sagetrade_nautilus.guard.switch.state import StateChange


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One trip of the circuit breaker.

    Parameters
    ----------
    trip : TripRecord
        What tripped, and how far every limit was.
    released_ts : int
        When it ended, UNIX nanoseconds; 0 if it holds.
    released_by : str
        Who ended it: a person, or 'circuit_breaker' for the next day.
    """

    trip: TripRecord
    released_ts: int = 0
    released_by: str = ""

    @property
    def limits(self) -> list[Standing]:
        """How far every limit was, the nearest to its threshold first; one whose value is not known before all."""
        known = [Standing(name, float("nan") if value is None else value, top) for name, value, top in self.trip.limits]
        return sorted(known, key=lambda standing: (standing.value == standing.value, -standing.used))


def stops(records: Iterable[JournalRecord]) -> tuple[list[Stop], list[StateChange]]:
    """Return every trip, and every change of the kill switch, oldest first."""
    found: list[Stop] = []
    changes: list[StateChange] = []
    for record in records:
        match record:
            case TripRecord():
                found.append(Stop(trip=record))
            case StateChange():
                changes.append(record)
            case StateRecord() if record.subject.startswith(BREAKER_SUBJECT) and record.state == "released":
                _release(found, record)
            case _:
                pass
    return found, changes


def _release(found: list[Stop], record: StateRecord) -> None:
    for number, stop in enumerate(found):
        if stop.trip.rule == record.subject.removeprefix(BREAKER_SUBJECT) and not stop.released_ts:
            found[number] = msgspec.structs.replace(stop, released_ts=record.ts, released_by=record.by)
