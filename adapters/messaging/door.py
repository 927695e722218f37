"""What a node lets in of all that stands in its streams: texts, and scores, each on its own topic and read strictly.

Nautilus alone would publish any message of a type that is listened for, on whatever topic its entry names and on a
thread of its own: a score on the topic that the aggregator hears would pass by all that bounds it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from nautilus_trader.core.data import Data
from nautilus_trader.core.nautilus_pyo3 import BusMessage

from adapters.messaging.wire import RAW_TEXT_TOPIC, SCORED_TOPIC, unpack
from sagetrade_nautilus.data import RawText, TextSignal
from sagetrade_nautilus.errors import MessagingError
from sagetrade_nautilus.telling import is_told

ADMITTED: Final[dict[str, type[RawText] | type[TextSignal]]] = {RAW_TEXT_TOPIC: RawText, SCORED_TOPIC: TextSignal}
AT_ONCE: Final = 8
"""Messages that are let in before the loop turns to its other work again."""
WAITING_MAX: Final = 100_000
"""Messages that may wait for the loop; what comes beyond is refused."""


class Door:
    """Takes messages on any thread, and hands those that are admitted to the node on its event loop.

    Parameters
    ----------
    loop : AbstractEventLoop
        The node's.
    admit : callable
        Takes the topic and the message.
    tell : callable
        Takes a line about what was refused: the first, the second, the fourth, the eighth and so on.

    Attributes
    ----------
    refused : int
        How many entries held anything else.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, admit: Callable[[str, Data], None], tell: Callable[[str], None]
    ) -> None:
        self._loop, self._admit, self._tell = loop, admit, tell
        self._waiting: deque[BusMessage] = deque()
        self._is_busy = False
        self.refused = 0

    def __call__(self, message: BusMessage) -> None:
        """Take a message; what comes when the loop is closed is let go."""
        if self._loop.is_closed():
            return
        if len(self._waiting) < WAITING_MAX:
            self._waiting.append(message)
            self._loop.call_soon_threadsafe(self._wake)
        else:
            self._loop.call_soon_threadsafe(self._refuse, f"{WAITING_MAX:,} wait already")

    def _wake(self) -> None:
        if not self._is_busy:
            self._work()

    def _work(self) -> None:
        for _ in range(min(AT_ONCE, len(self._waiting))):
            self._look_at(self._waiting.popleft())
        self._is_busy = bool(self._waiting)
        if self._is_busy:
            self._loop.call_soon(self._work)

    def _look_at(self, message: BusMessage) -> None:
        kind = ADMITTED.get(message.topic)
        if kind is None:
            return self._refuse("its topic is not one of ours")
        try:
            data = unpack({b"payload": message.payload}, kind)
        except MessagingError as error:
            return self._refuse(str(error))
        self._admit(message.topic, data)

    def _refuse(self, why: str) -> None:
        self.refused += 1
        if is_told(self.refused):
            self._tell(f"entries from Redis that were not let in: {self.refused:,}; the last: {why}")
