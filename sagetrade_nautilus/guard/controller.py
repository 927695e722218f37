"""The guard as a Nautilus controller: named in the run's configuration, it stands before the first strategy does."""

import time
from collections.abc import Callable, Mapping
from math import nan
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.common.component import LiveClock
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.events import OrderFilled, PositionClosed, PositionEvent, PositionOpened
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, Venue
from nautilus_trader.model.objects import Currency, Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.controller import Controller

from sagetrade_nautilus.account import result
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.breaker import memory
from sagetrade_nautilus.guard.breaker.breaker import Trip
from sagetrade_nautilus.guard.breaker.circuit import Circuit
from sagetrade_nautilus.guard.breaker.drift import ClockSteps
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.clusters import Clusters
from sagetrade_nautilus.guard.gate.account import Switch, stricter
from sagetrade_nautilus.guard.gate.book import Book
from sagetrade_nautilus.guard.gate.gate import Gate
from sagetrade_nautilus.guard.gate.ledger import Ledger
from sagetrade_nautilus.guard.gate.limits import standard_limits
from sagetrade_nautilus.guard.guard_config import GuardConfig
from sagetrade_nautilus.guard.journal.journal import Journal
from sagetrade_nautilus.guard.journal.records import BREAKER_SUBJECT
from sagetrade_nautilus.guard.journal.scribe import Scribe
from sagetrade_nautilus.guard.owners import Owners
from sagetrade_nautilus.guard.standing import Denial, Standing
from sagetrade_nautilus.guard.stray_fills import guard_fills
from sagetrade_nautilus.guard.switch.heartbeat import beside
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.live import LiveSwitch
from sagetrade_nautilus.guard.switch.response import Response, SwitchResponse
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.guard.view import GuardView, guard_view
from sagetrade_nautilus.messages import (
    GUARD_VIEW_ENDPOINT,
    RECONCILED_ENDPOINT,
    RISK_BUDGET_TOPIC,
    TRADING_STATE_TOPIC,
    WIND_DOWN_ENDPOINT,
    TradingState,
)
from sagetrade_nautilus.nanos import NANOS_PER_DAY
from sagetrade_nautilus.prices import Prices

DAY_TIMER = "guard-day"
CLOCK_STEP = "max_clock_step_ms"
TRIPPING = frozenset({"max_repeated_orders"})
"""Limits whose denial says that something runs wild: the circuit breaker trips too."""
RUNNING = Switch(State.RUNNING, flatten=False, reason="")
UNRECONCILED = Switch(State.HALTED, flatten=False, reason="reconciliation: are our books the venue's? Not known yet")


