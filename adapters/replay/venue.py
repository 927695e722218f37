"""A venue for replays: Nautilus's simulated exchange behind a live execution client, exactly as a backtest has it.

Not Nautilus's `SandboxExecutionClient`: that one never sees a bar, has no latency, and its fill and fee models cannot
be chosen. It also reads the node's cache for the state of its orders while the node's events still wait in a queue; a
`ReplayNode` applies what a venue says at once, so here the exchange finds its orders as they are.
"""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from nautilus_trader.backtest import node as settings
from nautilus_trader.backtest.config import BacktestVenueConfig
from nautilus_trader.backtest.engine import SimulatedExchange
from nautilus_trader.backtest.execution_client import BacktestExecClient
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus, TestClock, TimeEvent
from nautilus_trader.common.config import ActorFactory
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.live.execution_client import LiveExecutionClient
from nautilus_trader.live.factories import LiveExecClientFactory
from nautilus_trader.model.data import Bar
from nautilus_trader.model.identifiers import AccountId, ClientId, Venue
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.portfolio.base import PortfolioFacade

from adapters.replay.player import Player
from sagetrade_nautilus.messages import MARKET_TOPIC


class ReplayVenueClient(LiveExecutionClient):
    """Sends every command to a simulated exchange, where it arrives after the configured latency.

    Parameters
    ----------
    venue : BacktestVenueConfig
        The venue as a backtest has it: account, fill model, fees, latency.
    instruments : sequence of Instrument
        What is traded there.
    """

    def __init__(
        self,
        venue: BacktestVenueConfig,
        instruments: Sequence[Instrument],
        portfolio: PortfolioFacade,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        cache: Cache,
        clock: TestClock,
    ) -> None:
        oms, account = settings.get_oms_type(venue), settings.get_account_type(venue)
        currency = settings.get_base_currency(venue)
        name = Venue(venue.name)
        super().__init__(
            loop, ClientId(venue.name), name, oms, account, currency, InstrumentProvider(), msgbus, cache, clock
        )
        self._set_account_id(AccountId(f"{venue.name}-001"))
        self._instruments = instruments
        latency = settings.get_latency_model(venue)
        self._latency_ns = latency.insert_latency_nanos if latency is not None else 0
        self._exchange = SimulatedExchange(
            venue=name,
            oms_type=oms,
            account_type=account,
            starting_balances=settings.get_starting_balances(venue),
            base_currency=currency,
            default_leverage=Decimal(venue.default_leverage),
            leverages={},
            modules=[ActorFactory.create(module) for module in venue.modules or []],
            portfolio=portfolio,
            msgbus=msgbus,
            cache=cache,
            clock=clock,
            fill_model=settings.get_fill_model(venue),
            fee_model=settings.get_fee_model(venue),
            latency_model=latency,
            reject_stop_orders=venue.reject_stop_orders,
            bar_adaptive_high_low_ordering=venue.bar_adaptive_high_low_ordering,
        )
        self._client = BacktestExecClient(self._exchange, msgbus, cache, clock)
        self._exchange.register_client(self._client)
        self._has_arrived = False

    async def _connect(self) -> None:
        for instrument in self._instruments:
            self._exchange.add_instrument(instrument)
        self._client._start()
        self._exchange.initialize_account()
        self._msgbus.subscribe(MARKET_TOPIC, self._move)

    async def _disconnect(self) -> None:
        self._msgbus.unsubscribe(MARKET_TOPIC, self._move)
        self._client._stop()

    def _move(self, datum: Any) -> None:
        if isinstance(datum, Bar):
            self._exchange.process_bar(datum)

    # Commands. They reach the exchange when their latency is over, whatever the market does meanwhile.

    def submit_order(self, command: Any) -> None:
        self._client.submit_order(command)
        self._wake()

    def submit_order_list(self, command: Any) -> None:
        self._client.submit_order_list(command)
        self._wake()

    def modify_order(self, command: Any) -> None:
        self._client.modify_order(command)
        self._wake()

    def cancel_order(self, command: Any) -> None:
        self._client.cancel_order(command)
        self._wake()

    def cancel_all_orders(self, command: Any) -> None:
        self._client.cancel_all_orders(command)
        self._wake()

    def batch_cancel_orders(self, command: Any) -> None:
        self._client.batch_cancel_orders(command)
        self._wake()

    def query_order(self, command: Any) -> None:
        """Say nothing: what this venue said has been heard."""

    query_account = query_order

    def arrive(self) -> bool:
        """Take up what has arrived without any latency; return whether there was something."""
        if not self._has_arrived:
            return False
        self._has_arrived = False
        self._settle()
        return True

    def _wake(self) -> None:
        if not self._latency_ns:
            self._has_arrived = True  # and it is taken up when the node is done with what it does now
            return
        arrival_ns = self._clock.timestamp_ns() + self._latency_ns
        name = f"venue-{arrival_ns}"
        if name not in self._clock.timer_names:
            self._clock.set_time_alert_ns(name, arrival_ns, self._settle)

    def _settle(self, event: TimeEvent | None = None) -> None:
        """Take up what has arrived, and match it, until nothing is left to do now."""
        now_ns = self._clock.timestamp_ns()
        self._exchange.process(now_ns)
        for engine in self._exchange.get_matching_engines().values():
            engine.iterate(now_ns)

    # Nothing is left of an earlier life

    async def generate_order_status_report(self, command: Any) -> None:
        return None

    async def generate_order_status_reports(self, command: Any) -> list[Any]:
        return []

    async def generate_fill_reports(self, command: Any) -> list[Any]:
        return []

    async def generate_position_status_reports(self, command: Any) -> list[Any]:
        return []


def replay_venue_factory(
    venue: BacktestVenueConfig, instruments: Sequence[Instrument], portfolio: PortfolioFacade, player: Player
) -> type[LiveExecClientFactory]:
    """Return the factory of the venue that `player` plays to, for `TradingNode.add_exec_client_factory`."""

    class ReplayVenueFactory(LiveExecClientFactory):
        @staticmethod
        def create(
            loop: asyncio.AbstractEventLoop, name: str, config: Any, msgbus: MessageBus, cache: Cache, clock: TestClock
        ) -> ReplayVenueClient:
            client = ReplayVenueClient(venue, instruments, portfolio, loop, msgbus, cache, clock)
            player.arrive = client.arrive
            return client

    return ReplayVenueFactory
