"""The kill switches of this machine's nodes: what each says, whether its node has heard it, and how to stop.

From here it is only ever tightened. Letting trade go on needs a code and a password at a terminal, by
`sagetool resume`; the page names that command and has no way to do it.
"""

import time
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from sagetrade_nautilus.dashboard.places import Place, places
from sagetrade_nautilus.guard.breaker import memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.switch.heartbeat import Pulse, Vital, beside, look, parse
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State, StateChange
from sagetrade_nautilus.nanos import NANOS_PER_SECOND

STALE_S: Final = 5.0


class StopOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a click asks for. There is no state that lets trade go on."""

    place: str
    state: Literal["no_entries", "reduce_only", "halted"]
    flatten: bool
    reason: Annotated[str, Meta(max_length=500)] = ""


class SwitchView(msgspec.Struct, frozen=True, kw_only=True):
    """One kill switch and the node behind it.

    Parameters
    ----------
    place, latch : str
        The node's folder by its id, and the switch's file.
    state, reason, by : str
        What it says, why, and who said so.
    since : int
        UNIX seconds; 0 for a fault.
    is_fault : bool
        Whether there is no sound file, which halts.
    flatten : bool
        Whether positions are to be closed.
    written : int
        When the node last wrote its heartbeat or its journal, UNIX seconds; 0 if it never has.
    vital : str
        'waiting' (no heartbeat yet), 'alive', 'stopped' (in good order) or 'stale' (hangs or is dead).
    pid, cancelled, closing : int
        The node's process, and what it has sent since it was stopped.
    has_heard : bool
        Whether the node has answered what the switch says.
    trips : list[str]
        What of the circuit breaker tripped; `breaker_is_sound` says whether its memory could be read.
    resume : str
        The command that lets trade go on.
    """

    place: str
    latch: str
    state: str
    reason: str
    by: str
    since: int
    is_fault: bool
    flatten: bool
    written: int
    vital: str
    pid: int
    cancelled: int
    closing: int
    has_heard: bool
    trips: list[str]
    breaker_is_sound: bool
    resume: str


class Switches:
    """The kill switches below a folder.

    Parameters
    ----------
    root : Path
        The folder of all nodes' folders: 'state'.
    by : str
        Who stops from here, as the record will say: 'dashboard:anna'.
    monotonic_s, now_ns : callable
        The clocks.
    """

    def __init__(
        self,
        root: Path,
        by: str,
        monotonic_s: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._root = root
        self._by = by
        self._monotonic_s = monotonic_s
        self._now_ns = now_ns
        self._pulses: dict[Path, Pulse] = {}
        self._latches: dict[Path, Latch] = {}

    def all(self) -> list[SwitchView]:
        """Return every switch as it is now."""
        return [self._view(place) for place in places(self._root)]

    def stop(self, order: StopOrder) -> StateChange | None:
        """Make a switch at least as strict as `order` says, at once; ``None`` if there is no such place.

        Raises
        ------
        KillSwitchError
            The disk refused it: then somebody must act at the venue.
        """
        place = next((place for place in places(self._root) if place.id == order.place), None)
        if place is None:
            return None
        reason = order.reason or "stopped from the dashboard"
        return self._latch(place).engage(State(order.state), reason, self._by, self._now_ns(), order.flatten)

    def _latch(self, place: Place) -> Latch:
        return self._latches.setdefault(place.latch, Latch(place.latch))

    def _view(self, place: Place) -> SwitchView:
        record = self._latch(place).read()
        raw = look(beside(place.latch))
        vital = self._pulses.setdefault(place.latch, Pulse(STALE_S)).judge(raw, self._monotonic_s())
        beat = parse(raw)
        kept = MemoryFile(memory.beside(place.latch)).load()
        return SwitchView(
            place=place.id,
            latch=str(place.latch),
            state=record.state.value,
            reason=record.reason,
            by=record.by,
            since=record.ts // NANOS_PER_SECOND,
            is_fault=record.is_fault,
            flatten=record.flatten,
            written=max(_written(beside(place.latch)), _written(place.journal)),
            vital=vital.value,
            pid=0 if beat is None else beat.pid,
            cancelled=0 if beat is None else beat.cancelled,
            closing=0 if beat is None else beat.closing,
            has_heard=vital is Vital.ALIVE and beat is not None and beat.has_heard(record.sequence, record.state),
            trips=[] if kept is None else [str(trip) for trip in kept.trips],
            breaker_is_sound=kept is not None,
            resume=f"sagetool resume --latch {quote(str(place.latch))}",
        )


def _written(path: Path) -> int:
    try:
        return int(path.stat().st_mtime)
    except OSError:
        return 0
