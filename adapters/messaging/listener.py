"""From the streams of Redis into a node: what comes from now on, on the node's own loop."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from nautilus_trader.common.component import MessageBus
from nautilus_trader.core.data import Data

from adapters.messaging.connection import BLOCK_MS, Outage, broken, connect
from adapters.messaging.door import Door
from adapters.messaging.wire import Keys
from sagetrade_nautilus.config import MessagingConfig

AT_ONCE: Final = 8
"""Entries that are let in before the loop turns to its other work again."""


class Listener:
    """Hears the texts that others collect, and the scores of workers where these do the scoring.

    Nautilus's own reader of streams is not taken: it ends without a word at the first refusal of Redis.

    Parameters
    ----------
    tell : callable
        Takes each line that a person should read: when Redis is lost, when it is back, and what was not let in.

    Raises
    ------
    ConfigError
        The client of Redis is not installed, or a secret cannot be read.
    """

    def __init__(
        self, config: MessagingConfig, environment: Mapping[str, str], msgbus: MessageBus, tell: Callable[[str], None]
    ) -> None:
        keys = Keys(config.namespace)
        self._streams = [keys.texts, *([keys.scores] if config.scoring == "workers" else [])]
        self._after: dict[Any, Any] = {}
        self._redis = connect(config, environment)
        self._msgbus = msgbus
        self._door = Door(self._let_in, tell)
        self._outage = Outage(tell, "no news until it is back")

    async def run(self) -> None:
        """Hear until cancelled, over every absence of Redis."""
        try:
            while True:
                try:
                    if not self._after:
                        self._after = await self._ends()
                    reply: Any = await self._redis.xread(self._after, count=AT_ONCE, block=BLOCK_MS)
                except broken() as error:
                    await self._outage.wait(error)
                    continue
                self._outage.end()
                for stream, entries in reply:
                    for name, fields in entries:
                        self._after[stream] = name
                        self._door(fields)
        finally:
            await self._redis.aclose()

    async def _ends(self) -> dict[Any, Any]:
        """Return where each stream ends now, by what stands in it: the clock of Redis need not be this machine's."""
        newest: list[Any] = [await self._redis.xrevrange(stream, count=1) for stream in self._streams]
        return {
            stream.encode(): entries[0][0] if entries else "0-0"
            for stream, entries in zip(self._streams, newest, strict=True)
        }

    def _let_in(self, topic: str, data: Data) -> None:
        self._msgbus.publish(topic, data, external_pub=False)
