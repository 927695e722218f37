"""The data clients of a replay: they accept every subscription, and deliver what the player gives them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.core.data import Data
from nautilus_trader.data.messages import RequestBars
from nautilus_trader.live.data_client import LiveMarketDataClient
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.model.data import Bar, BarType, CustomData
from nautilus_trader.model.identifiers import ClientId, Venue
from nautilus_trader.model.instruments import Instrument

from adapters.replay.player import Player
from sagetrade_nautilus.messages import MARKET_TOPIC


class ReplayDataClient(LiveMarketDataClient):
    """Delivers the catalog's data to a live node's data engine.

    Parameters
    ----------
    instruments : sequence of Instrument
        Put into the cache when the client connects.
    past : mapping of BarType to list of Bar
        What it answers with who asks for past bars, in the order of time.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        past: Mapping[BarType, list[Bar]],
        loop: asyncio.AbstractEventLoop,
        name: str,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
    ) -> None:
        super().__init__(loop, ClientId(name), Venue(name), msgbus, cache, clock, InstrumentProvider())
        self._instruments = instruments
        self._past = past

    def deliver(self, datum: Data) -> None:
        """Tell a simulated venue, whose market moves before its feed tells of it; then put `datum` on the queue."""
        if not isinstance(datum, CustomData):
            self._msgbus.publish(MARKET_TOPIC, datum)
        self._handle_data(datum)

    async def _connect(self) -> None:
        for instrument in self._instruments:
            self._cache.add_instrument(instrument)

    async def _disconnect(self) -> None:
        """Have nothing to close: the player has stopped by now."""

    def subscribe(self, command: Any) -> None:
        """Take note of it: everything is delivered either way."""

    def request_bars(self, request: RequestBars) -> None:
        """Answer with the past bars that have closed by now, none of them earlier than what is asked for."""
        start, now = pd.Timestamp(request.start).value, self._clock.timestamp_ns()
        found = [bar for bar in self._past.get(request.bar_type, ()) if start <= bar.ts_init <= now]
        self._handle_bars(request.bar_type, found, request.id, request.start, request.end, request.params)

    subscribe_bars = unsubscribe_bars = subscribe_instrument = unsubscribe = subscribe
    subscribe_quote_ticks = unsubscribe_quote_ticks = subscribe


def replay_client_factory(
    player: Player, instruments: Sequence[Instrument], past: Mapping[BarType, list[Bar]]
) -> type[LiveDataClientFactory]:
    """Return the factory of replay clients, for `TradingNode.add_data_client_factory`; the player gives to the last."""

    class ReplayClientFactory(LiveDataClientFactory):
        @staticmethod
        def create(
            loop: asyncio.AbstractEventLoop, name: str, config: Any, msgbus: MessageBus, cache: Cache, clock: Clock
        ) -> ReplayDataClient:
            client = ReplayDataClient(instruments, past, loop, name, msgbus, cache, clock)
            player.deliver = client.deliver
            return client

    return ReplayClientFactory
