"""Alpaca's market data in a Nautilus node: the past on request, and what happens now."""

import asyncio
from collections.abc import Iterable
from typing import Final

import pandas as pd
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.data.messages import (
    RequestBars,
    RequestData,
    RequestInstrument,
    RequestInstruments,
    RequestQuoteTicks,
    RequestTradeTicks,
    SubscribeBars,
    SubscribeInstrument,
    SubscribeInstruments,
    SubscribeQuoteTicks,
    SubscribeTradeTicks,
    UnsubscribeBars,
    UnsubscribeInstrument,
    UnsubscribeInstruments,
    UnsubscribeQuoteTicks,
    UnsubscribeTradeTicks,
)
from nautilus_trader.live.data_client import LiveMarketDataClient
from nautilus_trader.model.identifiers import ClientId, InstrumentId
from nautilus_trader.model.instruments import Instrument

from adapters.alpaca import parsing
from adapters.alpaca.config import AlpacaDataClientConfig
from adapters.alpaca.constants import TASK_FAILED
from adapters.alpaca.feed import Feed
from adapters.alpaca.history import HistoryApi, Span
from adapters.alpaca.http import TROUBLE, AlpacaHttp
from adapters.alpaca.live_bars import LiveBars
from adapters.alpaca.providers import AlpacaInstrumentProvider
from adapters.alpaca.schemas import Bar, Frame
from adapters.alpaca.stream import StreamRefusedError
from sagetrade_nautilus.background import Background
from sagetrade_nautilus.errors import DataError
from sagetrade_nautilus.messages import CONNECTIONS_TOPIC, Connection
from sagetrade_nautilus.nanos import NANOS_PER_MINUTE
from sagetrade_nautilus.secrets import Secret

FLUSH_S: Final = 1.0
FETCH_S: Final = 10.0


