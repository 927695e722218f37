"""From a foreign thread to the node's own."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from nautilus_trader.common.component import Clock, LiveClock


class Hop:
    """Calls on the thread of the event loop that it was made on; straight away where there is none, as in a backtest.

    A live clock's alerts come on a thread of Nautilus's own, while the bus belongs to the node's event loop.
    """

    def __init__(self, clock: Clock) -> None:
        self._loop = asyncio.get_running_loop() if isinstance(clock, LiveClock) else None
        self._thread = threading.get_ident()

    def __call__(self, function: Callable[..., None], *arguments: Any) -> None:
        if self._loop is None or threading.get_ident() == self._thread:
            function(*arguments)
        else:
            self._loop.call_soon_threadsafe(function, *arguments)
