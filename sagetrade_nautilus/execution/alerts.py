"""One-shot alerts that call back on the thread that trades.

A live node's clock calls from a thread of its own, where neither the cache nor the message bus may be touched. A
backtest's clock calls from the engine's thread.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from nautilus_trader.common.component import Clock, TimeEvent

AGAIN = "+"


class Alerts:
    """Alerts on a Nautilus clock; make them where the component starts, which is on its event loop if it has one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        self._calls: dict[str, _Call] = {}

    def set(self, name: str, at_ns: int, callback: Callable[[], None]) -> None:
        """Call `callback` at `at_ns` (UNIX nanoseconds), instead of what `name` was set to before.

        A live clock may still hold the name of one that has rung, and refuses it then: so this one takes another there.
        """
        self.cancel(name)

        def run() -> None:
            del self._calls[name]
            callback()

        timer = name
        while timer in self._clock.timer_names:
            timer += AGAIN
        call = self._calls[name] = _Call(run, self._loop, timer)
        self._clock.set_time_alert_ns(timer, at_ns, call.ring)

    def cancel(self, name: str) -> None:
        """Forget the alert, if it is set; one that a live clock has begun to ring is not called any more."""
        call = self._calls.pop(name, None)
        if call is None:
            return
        call.forget()
        if call.timer in self._clock.timer_names:
            with suppress(KeyError):  # it may ring between the two
                self._clock.cancel_timer(call.timer)


class _Call:
    """What is called once. Nautilus's clocks keep it for ever, so it lets go of what it would have called."""

    __slots__ = ("_callback", "_loop", "timer")

    def __init__(self, callback: Callable[[], None], loop: asyncio.AbstractEventLoop | None, timer: str) -> None:
        self._callback: Callable[[], None] | None = callback
        self._loop = loop
        self.timer = timer

    def ring(self, event: TimeEvent) -> None:
        if self._loop is None:
            self._call()
        else:
            self._loop.call_soon_threadsafe(self._call)

    def forget(self) -> None:
        self._callback = None

    def _call(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()
