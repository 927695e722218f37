"""From a node to the scoring workers: its clean items, on the node's own loop and never in its way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Final

from nautilus_trader.common.component import MessageBus

from adapters.messaging.connection import connect
from adapters.messaging.outbox import Outbox
from adapters.messaging.publisher import ITEMS, Publisher
from adapters.messaging.wire import TEXT_ITEM_TOPIC
from sagetrade_nautilus.config import MessagingConfig
from sagetrade_nautilus.data import TextItem

IN_MEMORY: Final = Path(":memory:")
"""Items that were not sent die with their node: who starts anew would refuse their scores."""


class ItemSender:
    """Sends every item that the node releases from now on.

    Nautilus's own way out of a message bus is not taken: once Redis has gone away it never sends again.

    Raises
    ------
    ConfigError
        The client of Redis is not installed, or a secret cannot be read.
    """

    def __init__(
        self, config: MessagingConfig, environment: Mapping[str, str], msgbus: MessageBus, tell: Callable[[str], None]
    ) -> None:
        self._redis = connect(config, environment)
        self._outbox = Outbox(IN_MEMORY, config.stream_length_max)
        self._publisher = Publisher(self._redis, config, self._outbox, tell, ITEMS)
        self._heard: asyncio.Queue[TextItem] = asyncio.Queue()
        msgbus.subscribe(TEXT_ITEM_TOPIC, self._heard.put_nowait)

    async def run(self) -> None:
        """Send until cancelled, over every absence of Redis."""
        try:
            await self._publisher.run(self._items())
        finally:
            self._outbox.close()
            await self._redis.aclose()

    async def _items(self) -> AsyncIterator[TextItem]:
        while True:
            yield await self._heard.get()
