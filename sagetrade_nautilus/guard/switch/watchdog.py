"""The watchdog: watches a node from another process, and stops trading when the node's event loop stands still.

It imports neither Nautilus nor a strategy, so that nothing which can hang a node can hang it too.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sagetrade_nautilus.errors import KillSwitchError, SageTradeError
from sagetrade_nautilus.guard.switch.heartbeat import Pulse, Vital, look
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State

LOOKS_PER_STALE = 20
LOOK_S_MAX = 0.5
RETRY_S_MIN = 1.0
RETRY_S_MAX = 30.0

_NEWS = {
    Vital.WAITING: "waiting for a node's first heartbeat",
    Vital.ALIVE: "the heartbeat is there",
    Vital.STOPPED: "the node has stopped in good order; waiting for the next one",
    Vital.STALE: "the heartbeat is STALE",
}


class BrokerSwitch(Protocol):
    """A broker's own way to stop an account. Each method raises `SageTradeError` where the broker does not comply."""

    def suspend(self) -> None:
        """Ask the broker to take no new orders."""

    def is_suspended(self) -> bool:
        """Return whether the broker says that it takes none."""

    def cancel_all(self) -> None:
        """Cancel every order that rests, those that protect a position too."""


class Watchdog:
    """Engages the latch and cuts at the broker when a heartbeat is stale or gone.

    A cut is not done until the broker's own answer says so: it is tried for ever, with pauses of 1 s to 30 s, whatever
    the node does meanwhile. What was stopped is never released by it.

    Parameters
    ----------
    heartbeat : Path
        The file that the node's event loop keeps writing.
    latch : Latch
        What is engaged, by "watchdog".
    stale_s : float
        Seconds without a new heartbeat after which the node is taken for dead.
    broker : BrokerSwitch, optional
        Where trading is suspended too.
    cancel_orders : bool
        Whether the broker is also told to cancel what rests, the stops of open positions included.
    dry_run : bool
        Whether it only says what it would do.
    tell : callable
        Told one line for each event.
    """

    def __init__(
        self,
        heartbeat: Path,
        latch: Latch,
        stale_s: float,
        tell: Callable[[str], None],
        *,
        broker: BrokerSwitch | None = None,
        cancel_orders: bool = False,
        dry_run: bool = False,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._heartbeat = heartbeat
        self._latch = latch
        self._stale_s = stale_s
        self._tell = tell
        self._broker = broker
        self._cancel_orders = cancel_orders
        self._dry_run = dry_run
        self._now_s = now_s
        self._pulse = Pulse(stale_s)
        self._vital: Vital | None = None
        self._steps: list[tuple[str, Callable[[], None]]] = []
        self._failures = 0
        self._retry_s = 0.0

    def run(self) -> None:
        """Watch for ever; whoever interrupts it is told if a cut was not confirmed yet."""
        try:
            while True:
                self.look()
                time.sleep(min(LOOK_S_MAX, self._stale_s / LOOKS_PER_STALE))
        finally:
            if self._steps:
                self._tell(f"ENDED BEFORE IT WAS CONFIRMED: {', '.join(name for name, _ in self._steps)}")

    def look(self) -> None:
        """Look once at the heartbeat, and do what is to be done."""
        vital = self._pulse.judge(look(self._heartbeat), self._now_s())
        if vital is not self._vital:
            before, self._vital = self._vital, vital
            again = " again; what was stopped stays stopped" if (before, vital) == (Vital.STALE, Vital.ALIVE) else ""
            self._tell(_NEWS[vital] + again)
            if vital is Vital.STALE:
                self._plan()
        if self._steps and self._now_s() >= self._retry_s:
            self._cut()

    def check_broker(self) -> None:
        """Ask the broker once how things stand, so that a wrong key shows now; raises `SageTradeError`."""
        if self._broker is not None:
            self._tell(f"the broker answers: {'SUSPENDED' if self._broker.is_suspended() else 'not suspended'}")

    def _plan(self) -> None:
        """Begin a cut: what is to be done, in this order."""
        self._steps = [("the latch is halted", self._engage)]
        if self._broker is not None:
            self._steps.append(("the broker confirms that trading is suspended", self._suspend))
            if self._cancel_orders:
                self._steps.append(("the broker confirms that no order rests", self._broker.cancel_all))
        if self._dry_run:
            self._tell(f"dry run, nothing is done; this would be: {', '.join(name for name, _ in self._steps)}")
            self._steps = []
        self._failures, self._retry_s = 0, 0.0

    def _cut(self) -> None:
        """Do every step that is not confirmed yet; one that fails holds up none of the others."""
        left = []
        for name, step in self._steps:
            try:
                step()
                self._tell(name)
            except SageTradeError as error:
                left.append((name, step))
                self._tell(f"NOT YET: {name}: {error}")
        self._steps = left
        if left:
            pause_s = min(RETRY_S_MAX, RETRY_S_MIN * 2 ** min(self._failures, 10))
            self._failures += 1
            self._retry_s = self._now_s() + pause_s
        else:
            self._tell("the cut is complete; only a person releases it")

    def _engage(self) -> None:
        reason = f"no heartbeat for {self._stale_s:g} s"
        change = self._latch.engage(State.HALTED, reason, "watchdog", time.time_ns())
        if change.problem:
            self._tell(f"the latch: {change.problem}")

    def _suspend(self) -> None:
        if self._broker is None or self._broker.is_suspended():
            return
        self._broker.suspend()
        if not self._broker.is_suspended():
            raise KillSwitchError(
                "the broker took the request, but says that it is not suspended; suspend it there by hand, now"
            )
