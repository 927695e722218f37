"""The kill switch at work in a live node: hears the latch, answers on the event loop, and shows that the loop lives."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from nautilus_trader.common.component import Clock

from sagetrade_nautilus.errors import KillSwitchError
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.response import Response
from sagetrade_nautilus.guard.switch.state import LatchRecord, State, StateChange
from sagetrade_nautilus.guard.switch.watch import LatchWatch

RETRY_S = 0.25

_LOG = logging.getLogger(__name__)


class LiveSwitch:
    """Joins the latch to a node: each change of the file is journaled and answered, on the node's event loop.

    Whatever fails in here halts: a response that raises engages the latch and is tried again, and so does a watcher
    that died.

    Parameters
    ----------
    latch : Latch
        The node's own.
    answer : callable
        Does what all the switches together ask for; called at each change.
    done : callable
        Returns what was done since trading was stopped.
    look : callable
        Called with every heartbeat, so that what shows no change of its own is looked at as well.
    loop : AbstractEventLoop
        The node's.
    clock : Clock
        The node's.
    heartbeat : Path
        Where the loop's heartbeat goes.
    interval_s : float
        Seconds between two beats.
    journal : callable
        Told of every change and of what was done.
    """

    def __init__(
        self,
        latch: Latch,
        answer: Callable[[], object],
        done: Callable[[], Response],
        look: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        heartbeat: Path,
        interval_s: float,
        journal: Callable[[StateChange], None],
    ) -> None:
        self._latch = latch
        self._apply = answer
        self._done = done
        self._look = look
        self._loop = loop
        self._clock = clock
        self._heartbeat = Heartbeat(heartbeat)
        self._interval_s = interval_s
        self._journal = journal
        self._watch = LatchWatch(latch.path, self._hear)
        self._answered: LatchRecord | None = None
        self._count = 0
        self._ended = False

    def start(self) -> None:
        """Watch from now on. What the latch says already is answered once every strategy has started."""
        if self._watch.is_alive:
            return  # a trader that was stopped and starts again: it was watched all the time
        self._watch.start()
        self._loop.call_soon(self._answer)
        self._loop.call_soon(self._tick)

    def end(self) -> None:
        """Stop watching, and leave a last beat that says so. Ending twice does no harm."""
        if self._ended:
            return
        self._ended = True
        self._watch.stop()
        self._beat(stopped=True)

    def _hear(self, record: LatchRecord) -> None:
        """Take a change to the event loop; this runs on the watcher's thread."""
        self._loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        """Do what the latch says. What goes wrong halts, and is done again until it succeeds."""
        record = self._latch.read()
        if self._ended or record == self._answered:
            return
        try:
            self._apply()
            if self._answered is not None or record.state > State.RUNNING:
                before = self._answered or record
                self._journal(StateChange.between(before, record, self._clock.timestamp_ns()))
            self._answered = record
            self._beat()
        except Exception as error:  # noqa: BLE001 - the loop's edge: a response that fails must not fail open
            _LOG.critical("the kill switch was not answered; trying again", exc_info=True)
            self._halt(f"the answer to the kill switch failed: {type(error).__name__}: {error}")
            self._loop.call_later(RETRY_S, self._answer)

    def _tick(self) -> None:
        if self._ended:
            return
        self._loop.call_later(self._interval_s, self._tick)
        if not self._watch.is_alive:
            self._halt("the kill switch's watcher died")
        self._answer()
        try:
            self._look()
        except Exception as error:  # noqa: BLE001 - the loop's edge: losses that nobody can see must not fail open
            self._halt(f"the guard cannot look at the account: {type(error).__name__}: {error}")
        self._beat()

    def _beat(self, *, stopped: bool = False) -> None:
        self._count += 1
        done, answered = self._done(), self._answered
        beat = Beat(
            pid=os.getpid(),
            count=self._count,
            stopped=stopped,
            state=answered.state.value if answered is not None else "",
            sequence=answered.sequence if answered is not None else 0,
            cancelled=done.cancelled,
            closing=done.closing,
        )
        try:
            self._heartbeat.write(beat)
        except OSError:
            _LOG.critical("no heartbeat could be written; the watchdog will take the node for dead", exc_info=True)

    def _halt(self, reason: str) -> None:
        if self._latch.read().state >= State.HALTED:
            return
        _LOG.critical("halting: %s", reason)
        try:
            self._latch.engage(State.HALTED, reason, "guard", self._clock.timestamp_ns())
        except KillSwitchError:  # the latch then reads halted in this process, which is what the gate asks
            _LOG.critical("and the halt could not be written", exc_info=True)
