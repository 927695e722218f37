"""A simulated venue with books of its own: Nautilus's matching engines, and cache, portfolio and account beside them.

Nautilus's sandbox lets its exchange read and change the node's own orders, whose events come late in a live node, and
forgets everything at the end. This venue knows only what it was sent. What it does it does in one transaction: a
command is kept before it travels, and the effects of a datum or command are kept together before anybody hears of them.
So a death at any point leaves it as it was before or after, never between.
"""

import heapq
from collections.abc import Callable
from hashlib import sha256
from random import Random

import msgspec
from nautilus_trader.backtest.engine import OrderMatchingEngine
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.core.data import Data
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.engine import ExecutionEngine
from nautilus_trader.execution.messages import TradingCommand
from nautilus_trader.model.data import (
    Bar,
    InstrumentClose,
    InstrumentStatus,
    OrderBookDelta,
    OrderBookDeltas,
    OrderBookDepth10,
    QuoteTick,
    TradeTick,
)
from nautilus_trader.model.enums import BookType
from nautilus_trader.model.events import AccountState, OrderEvent, OrderInitialized, OrderSubmitted
from nautilus_trader.model.identifiers import AccountId, InstrumentId, PositionId, TraderId, VenueOrderId
from nautilus_trader.model.instruments import Instrument
from nautilus_trader.model.orders import Order
from nautilus_trader.portfolio.portfolio import Portfolio

from adapters.paper.account import account_type, oms_type, open_account
from adapters.paper.client import BooksClient
from adapters.paper.commands import Commands, saved_command
from adapters.paper.config import PaperExecClientConfig
from adapters.paper.fees import BpsFeeModel, BpsFeeModelConfig
from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from sagetrade_nautilus.execution.order_store import OrderStore
from sagetrade_nautilus.execution.packing import pack
from sagetrade_nautilus.nanos import NANOS_PER_MILLISECOND
from sagetrade_nautilus.orders import orders_of, unsent_copy

LIVES_BETWEEN_IDS = 1_000
LIFE, ACCOUNT, COMMAND = "life", "account", "command-"


