"""How a node makes a paper client: ``node.add_exec_client_factory("BINANCE", PaperLiveExecClientFactory)``."""

import asyncio

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.live.config import LiveExecClientConfig
from nautilus_trader.live.factories import LiveExecClientFactory

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.execution import PaperExecutionClient
from sagetrade_nautilus.errors import ConfigError


class PaperLiveExecClientFactory(LiveExecClientFactory):
    """Makes a `PaperExecutionClient` of a `PaperExecClientConfig`."""

    @staticmethod
    def create(
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: LiveExecClientConfig,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
    ) -> PaperExecutionClient:
        """Return the client; Nautilus calls this as it builds the node.

        Raises
        ------
        ConfigError
            The client's configuration is none of a paper venue.
        """
        if not isinstance(config, PaperExecClientConfig):
            raise ConfigError(f"exec client {name}: a PaperExecClientConfig was expected, got {type(config).__name__}")
        return PaperExecutionClient(loop, msgbus, cache, clock, config)
