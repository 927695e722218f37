"""The paper execution client: a thin shell between a node and the paper venue.

The venue answers in its own time: a command arrives `latency_ms` later, and what it brings about is told at once. After
a restart the node's reconciliation is answered from what the venue saved.
"""

import asyncio
from pathlib import Path
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import Clock, MessageBus
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.core.data import Data
from nautilus_trader.execution.reports import FillReport, OrderStatusReport, PositionStatusReport
from nautilus_trader.live.execution_client import LiveExecutionClient
from nautilus_trader.model.enums import OrderStatus
from nautilus_trader.model.events import AccountState, OrderAccepted, OrderEvent
from nautilus_trader.model.identifiers import ClientId, ClientOrderId, InstrumentId, Venue, VenueOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.orders import Order

from adapters.paper import reports
from adapters.paper.account import account_type, base_currency, oms_type, open_account, set_leverage
from adapters.paper.agreement import Agreement
from adapters.paper.arrivals import Arrivals
from adapters.paper.config import PaperExecClientConfig
from adapters.paper.venue import PaperVenue
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.execution.order_store import OrderStore
from sagetrade_nautilus.messages import MARKET_TOPIC, ORDER_WATCH_TOPIC, OrderUnknown

BEFORE_THE_NODE = 100
"""Priority on the data topics: the venue knows the market before a strategy acts on it."""
PATIENCE_S = 30.0
TRY_S = 0.01
LOST = "it was sent by a node that has died since, and the paper venue does not have it"