class PaperVenue:
    """A venue that takes commands and market data, and tells what becomes of them.

    Parameters
    ----------
    config : PaperExecClientConfig
        Its account, costs and faults.
    trader_id : TraderId
        Whose orders it takes.
    tell : callable
        Told of each event of an order after it is kept.
    """

    def __init__(
        self, config: PaperExecClientConfig, trader_id: TraderId, store: OrderStore, tell: Callable[[OrderEvent], None]
    ) -> None:
        self._config = config
        self._store = store
        self._tell = tell
        self._latency_ns = round(config.latency_ms * NANOS_PER_MILLISECOND)
        self._oms = oms_type(config)
        self._fills = DepthFillModel(DepthFillModelConfig(config.slippage_bps, config.depth, config.depth_levels))
        self._fees = BpsFeeModel(BpsFeeModelConfig(config.maker_fee_bps, config.taker_fee_bps))
        self.clock = TestClock()
        self.cache = Cache()
        self.account_id = AccountId(f"{config.venue}-001")
        self._bus = MessageBus(trader_id, self.clock)
        self._portfolio = Portfolio(self._bus, self.cache, self.clock)
        self._engine = ExecutionEngine(self._bus, self.cache, self.clock)
        self._engine.register_client(BooksClient(config, self.account_id, self._bus, self.cache, self.clock))
        self._bus.deregister("ExecEngine.process", self._engine.process)
        self._bus.register("ExecEngine.process", self._hear)
        self._engines: dict[InstrumentId, OrderMatchingEngine] = {}
        self._commands = Commands(self._engines, self._bus, self.cache, self.account_id, self._is_refused)
        self._traveling: list[tuple[int, int, TradingCommand]] = []
        self._waiting: list[tuple[int, int, TradingCommand]] = []
        self._sent = 0
        self._news: list[OrderEvent] = []
        self._untold: list[OrderEvent] = []
        self._is_telling = self._is_restoring = False

    # Coming to life

    def open(self, instruments: list[Instrument], now: int) -> None:
        """Take up what the file holds, and trade `instruments`. Nothing that was open is asked to fit anew."""
        self.clock.set_time(now)
        self._life = self._store.count(LIFE) + 1
        with self._store.changes():
            self._store.write("notes", LIFE, str(self._life).encode())
            for instrument in instruments:
                self._store.add_instrument(instrument)
        for instrument in self._store.instruments():
            self.cache.add_instrument(instrument)
            self._add_engine(instrument)
        raw = self._store.notes(ACCOUNT).get(ACCOUNT)
        account = open_account(self._config, self.account_id, None if raw is None else self._store.unpack(raw), now)
        self.cache.add_account(account)
        self._kept_account = account.last_event
        orders = self._store.restore(self.cache, self._oms)
        self._portfolio.initialize_positions()
        self._is_restoring = True
        for order in orders:
            if order.venue_order_id is None:
                self._number(order)
            if order.is_open:
                self._engines[order.instrument_id].accept_order(order)
        self._is_restoring = False
        for name, raw in self._store.notes(COMMAND).items():
            arrival, packed = saved_command(raw)
            self._sent = int(name.removeprefix(COMMAND))
            heapq.heappush(self._traveling, (arrival, self._sent, self._store.unpack(packed.encode())))

    def _add_engine(self, instrument: Instrument) -> None:
        number = len(self._engines) + 1 + (self._life - 1) * LIVES_BETWEEN_IDS  # no id of an earlier life comes again
        self._engines[instrument.id] = OrderMatchingEngine(
            instrument=instrument,
            raw_id=number,
            fill_model=self._fills,
            fee_model=self._fees,
            book_type=BookType.L1_MBP,
            oms_type=self._oms,
            account_type=account_type(self._config),
            msgbus=self._bus,
            cache=self.cache,
            clock=self.clock,
            reject_stop_orders=False,  # as the backtest has it: a stop that is in the market already must fill
            bar_adaptive_high_low_ordering=True,
        )

    def account_state(self) -> AccountState:
        """Return the account as it is."""
        return self.cache.account(self.account_id).last_event

    def instrument_ids(self) -> list[InstrumentId]:
        """Return what is traded."""
        return list(self._engines)

    # Commands

    def send(self, command: TradingCommand, now: int) -> int:
        """Take a command on its way, and return when it arrives; call `settle` then.

        A command whose orders were all taken before is left out: nothing can be sent twice.
        """
        arrival = now + self._latency_ns
        with self._store.changes():
            command = self._copied(command, now)
            if command is not None:
                self._sent += 1
                heapq.heappush(self._traveling, (arrival, self._sent, command))
                raw = msgspec.json.encode((arrival, pack(command).decode()))
                self._store.write("notes", f"{COMMAND}{self._sent:012d}", raw)
            self._keep()
        return arrival

    def next_arrival(self) -> int | None:
        """Return when the next command arrives."""
        return self._traveling[0][0] if self._traveling else None

    def settle(self, now: int) -> None:
        """Carry out what has arrived by `now`, in the order of arrival.

        What asks for the market's price waits where the venue has not seen one since it came to life.
        """
        while self._traveling and self._traveling[0][0] <= now:
            arrival, number, command = heapq.heappop(self._traveling)
            if self._commands.needs_a_price(command):
                self._waiting.append((arrival, number, command))
                continue
            with self._store.changes():
                self._store.write("notes", f"{COMMAND}{number:012d}", None)
                self._advance(arrival)
                self._commands.carry_out(command, self.clock.timestamp_ns())
                self._keep()
            self._tell_all()

    def _copied(self, command: TradingCommand, now: int) -> TradingCommand | None:
        """Return the command with orders of our own in it, which are submitted; ``None`` if all are known already."""
        orders = orders_of(command)
        if not orders:
            return command
        fresh = [order for order in orders if not self._store.has(order.client_order_id)]
        for order in fresh:
            self._take(unsent_copy(order), command.position_id, now)
        return command if fresh else None

    def _take(self, order: Order, position_id: PositionId | None, now: int) -> None:
        self._news.append(order.init_event)
        self.cache.add_order(order, position_id)
        self._number(order)
        names = (order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id)
        self._advance(now)
        self._hear(OrderSubmitted(*names, self.account_id, UUID4(), now, now))

    def _number(self, order: Order) -> None:
        """Give an order its venue id, the same in every life: it is known before the order arrives."""
        number = f"P{sha256(order.client_order_id.value.encode()).hexdigest()[:16]}"
        self.cache.add_venue_order_id(order.client_order_id, VenueOrderId(number))

    def _is_refused(self, order: Order) -> bool:
        """Tell whether the venue rejects an order for no reason; the same answer in every life."""
        chance = Random(f"{self._config.seed} {order.client_order_id}")  # noqa: S311 - it must be repeatable
        return chance.random() < self._config.reject_share

    # The market

    def show(self, datum: Data) -> None:
        """Let the market move; what arrived before goes first. What is no market datum moves nothing."""
        place = datum.bar_type if isinstance(datum, Bar) else datum
        engine = self._engines.get(getattr(place, "instrument_id", None))
        if engine is None:
            return
        self.settle(datum.ts_init - 1)
        self._fills.shown = datum
        with self._store.changes():
            self._move(engine, datum)
            self._keep()
        self._advance(datum.ts_init)
        self._tell_all()
        if self._waiting:
            for waiting in self._waiting:
                heapq.heappush(self._traveling, waiting)
            self._waiting.clear()
            self.settle(datum.ts_init)

    def _move(self, engine: OrderMatchingEngine, datum: Data) -> None:
        if isinstance(datum, Bar):
            self.cache.add_bar(datum)
            engine.process_bar(datum)
        elif isinstance(datum, QuoteTick):
            self.cache.add_quote_tick(datum)
            engine.process_quote_tick(datum)
        elif isinstance(datum, TradeTick):
            self.cache.add_trade_tick(datum)
            engine.process_trade_tick(datum)
        elif isinstance(datum, OrderBookDelta):
            engine.process_order_book_delta(datum)
        elif isinstance(datum, OrderBookDeltas):
            engine.process_order_book_deltas(datum)
        elif isinstance(datum, OrderBookDepth10):
            engine.process_order_book_depth10(datum)
        elif isinstance(datum, InstrumentStatus):
            engine.process_status(datum.action)
        elif isinstance(datum, InstrumentClose):
            engine.process_instrument_close(datum)

    def _advance(self, now: int) -> None:
        """Let time pass; it never goes back."""
        self.clock.set_time(max(now, self.clock.timestamp_ns()))

    # What comes of it

    def _hear(self, event: OrderEvent) -> None:
        """Apply an event of the matching engines to our books."""
        if not self._is_restoring:
            self._engine.process(event)
            self._news.append(event)

    def _keep(self) -> None:
        """Keep the news, and note them for telling."""
        if not self._news:
            return
        news, self._news = self._news, []
        self._store.add_events(news, self.cache)
        self._untold += [event for event in news if not isinstance(event, OrderInitialized | OrderSubmitted)]
        state = self.account_state()
        if state is not self._kept_account:
            self._kept_account = state
            self._store.write("notes", ACCOUNT, pack(state))

    def _tell_all(self) -> None:
        """Tell what is kept, in order, also if the telling brings forth more."""
        if self._is_telling:
            return
        self._is_telling = True
        try:
            while self._untold:
                self._tell(self._untold.pop(0))
        finally:
            self._is_telling = False
