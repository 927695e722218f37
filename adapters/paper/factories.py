"""How a node makes a paper client: ``node.add_exec_client_factory("BINANCE", PaperLiveExecClientFactory)``."""

import asyncio
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.live.factories import LiveExecClientFactory

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.execution import PaperExecutionClient


class PaperLiveExecClientFactory(LiveExecClientFactory):
    """Makes a `PaperExecutionClient` of a `PaperExecClientConfig`."""

    @staticmethod
    def create(
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: PaperExecClientConfig,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        **others: Any,
    ) -> PaperExecutionClient:
        """Return the client; Nautilus calls this as it builds the node."""
        return PaperExecutionClient(loop, msgbus, cache, clock, config)
