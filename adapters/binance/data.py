"""Nautilus's client of Binance's prices, its bars made plain ones that close where the next one opens.

To Binance a bar closes in the last millisecond before that, which is off the bars' grid. Nautilus leaves it so, in a
class of its own that it streams into no file.
"""

import asyncio
from typing import Any

from nautilus_trader.adapters.binance.common.enums import BinanceEnvironment
from nautilus_trader.adapters.binance.common.urls import get_ws_base_url
from nautilus_trader.adapters.binance.config import BinanceDataClientConfig
from nautilus_trader.adapters.binance.factories import (
    get_cached_binance_http_client,
    get_cached_binance_spot_instrument_provider,
)
from nautilus_trader.adapters.binance.spot.data import BinanceSpotDataClient
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.core.data import Data
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.model.data import Bar, BarType

from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND


class BinanceDataClient(BinanceSpotDataClient):
    """Binance's spot prices, with plain bars under their close."""

    def _handle_data(self, data: Data) -> None:
        super()._handle_data(plain(data) if isinstance(data, Bar) else data)

    def _handle_bars(self, bar_type: BarType, bars: list[Bar], *request: Any) -> None:
        super()._handle_bars(bar_type, [plain(bar) for bar in bars], *request)


def plain(bar: Bar) -> Bar:
    """Return what Binance says of a bar, as every other bar here is: its close is the next one's open."""
    last_ms = (bar.ts_event + NANOS_PER_MILLISECOND // 2) // NANOS_PER_MILLISECOND  # Nautilus multiplies in floats
    closes = (last_ms + 1) * NANOS_PER_MILLISECOND
    return Bar(bar.bar_type, bar.open, bar.high, bar.low, bar.close, bar.volume, closes, max(closes, bar.ts_init))


class BinanceDataClientFactory(LiveDataClientFactory):
    """Makes a `BinanceDataClient` as Nautilus's factory makes its own."""

    @staticmethod
    def create(  # type: ignore[override]
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: BinanceDataClientConfig,
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
    ) -> BinanceDataClient:
        environment = config.environment or BinanceEnvironment.LIVE
        client = get_cached_binance_http_client(
            clock, config.account_type, base_url=config.base_url_http, environment=environment
        )
        provider = get_cached_binance_spot_instrument_provider(
            client, clock, config.account_type, environment, config.instrument_provider, config.venue
        )
        address = config.base_url_ws or get_ws_base_url(config.account_type, environment, is_us=False)
        return BinanceDataClient(loop, client, msgbus, cache, clock, provider, address, config, name=name)
