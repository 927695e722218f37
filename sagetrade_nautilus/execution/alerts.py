"""One-shot alerts that call back on the thread that trades.

A live node's clock calls from a thread of its own, where neither the cache nor the message bus may be touched. A
backtest's clock calls from the engine's thread.
"""

import asyncio
from collections.abc import Callable

from nautilus_trader.common.component import Clock, TimeEvent


class Alerts:
    """Alerts on a Nautilus clock; make them where the component starts, which is on its event loop if it has one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._names: set[str] = set()

    def set(self, name: str, at_ns: int, callback: Callable[[], None]) -> None:
        """Call `callback` at `at_ns` (UNIX nanoseconds), instead of what `name` was set to before."""
        self.cancel(name)

        def ring(event: TimeEvent) -> None:
            if self._loop is None:
                callback()
            else:
                self._loop.call_soon_threadsafe(callback)

        self._names.add(name)
        self._clock.set_time_alert_ns(name, at_ns, ring)

    def cancel(self, name: str) -> None:
        """Forget the alert, if it is set. One that a live clock has begun to ring may still come."""
        if name not in self._names:
            return
        self._names.discard(name)
        if name in self._clock.timer_names:
            self._clock.cancel_timer(name)
