"""The sources inside a live node: a Nautilus data client that delivers raw texts to whoever subscribes."""

import asyncio
from contextlib import aclosing

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.config import LiveDataClientConfig
from nautilus_trader.data.messages import SubscribeData, UnsubscribeData
from nautilus_trader.live.data_client import LiveDataClient
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.model.data import CustomData, DataType
from nautilus_trader.model.identifiers import ClientId

from adapters.news.build import create_sources
from adapters.news.source import Secret
from adapters.news.supervisor import Supervisor
from sagetrade_nautilus.config.news import NewsConfig
from sagetrade_nautilus.data import RawText


class NewsClientConfig(LiveDataClientConfig, frozen=True, kw_only=True):
    """Configuration of a `NewsDataClient`.

    Parameters
    ----------
    news : NewsConfig
        The sources. Keys are not in here: the factory is given what looks them up.
    """

    news: NewsConfig = NewsConfig()


class NewsDataClient(LiveDataClient):
    """Runs the sources on the node's event loop from the first subscription until it is disconnected."""

    def __init__(
        self,
        config: NewsClientConfig,
        secret: Secret,
        loop: asyncio.AbstractEventLoop,
        name: str,
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
    ) -> None:
        super().__init__(loop, ClientId(name), None, msgbus, cache, clock, config)
        self._supervisor = Supervisor(create_sources(config.news, secret), self._tell)
        self._running: asyncio.Task[None] | None = None

    async def _connect(self) -> None:
        self._set_connected()

    async def _subscribe(self, command: SubscribeData) -> None:
        if command.data_type.type is RawText and self._running is None:
            self._running = self.create_task(self._deliver())

    async def _unsubscribe(self, command: UnsubscribeData) -> None:
        """Other subscribers may be left: the sources run on."""

    async def _disconnect(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        for name, count in self._supervisor.skipped.items():
            self._tell(f"news source {name}: {count:,} messages could not be read, and were skipped")
        self._set_connected(False)

    async def _deliver(self) -> None:
        async with aclosing(self._supervisor.texts()) as texts:
            async for text in texts:
                self._handle_data(CustomData(DataType(RawText), text))

    def _tell(self, line: str) -> None:
        self._log.warning(line)


def news_client_factory(secret: Secret) -> type[LiveDataClientFactory]:
    """Return the factory of news clients whose keys `secret` looks up, for `TradingNode.add_data_client_factory`."""

    class NewsClientFactory(LiveDataClientFactory):
        @staticmethod
        def create(
            loop: asyncio.AbstractEventLoop,
            name: str,
            config: NewsClientConfig,  # type: ignore[override]
            msgbus: MessageBus,
            cache: Cache,
            clock: LiveClock,
        ) -> NewsDataClient:
            return NewsDataClient(config, secret, loop, name, msgbus, cache, clock)

    return NewsClientFactory