class AlpacaDataClient(LiveMarketDataClient):
    """Bars, trades and quotes of stocks and crypto.

    Streams are opened with the first subscription. Bars that closed while a stream was away are fetched when it is
    back; trades and quotes of that time are not.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        name: str,
        config: AlpacaDataClientConfig,
        msgbus: MessageBus,
        cache: Cache,
        clock: LiveClock,
        http: AlpacaHttp,
        provider: AlpacaInstrumentProvider,
        key: Secret,
        secret: Secret,
    ) -> None:
        super().__init__(loop, ClientId(name), parsing.VENUE, msgbus, cache, clock, provider, config)
        self._http = http
        self._provider = provider
        self._history = HistoryApi(http, config.stock_feed, config.adjustment)
        self._bars = LiveBars()
        self._behind: set[str] = set()
        self._catching_up = asyncio.Lock()
        paths = {"crypto": "v1beta3/crypto/us", "stocks": f"v2/{config.stock_feed.value}"}
        self._feeds = {kind: self._feed(kind, path, config, key, secret) for kind, path in paths.items()}
        self._running: set[str] = set()
        self._background = Background(lambda error: self._log.exception(TASK_FAILED, error))

    def _feed(self, kind: str, path: str, config: AlpacaDataClientConfig, key: Secret, secret: Secret) -> Feed:
        async def on_frames(frames: list[Frame]) -> None:
            if any(frame.kind == "b" for frame in frames):
                await self._catch_up(kind)
            self._on_frames(frames)

        def up() -> None:
            self._behind.add(kind)
            self._background.begin(self._catch_up(kind))

        def changed(stands: bool) -> None:
            self._msgbus.publish(CONNECTIONS_TOPIC, Connection(f"{self.id} {kind}", stands))

        url = f"{config.stream_url.rstrip('/')}/{path}"
        return Feed(url, key, secret, on_frames, up, self._log.warning, config.backoff_s, changed)

    async def _connect(self) -> None:
        await self._provider.initialize()
        for instrument in self._provider.list_all():
            self._handle_data(instrument)
        self._background.begin(self._flush())

    async def _disconnect(self) -> None:
        await self._background.end()
        self._running.clear()
        await self._http.aclose()

    # What happens now

    async def _subscribe_quote_ticks(self, command: SubscribeQuoteTicks) -> None:
        await self._listen("quotes", command.instrument_id)

    async def _subscribe_trade_ticks(self, command: SubscribeTradeTicks) -> None:
        await self._listen("trades", command.instrument_id)

    async def _subscribe_bars(self, command: SubscribeBars) -> None:
        try:
            self._bars.begin(command.bar_type, self._clock.timestamp_ns())
        except DataError as error:
            self._log.error(str(error))
            return
        await self._listen("bars", command.bar_type.instrument_id)

    async def _unsubscribe_quote_ticks(self, command: UnsubscribeQuoteTicks) -> None:
        await self._feed_of(command.instrument_id).unsubscribe("quotes", command.instrument_id.symbol.value)

    async def _unsubscribe_trade_ticks(self, command: UnsubscribeTradeTicks) -> None:
        await self._feed_of(command.instrument_id).unsubscribe("trades", command.instrument_id.symbol.value)

    async def _unsubscribe_bars(self, command: UnsubscribeBars) -> None:
        identity = command.bar_type.instrument_id
        if self._bars.end(command.bar_type):
            await self._feed_of(identity).unsubscribe("bars", identity.symbol.value)

    async def _listen(self, channel: str, identity: InstrumentId) -> None:
        if self._cache.instrument(identity) is None:
            self._log.error(f"{identity} is not loaded: name it in the provider's `load_ids`")
            return
        kind = _kind(identity)
        await self._feeds[kind].subscribe(channel, identity.symbol.value)
        if kind not in self._running:
            self._running.add(kind)
            self._background.begin(self._run(self._feeds[kind]))

    async def _run(self, feed: Feed) -> None:
        try:
            await feed.run()
        except StreamRefusedError as error:
            self._log.error(str(error))

    def _feed_of(self, identity: InstrumentId) -> Feed:
        return self._feeds[_kind(identity)]

    def _on_frames(self, frames: list[Frame]) -> None:
        for frame in frames:
            market = self._cache.instrument(parsing.instrument_id(frame.symbol))
            try:
                if market is not None:
                    self._on_frame(frame, market)
            except TROUBLE as error:
                self._log.error(f"{frame.symbol}: what the stream sent is left out: {error}")

    def _on_frame(self, frame: Frame, market: Instrument) -> None:
        now = self._clock.timestamp_ns()
        if frame.kind == "b":
            self._on_minutes([parsing.minute(frame)], market)
        elif frame.kind == "t":
            self._deliver(parsing.trades([frame], market, now))
        else:
            self._deliver(parsing.quotes([frame], market, now))

    def _on_minutes(self, rows: list[Bar], market: Instrument) -> None:
        self._deliver(self._bars.add(rows, market, self._clock.timestamp_ns()))

    def _deliver(self, found: Iterable[object]) -> None:
        for datum in found:
            self._handle_data(datum)

    async def _flush(self) -> None:
        """Close bars whose last minutes do not come: most had no trade, but Alpaca is asked first."""
        while True:
            await asyncio.sleep(FLUSH_S)
            for identity in self._bars.due(self._clock.timestamp_ns()):
                await self._fetch_minutes(identity)
                self._deliver(self._bars.flush(identity, self._clock.timestamp_ns()))

    async def _catch_up(self, kind: str) -> None:
        """After a stream was away, fetch the minutes that passed. Whoever has a newer one waits for it."""
        async with self._catching_up:
            if kind in self._behind:
                for identity in self._bars.heard():
                    if _kind(identity) == kind:
                        await self._fetch_minutes(identity)
                self._behind.discard(kind)

    async def _fetch_minutes(self, identity: InstrumentId) -> None:
        """Take the minutes that were not heard. A bar of which some cannot be had is left out."""
        since_ns = self._bars.heard().get(identity)
        market = self._cache.instrument(identity)
        if since_ns is None or market is None:
            return
        try:
            async with asyncio.timeout(FETCH_S):
                rows = await self._history.bars(Span(symbol=identity.symbol.value, start_ns=since_ns), "1Min")
            self._on_minutes(self._complete(rows, NANOS_PER_MINUTE), market)
        except (*TROUBLE, TimeoutError) as error:
            self._bars.forget(identity, self._clock.timestamp_ns())
            self._log.error(f"{identity}: bars are left out, some of their minutes cannot be had: {error}")

    # The past

    async def _request_bars(self, request: RequestBars) -> None:
        bar_type = request.bar_type
        market = self._market(bar_type.instrument_id)
        if market is None:
            return
        try:
            name, length = parsing.timeframe(bar_type)
            rows = await self._history.bars(_span(request, bar_type.instrument_id, length), name)
            found = parsing.bars(self._complete(rows, length), bar_type, market)
        except TROUBLE as error:
            self._log.error(f"{bar_type}: {error}")
            return
        self._handle_bars(bar_type, found, request.id, request.start, request.end, request.params)

    async def _request_trade_ticks(self, request: RequestTradeTicks) -> None:
        market = self._market(request.instrument_id)
        if market is None:
            return
        try:
            found = parsing.trades(await self._history.trades(_span(request, market.id)), market)
        except TROUBLE as error:
            self._log.error(f"{market.id}: {error}")
            return
        self._handle_trade_ticks(market.id, found, request.id, request.start, request.end, request.params)

    async def _request_quote_ticks(self, request: RequestQuoteTicks) -> None:
        market = self._market(request.instrument_id)
        if market is None:
            return
        try:
            found = parsing.quotes(await self._history.quotes(_span(request, market.id)), market)
        except TROUBLE as error:
            self._log.error(f"{market.id}: {error}")
            return
        self._handle_quote_ticks(market.id, found, request.id, request.start, request.end, request.params)

    def _complete(self, rows: list[Bar], length_ns: int) -> list[Bar]:
        """Return the bars without the one that is still being made."""
        now = self._clock.timestamp_ns()
        return [row for row in rows if parsing.nanos(row.t) + length_ns <= now]

    def _market(self, identity: InstrumentId) -> Instrument | None:
        market = self._cache.instrument(identity)
        if market is None:
            self._log.error(f"{identity} is not loaded: name it in the provider's `load_ids`")
        return market

    # Instruments

    async def _request_instrument(self, request: RequestInstrument) -> None:
        instrument = self._provider.find(request.instrument_id)
        if instrument is None:
            self._log.error(f"{request.instrument_id} is not loaded: name it in the provider's `load_ids`")
            return
        self._handle_instrument(instrument, request.id, request.start, request.end, request.params)

    async def _request_instruments(self, request: RequestInstruments) -> None:
        found = self._provider.list_all()
        self._handle_instruments(parsing.VENUE, found, request.id, request.start, request.end, request.params)

    async def _subscribe_instrument(self, command: SubscribeInstrument) -> None:
        """What an instrument is does not change while a node runs."""

    async def _subscribe_instruments(self, command: SubscribeInstruments) -> None:
        """As above."""

    async def _unsubscribe_instrument(self, command: UnsubscribeInstrument) -> None:
        """As above."""

    async def _unsubscribe_instruments(self, command: UnsubscribeInstruments) -> None:
        """As above."""


def _kind(identity: InstrumentId) -> str:
    return "crypto" if parsing.is_crypto(identity) else "stocks"


def _span(request: RequestData, identity: InstrumentId, length_ns: int = 0) -> Span:
    """Return what to ask Alpaca for; bars are asked for by when they open, and meant by when they close."""
    start, end = (_nanos(moment, length_ns) for moment in (request.start, request.end))
    return Span(symbol=identity.symbol.value, start_ns=start, end_ns=end, limit=request.limit or 0)


def _nanos(moment: pd.Timestamp | None, length_ns: int) -> int | None:
    return None if moment is None else int(pd.Timestamp(moment).as_unit("ns").value) - length_ns