class PaperExecutionClient(LiveExecutionClient):
    """Trades on a `PaperVenue`.

    Parameters
    ----------
    loop, msgbus, cache, clock
        The node's.
    config : PaperExecClientConfig
        The venue.

    Raises
    ------
    ConfigError
        No instrument is named, or one is not of this venue.
    StateError
        The venue's file is held by another process, or damaged.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        msgbus: MessageBus,
        cache: Cache,
        clock: Clock,
        config: PaperExecClientConfig,
    ) -> None:
        self._ids = [InstrumentId.from_str(name) for name in config.instruments]
        strange = [str(found) for found in self._ids if found.venue.value != config.venue]
        if strange or not self._ids:
            raise ConfigError(f"paper venue {config.venue}: `instruments`: {strange or 'none'}; name some of its own")
        store = OrderStore(Path(config.state) if config.state else None, survives_power_loss=config.survives_power_loss)
        self._store = store
        self._paper = PaperVenue(config, msgbus.trader_id, store, self._on_news)
        self._settings = config
        self._arrivals = Arrivals(loop, clock, self._paper, follows_data=config.time == "data")
        super().__init__(
            loop=loop,
            client_id=ClientId(config.venue),
            venue=Venue(config.venue),
            oms_type=oms_type(config),
            account_type=account_type(config),
            base_currency=base_currency(config),
            instrument_provider=InstrumentProvider(),
            msgbus=msgbus,
            cache=cache,
            clock=clock,
            config=config,
        )
        self._set_account_id(self._paper.account_id)
        self._agreement = Agreement(msgbus, cache, self.account_id, self._paper.account_state, self._report_account)

    # Coming and going

    async def _connect(self) -> None:
        self._paper.open(await self._instruments(), self._arrivals.now())
        state = self._paper.account_state()
        if self._cache.account(self.account_id) is None:
            self._cache.add_account(open_account(self._settings, self.account_id, state, self._arrivals.now()))
        self._report_account(state)
        set_leverage(self._settings, self._cache.account(self.account_id))
        self._give_up_lost()
        for topic in self._topics():
            self._msgbus.subscribe(topic=topic, handler=self._on_datum, priority=BEFORE_THE_NODE)
        self._arrivals.plan()

    async def _disconnect(self) -> None:
        self._arrivals.end()
        for topic in self._topics():
            self._msgbus.unsubscribe(topic=topic, handler=self._on_datum)
        self._store.close()

    async def _instruments(self) -> list[Instrument]:
        """Return the definitions of what is traded, once the node has them."""
        tries = round(PATIENCE_S / TRY_S)
        for _ in range(tries):
            found = [self._cache.instrument(instrument_id) for instrument_id in self._ids]
            if None not in found:
                return found
            await asyncio.sleep(TRY_S)
        known = {instrument.id for instrument in self._store.instruments()}
        missing = [str(found) for found in self._ids if self._cache.instrument(found) is None and found not in known]
        if missing:
            raise ConfigError(f"paper venue {self.id}: no data client of this node knows {', '.join(missing)}")
        return [instrument for instrument in self._store.instruments() if instrument.id in self._ids]

    def _give_up_lost(self) -> None:
        """Tell of what another life of the node had sent, and never came here, that it was not taken.

        So a strategy finds a position bare, and protects it, that would count as protected, or as being closed, until
        Nautilus gives the order up half a minute later.
        """
        for order in self._cache.orders_inflight(venue=self.venue):
            if order.status == OrderStatus.SUBMITTED and not self._store.has(order.client_order_id):
                names = (order.strategy_id, order.instrument_id, order.client_order_id)
                self.generate_order_rejected(*names, LOST, self._clock.timestamp_ns())

    def _topics(self) -> list[str]:
        if self._settings.hears == "ahead":
            return [MARKET_TOPIC]
        kinds = ("quotes", "trades", "book.deltas", "book.depth", "status")
        ticks = [f"data.{kind}.{found.venue}.{found.symbol}" for found in self._ids for kind in kinds]
        return ticks + [
            f"data.{kind}" for found in self._ids for kind in (f"venue.close_price.{found}", f"bars.{found}-*")
        ]

    # The market

    def _on_datum(self, datum: Data) -> None:
        self._arrivals.heard(datum.ts_init)
        self._paper.show(datum)

    # Commands

    def submit_order(self, command: Any) -> None:
        self._submit(command, [command.order])

    def submit_order_list(self, command: Any) -> None:
        self._submit(command, command.order_list.orders)

    def modify_order(self, command: Any) -> None:
        self._send(command)

    def cancel_order(self, command: Any) -> None:
        self._send(command)

    def cancel_all_orders(self, command: Any) -> None:
        self._send(command)

    def batch_cancel_orders(self, command: Any) -> None:
        self._send(command)

    def _submit(self, command: Any, orders: list[Order]) -> None:
        """Keep orders at the venue, then say that they are on their way; for repeats say what has become of them."""
        strange = {order.instrument_id for order in orders} - set(self._paper.instrument_ids())
        known = [order for order in orders if self._store.has(order.client_order_id)]
        if not strange:
            self._paper.send(command, self._arrivals.now())
        for order in orders:
            names = (order.strategy_id, order.instrument_id, order.client_order_id)
            if strange:
                why = f"this paper venue does not trade {', '.join(map(str, sorted(strange)))}"
                self.generate_order_rejected(*names, why, self._clock.timestamp_ns())
            elif order in known:
                self._send_order_status_report(self._order_report(order.client_order_id))
            else:
                self.generate_order_submitted(*names, self._clock.timestamp_ns())
        self._arrivals.plan()

    def _send(self, command: Any) -> None:
        self._paper.send(command, self._arrivals.now())
        self._arrivals.plan()

    # What the venue tells

    def _on_news(self, news: OrderEvent) -> None:
        if not (isinstance(news, OrderAccepted) and self._is_accepted(news.client_order_id)):
            self._agreement.told(news)
            self._send_order_event(news)

    def _is_accepted(self, client_order_id: ClientOrderId) -> bool:
        """Whether the node has been told already, by a report on an order that waited."""
        order = self._cache.order(client_order_id)
        return order is not None and order.venue_order_id is not None

    def _report_account(self, state: AccountState) -> None:
        self.generate_account_state(state.balances, state.margins, True, state.ts_event)

    # What the venue has

    async def generate_order_status_report(self, command: Any) -> OrderStatusReport | None:
        return self._order_report(command.client_order_id)

    def _order_report(self, client_order_id: ClientOrderId) -> OrderStatusReport | None:
        order = self._paper.cache.order(client_order_id) or self._store.order(client_order_id)
        if order is None:
            self._msgbus.publish(ORDER_WATCH_TOPIC, OrderUnknown(client_order_id.value))
            return None
        return self._report(order)

    def _report(self, order: Order) -> OrderStatusReport:
        number = order.venue_order_id or self._paper.cache.venue_order_id(order.client_order_id)
        return reports.order_report(order, number or VenueOrderId("P0"), self.account_id, self._arrivals.now())

    async def generate_order_status_reports(self, command: Any) -> list[OrderStatusReport]:
        orders = [
            order for order in self._current(command.instrument_id) if not command.open_only or not order.is_closed
        ]
        return [self._report(order) for order in orders]

    async def generate_fill_reports(self, command: Any) -> list[FillReport]:
        orders = self._current(command.instrument_id)
        return [fill for order in orders for fill in reports.fill_reports(order, self.account_id, self._arrivals.now())]

    async def generate_position_status_reports(self, command: Any) -> list[PositionStatusReport]:
        ids = [found for found in self._paper.instrument_ids() if command.instrument_id in (None, found)]
        return [
            report
            for found in ids
            for report in reports.position_reports(
                self._paper.cache.positions_open(instrument_id=found),
                self._paper.cache.instrument(found),
                self.oms_type,
                self.account_id,
                self._arrivals.now(),
            )
        ]

    def _current(self, instrument_id: InstrumentId | None) -> list[Order]:
        """Return what the node must know: what is open, what it thinks open, and what made the open positions."""
        behind = {name for position in self._paper.cache.positions_open() for name in position.client_order_ids}
        mine = self._paper.cache.orders()
        known = {order.client_order_id for order in mine}
        lost = [
            self._store.order(order.client_order_id)
            for order in self._cache.orders(venue=self.venue)
            if not order.is_closed and order.client_order_id not in known
        ]
        chosen = [
            order for order in mine if not order.is_closed or order.client_order_id in behind or self._is_open(order)
        ]
        return reports.wanted(instrument_id, [*chosen, *(order for order in lost if order is not None)])

    def _is_open(self, order: Order) -> bool:
        """Whether the node thinks that a closed order is open."""
        theirs = self._cache.order(order.client_order_id)
        return theirs is not None and not theirs.is_closed
