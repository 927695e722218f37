"""What the bot can see of the node, and the few things that it can do to it."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from sagetrade_nautilus.bot.counsel import Counsel
from sagetrade_nautilus.bot.history import History, gently
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.journal.explain import Explanation, explain
from sagetrade_nautilus.guard.journal.records import OrderRecord
from sagetrade_nautilus.guard.switch import heartbeat
from sagetrade_nautilus.guard.switch.latch import Latch, Release
from sagetrade_nautilus.guard.switch.password import Password
from sagetrade_nautilus.guard.switch.state import LatchRecord, State, StateChange
from sagetrade_nautilus.messages import CONTROL_TOPIC, NOTES_TOPIC, Note, StrategySwitch
from sagetrade_nautilus.model.records import ENTRY, read_tags
from sagetrade_nautilus.overview import Overview

ANSWER_S_MAX: Final = 2.0
SETTLED_S_MAX: Final = 1.0
FLAT_S_MAX: Final = 10.0
LOOK_S: Final = 0.002


class Done(NamedTuple):
    """What a node did about a stop: milliseconds until no order could leave any more, and until its cancels were sent,
    and how many these were; ``None`` and 0 if it has not answered.
    """

    stopped_ms: float
    answered_ms: float | None
    cancelled: int


class Desk:
    """One node, as the bot sees it. Everything but what says otherwise is to be called on the node's event loop.

    Parameters
    ----------
    look : callable
        Returns the node as it is now.
    publish : callable
        Publishes a message under a topic of the node's bus.
    limits : LimitConfig
        The thresholds of the guard.
    now : callable
        Returns the wall's time, UNIX nanoseconds: what people do counts by it, also in a replay.

    Attributes
    ----------
    waiting : callable
        Returns how many messages wait for Telegram; whoever has the outbox puts it here.
    counsel : Counsel
        Answers, pictures and experiments; whoever makes it puts it here.

    Raises
    ------
    GuardError
        The node has no kill switch.
    """

    counsel: Counsel

    def __init__(
        self,
        look: Callable[[], Overview],
        publish: Callable[[str, object], None],
        limits: LimitConfig,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        guard = look().guard
        if not guard.latch:
            raise GuardError("a bot needs a node with a kill switch: give the guard a `latch`")
        self.limits = limits
        self.look = look
        self.waiting: Callable[[], int] = lambda: 0
        self._publish = publish
        self._now = now
        self.latch = Latch(Path(guard.latch))
        self.password = Password(self.latch.path)
        self.history = History(Path(guard.journal))
        self._journal = Path(guard.journal)

    def note(self, subject: str, state: str, by: str) -> None:
        """Have it journaled that a person did something, or tried to."""
        self._publish(NOTES_TOPIC, Note(subject, state, by))

    def switch(self, label: str, by: str, *, enabled: bool) -> None:
        """Let a strategy enter, or not; it is journaled, and remembered over a restart."""
        self._publish(CONTROL_TOPIC, StrategySwitch(label, enabled, by))

    def record(self) -> LatchRecord:
        """Return what the kill switch says."""
        return self.latch.read()

    def engage(self, state: State, reason: str, by: str, *, flatten: bool = False) -> tuple[StateChange, int]:
        """Make the kill switch at least as strict as `state`; return the change, and when it began, monotonic ns.

        When this returns no order can pass the gate that `state` forbids: nothing else ran on the loop meanwhile.

        Raises
        ------
        KillSwitchError
            The disk refused.
        """
        began = time.monotonic_ns()
        return self.latch.engage(state, reason, by, self._now(), flatten), began

    async def release(self, release: Release) -> StateChange:
        """Loosen the kill switch as confirmed.

        Raises
        ------
        KillSwitchError
            As `Latch.release`.
        """
        return await asyncio.to_thread(self.latch.release, release, self._now())

    async def done(self, change: StateChange, began_ns: int) -> Done:
        """Wait until the node has answered the kill switch, at most two seconds, and return what it did."""
        stopped_ms = _ms_since(began_ns)
        path = heartbeat.beside(self.latch.path)
        deadline = time.monotonic() + ANSWER_S_MAX
        while time.monotonic() < deadline:
            beat = heartbeat.parse(heartbeat.look(path))
            if beat is not None and beat.has_heard(change.sequence, change.after):
                return Done(stopped_ms, _ms_since(began_ns), beat.cancelled)
            await asyncio.sleep(LOOK_S)
        return Done(stopped_ms, None, 0)

    async def settled(self, *, flatten: bool) -> Overview:
        """Wait until nothing rests that could open, and where `flatten` nothing is open: a second, or ten."""
        deadline = time.monotonic() + (FLAT_S_MAX if flatten else SETTLED_S_MAX)
        while True:
            seen = self.look()
            resting = [order for order in seen.orders if flatten or order.role == ENTRY]
            if not (resting or (flatten and seen.positions)) or time.monotonic() > deadline:
                return seen
            await asyncio.sleep(0.05)

    async def explain(self, trade_id: str) -> Explanation:
        """Return why a trade was made.

        Raises
        ------
        JournalError
            The journal cannot be read, or does not hold the trade.
        """
        return await asyncio.to_thread(lambda: explain(trade_id, (record for record, _ in gently(self._journal))))

    async def trade_of(self, name: str) -> str | None:
        """Return the trade that `name` is: its own id, or that of one of its orders; ``None`` for neither."""
        return await asyncio.to_thread(self._trade_of, name)

    def _trade_of(self, name: str) -> str | None:
        for record, _ in gently(self._journal):
            if isinstance(record, OrderRecord):
                trade_id = read_tags(record).trade_id
                if trade_id and name in (record.client_order_id, trade_id):
                    return trade_id
        return None


def _ms_since(began_ns: int) -> float:
    return (time.monotonic_ns() - began_ns) / 1e6