class Guard(Controller):
    """Installs the gate and the circuit breaker, keeps the journal, and tells strategies what loss budget is left."""

    def __init__(self, trader: Any, config: GuardConfig) -> None:
        super().__init__(trader=trader, config=config)
        run = msgspec.structs.replace(config.run, trader=trader.id.value)
        self._latch = Latch(Path(config.latch)) if config.latch else None
        self._journal = Journal(Path(config.journal), run, fsync=config.fsync)
        self._own = UNRECONCILED if config.awaits_reconciliation else RUNNING

    def register_base(self, portfolio: Any, msgbus: Any, cache: Any, clock: Any) -> None:
        """Take over the execution endpoint. Nautilus calls this before any strategy exists.

        Raises
        ------
        GuardError
            Orders could reach a venue and there is no kill switch, or the gate has no place in this engine.
        """
        super().register_base(portfolio, msgbus, cache, clock)
        config = self.config
        self._scribe = Scribe(self._journal, self.msgbus, self.cache, self.clock)
        self._gate = Gate(
            self.msgbus, self.cache, self.clock, standard_limits(config.limits), config.limits.max_messages_per_s, self
        )
        self._response, self._live = self._arm()
        self._owners = Owners(self.cache, self._trader.strategy_ids, self._scribe, self.log, self._response.look)
        venue, currency = Venue(config.venue), Currency.from_str(config.currency)
        self._bar_types: dict[InstrumentId, BarType] = {}
        self._ledger = Ledger(self.cache, venue, currency, self._gate.pending, self._owners.reduce_only)
        self._clusters = Clusters(self.cache, config.limits.clusters, config.limits.max_correlation)
        self._circuit = Circuit(
            config.limits, config.breaker, self._memory_file(), self._latch, self._on_trip, self._on_release
        )
        self._gate.install(self._trader._exec_engine)
        guard_fills(self._trader._exec_engine, self.cache, lambda: self.is_running, self._owners.lose)
        self._scribe.listen()
        self.msgbus.register(WIND_DOWN_ENDPOINT, self.wind_down)
        self.msgbus.register(GUARD_VIEW_ENDPOINT, self._show)
        self.msgbus.register(RECONCILED_ENDPOINT, self._on_reconciled)

    def on_start(self) -> None:
        self._circuit.wake(self.clock.timestamp_ns())
        self.look()
        self._owners.look()
        self.msgbus.subscribe(topic="events.position.*", handler=self._on_position)
        self.msgbus.subscribe(topic="events.order.*", handler=self._on_order)
        self.msgbus.subscribe(topic="data.bars.*", handler=self._on_price)
        if self._live is not None:
            self._live.start()
        if isinstance(self.clock, LiveClock):
            return  # every heartbeat looks
        self.clock.set_timer_ns(
            name=DAY_TIMER,
            interval_ns=NANOS_PER_DAY,
            start_time_ns=self.clock.timestamp_ns() // NANOS_PER_DAY * NANOS_PER_DAY,  # so first at the next midnight
            stop_time_ns=0,
            callback=lambda event: self.look(),
        )
        if self._live is None and self.switch().state > State.RUNNING:
            self._respond()

    def on_stop(self) -> None:
        self._journal.sync()  # strategies stop after the guard: their last orders are still journaled

    def on_dispose(self) -> None:
        if self._live is not None:
            self._live.end()
        self._journal.close()

    def _arm(self) -> tuple[SwitchResponse, LiveSwitch | None]:
        """Return what answers a stop and, in a live node, what hears of it."""
        parts = (self.msgbus, self.cache, self.clock, self._gate.pending, self._barred)
        loop = self._trader._loop
        if loop is None and not isinstance(self.clock, LiveClock):
            return SwitchResponse(*parts), None
        if self._latch is None or loop is None:
            raise GuardError("a live node needs a kill switch: give the guard a `latch`, the path of its file")
        response = SwitchResponse(*parts, hop=loop.call_soon_threadsafe)
        self._steps = ClockSteps(time.time_ns(), time.monotonic_ns())
        live = LiveSwitch(
            self._latch,
            self._respond,
            lambda: response.done,
            self._look_live if isinstance(self.clock, LiveClock) else self._journal.sync,
            loop,
            self.clock,
            Path(self.config.heartbeat) if self.config.heartbeat else beside(self._latch.path),
            self.config.heartbeat_ms / 1_000,
            self._scribe.on_state,
        )
        return response, live

    # What the gate asks

    def switch(self) -> Switch:
        """Return the stricter of what the kill switch and the circuit breaker say now."""
        said = self._own
        if self._latch is not None:
            record = self._latch.read()
            self._circuit.heed(record, self.clock.timestamp_ns())
            reason = f"kill_switch: {record.state.value}: {record.reason}"
            said = stricter(Switch(record.state, record.flatten, reason), said)
        trips = self._circuit.memory.trips
        if not trips:
            return said
        worst = max(trips, key=lambda trip: trip.state)
        reason = f"circuit_breaker: {worst.state.value}: {worst}"
        return stricter(said, Switch(worst.state, self.config.breaker.flatten, reason))

    def book(self, prices: Prices, leaving_out: frozenset[ClientOrderId] = frozenset()) -> Book:
        """Return the account as it stands, and let the circuit breaker see what it is worth.

        Its worth is unknown while a price in it is not sound: a bad tick of one instrument lets no other one be bought.
        """
        book = self._ledger.book(prices, leaving_out)
        return msgspec.structs.replace(book, equity=self._observe(book.equity, prices))

    def _barred(self) -> frozenset[str]:
        """Return the instruments whose entries may not rest; none before it is known what is whose."""
        return frozenset() if self._own is UNRECONCILED else self._owners.reduce_only()

    def cluster(self, symbol: str, book: Book) -> frozenset[str]:
        """Return the instruments that move together with `symbol`."""
        return self._clusters.of(symbol, book.exposures)

    def denied(self, order: Order, reason: Denial | str) -> None:
        """Journal what was held back; a loop of orders trips the circuit breaker."""
        self._scribe.deny(order, str(reason))
        if isinstance(reason, Denial) and reason.limit in TRIPPING:
            self._circuit.trip(reason, self.clock.timestamp_ns())

    def clipped(self, order: Order, asked: Quantity) -> None:
        """Journal that a reducing order was cut down."""
        self._scribe.cut(order, asked)

    # What others may ask

    def standings(self) -> list[Standing]:
        """Return how far each limit is: the circuit breaker's first, then the gate's."""
        return [*self._circuit.standings(), *self._gate.standings()]

    def _show(self, show: Callable[[GuardView], None]) -> None:
        """Answer whoever asks how things stand."""
        equity = self._ledger.equity(Prices(self.cache, self.clock.timestamp_ns()))
        now = (equity, self.standings(), self._owners.reduce_only(), self._trader.strategies())
        show(guard_view(self.config, self.switch(), self._circuit, *now))

    def wind_down(self, flatten: bool) -> None:
        """Let nothing open any more until the process ends; cancel, written down or not, and close if asked to."""
        self._own = Switch(State.HALTED, flatten, "wind_down: the node is stopping")
        try:
            self._scribe.note("node", "flattening" if flatten else "stopping", by="runner")
        finally:
            self._respond()

    def _on_reconciled(self, found: Mapping[str, tuple[str, ...]]) -> None:
        """Let trade, or go on, where our books are the venue's; only reduce where they are not."""
        self._owners.differ(found)
        if self._own is UNRECONCILED:
            self._own = RUNNING
            self._scribe.note("reconciliation", "clean", by="reconciliation")

    # What moves the circuit breaker

    def look(self) -> None:
        """Let the circuit breaker see what the account is worth now, and tell strategies what budget is left."""
        self._see()
        self._tell_budget()

    def _see(self) -> None:
        prices = Prices(self.cache, self.clock.timestamp_ns(), self._bar_types)
        self._observe(self._ledger.equity(prices), prices)

    def _observe(self, equity: float, prices: Prices) -> float:
        """Show the circuit breaker an equity, and return it; NaN if a price in it is not sound: that closes nothing."""
        worth = equity if prices.are_sound(self.config.limits.max_price_jump_pct) else nan
        self._circuit.observe(worth, self.clock.timestamp_ns())
        return worth

    def _look_live(self) -> None:
        """Look, and at the clock too: a step of it makes every age and every day wrong. Then sync the journal."""
        step_ms = self._steps.step_ms(time.time_ns(), time.monotonic_ns())
        if abs(step_ms) > self.config.limits.max_clock_drift_ms:
            standing = Standing(CLOCK_STEP, step_ms, self.config.limits.max_clock_drift_ms)
            self._circuit.trip(standing, self.clock.timestamp_ns())
        self.look()
        self._journal.sync()

    def _on_price(self, bar: Bar) -> None:
        if self.cache.position_open_ids():  # which makes no list of them
            self._see()

    def _on_position(self, event: PositionEvent) -> None:
        self._owners.look()
        if isinstance(event, PositionClosed):
            self._circuit.after_trade(result(self.cache.position(event.position_id)), self.clock.timestamp_ns())
        if not isinstance(event, PositionOpened):  # which changes nothing but the fee, and the gate has just looked
            self.look()

    def _on_order(self, event: Any) -> None:
        if isinstance(event, OrderFilled):
            name, symbol, ts = event.client_order_id.value, event.instrument_id.value, self.clock.timestamp_ns()
            self._gate.traffic.filled(name, symbol, event.last_px.as_double(), buys=event.is_buy, ts=ts)

    def _on_trip(self, trip: Trip) -> None:
        self._scribe.trip(trip, self.standings())
        self._respond()
        self._tell_budget()

    def _respond(self) -> Response:
        """Bring orders, positions and strategies to what the stricter of the switches asks for.

        Before the books are reconciled nothing is cancelled either: what rests may be somebody else's.
        """
        said = self.switch()
        if self._own is UNRECONCILED:
            self.msgbus.publish(TRADING_STATE_TOPIC, TradingState(said.state.value, True, said.reason))
            return self._response.done
        return self._response.apply(said.state, flatten=said.flatten, reason=said.reason)

    def _on_release(self, trip: Trip, by: str) -> None:
        self._scribe.note(f"{BREAKER_SUBJECT}{trip.rule}", "released", by=by)
        self._respond()
        self._tell_budget()

    def _tell_budget(self) -> None:
        """Publish the share of the day's loss budget that is left, in [0, 1]."""
        self.msgbus.publish(RISK_BUDGET_TOPIC, self._circuit.budget_left())

    def _memory_file(self) -> MemoryFile | None:
        if self.config.memory:
            return MemoryFile(Path(self.config.memory))
        return MemoryFile(memory.beside(self._latch.path)) if self._latch is not None else None
