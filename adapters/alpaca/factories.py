"""How a Nautilus node makes Alpaca's clients."""

import asyncio

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.live.factories import LiveDataClientFactory, LiveExecClientFactory

from adapters.alpaca.config import AlpacaDataClientConfig, AlpacaExecClientConfig, trading_url
from adapters.alpaca.constants import KEY_NAME, SECRET_NAME
from adapters.alpaca.data import AlpacaDataClient
from adapters.alpaca.execution import AlpacaExecutionClient
from adapters.alpaca.http import AlpacaHttp
from adapters.alpaca.providers import AlpacaInstrumentProvider
from adapters.alpaca.trading import TradingApi
from sagetrade_nautilus.secrets import read_secret


class AlpacaDataClientFactory(LiveDataClientFactory):
    """For `TradingNode.add_data_client_factory`. Keys come from the environment or config/secrets.env."""

    @staticmethod
    def create(
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: AlpacaDataClientConfig,  # type: ignore[override]
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
    ) -> AlpacaDataClient:
        """Return a client; nothing is connected yet.

        Raises
        ------
        ConfigError
            A key is missing, or an address is neither encrypted nor on this machine.
        """
        key, secret = read_secret(KEY_NAME), read_secret(SECRET_NAME)
        http = AlpacaHttp(
            key,
            secret,
            trading_url(config),
            config.data_url,
            timeout_s=config.timeout_s,
            backoff_seconds=config.backoff_s,
        )
        provider = AlpacaInstrumentProvider(TradingApi(http), config.instrument_provider, clock.timestamp_ns)
        return AlpacaDataClient(loop, name, config, msgbus, cache, clock, http, provider, key, secret)


class AlpacaExecClientFactory(LiveExecClientFactory):
    """For `TradingNode.add_exec_client_factory`. Keys come from the environment or config/secrets.env."""

    @staticmethod
    def create(
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: AlpacaExecClientConfig,  # type: ignore[override]
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
    ) -> AlpacaExecutionClient:
        """Return a client; nothing is connected yet.

        Raises
        ------
        ConfigError
            A key is missing, or an address is neither encrypted nor on this machine.
        """
        key, secret = read_secret(KEY_NAME), read_secret(SECRET_NAME)
        http = AlpacaHttp(
            key, secret, trading_url(config), timeout_s=config.timeout_s, backoff_seconds=config.backoff_s
        )
        provider = AlpacaInstrumentProvider(TradingApi(http), config.instrument_provider, clock.timestamp_ns)
        return AlpacaExecutionClient(loop, name, config, msgbus, cache, clock, http, provider, key, secret)
