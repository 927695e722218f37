"""The guard as a Nautilus controller: named in the run's configuration, it stands before the first strategy does."""

from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.common.component import LiveClock, TimeEvent
from nautilus_trader.config import ActorConfig
from nautilus_trader.model.events import PositionEvent, PositionOpened
from nautilus_trader.model.identifiers import ClientOrderId, Venue
from nautilus_trader.model.objects import Currency
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.controller import Controller

from sagetrade_nautilus.account import equity, last_price
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.book import Book, loss_pct
from sagetrade_nautilus.guard.gate import Gate
from sagetrade_nautilus.guard.heartbeat import beside
from sagetrade_nautilus.guard.journal import Fsync, Journal
from sagetrade_nautilus.guard.latch import Latch
from sagetrade_nautilus.guard.limits import standard_limits
from sagetrade_nautilus.guard.live import LiveSwitch
from sagetrade_nautilus.guard.records import RunRecord
from sagetrade_nautilus.guard.response import SwitchResponse
from sagetrade_nautilus.guard.scribe import Scribe
from sagetrade_nautilus.messages import RISK_BUDGET_TOPIC

NANOS_PER_DAY = 86_400_000_000_000
DAY_TIMER = "guard-day"


class GuardConfig(ActorConfig, frozen=True, kw_only=True):
    """The guard's part of a run.

    Parameters
    ----------
    limits : LimitConfig
        The thresholds.
    venue, currency : str
        The account that is guarded, and what it is counted in.
    journal : str
        Path of the decision journal.
    run : RunRecord
        What the journal's first line says of the run; the guard adds the trader.
    fsync : {'close', 'every'}
        When the journal's lines are put on the disk, as `Journal` has it.
    latch : str, optional
        Path of the kill switch's file. A backtest has none; whatever can send an order to a venue must have one.
    heartbeat : str, optional
        Path of the file that a live node's event loop keeps writing; beside the latch unless given.
    heartbeat_ms : int
        Milliseconds between two heartbeats.
    """

    limits: LimitConfig = LimitConfig()
    venue: str = "BINANCE"
    currency: str = "USDT"
    journal: str = "decisions.jsonl"
    run: RunRecord = RunRecord()
    fsync: Fsync = "close"
    latch: str | None = None
    heartbeat: str | None = None
    heartbeat_ms: int = 500


class Guard(Controller):
    """Installs the gate, keeps the day's book and the journal, and tells strategies what loss budget is left."""

    def __init__(self, trader: Any, config: GuardConfig) -> None:
        super().__init__(trader=trader, config=config)
        self._venue = Venue(config.venue)
        self._currency = Currency.from_str(config.currency)
        run = msgspec.structs.replace(config.run, trader=trader.id.value)
        self._journal = Journal(Path(config.journal), run, fsync=config.fsync)
        self._day_start_equity = float("nan")
        self._worst_day_equity = float("inf")
        self._day_is_lost = False

    def register_base(self, portfolio: Any, msgbus: Any, cache: Any, clock: Any) -> None:
        """Take over the execution endpoint. Nautilus calls this before any strategy exists."""
        super().register_base(portfolio, msgbus, cache, clock)
        limits = standard_limits(self.config.limits)
        self._scribe = Scribe(self._journal, self.msgbus, self.cache, self.clock)
        latch = Latch(Path(self.config.latch)) if self.config.latch else None
        self._gate = Gate(self.msgbus, self.cache, self.clock, limits, self.book, self._scribe.deny, latch)
        self._response, self._switch = self._arm(latch)
        self._gate.install(self._trader._exec_engine.execute)
        self._scribe.listen()

    def on_start(self) -> None:
        self._start_day()
        midnight = (self.clock.timestamp_ns() // NANOS_PER_DAY + 1) * NANOS_PER_DAY
        self.clock.set_timer_ns(
            name=DAY_TIMER,
            interval_ns=NANOS_PER_DAY,
            start_time_ns=midnight,
            stop_time_ns=0,
            callback=self._on_midnight,
            fire_immediately=True,
        )
        self.msgbus.subscribe(topic="events.position.*", handler=self._on_position)
        if self._switch is not None:
            self._switch.start()

    def on_stop(self) -> None:
        self._journal.sync()  # strategies stop after the guard: their last orders are still journaled

    def on_dispose(self) -> None:
        if self._switch is not None:
            self._switch.end()
        self._journal.close()

    def _arm(self, latch: Latch | None) -> tuple[SwitchResponse, LiveSwitch | None]:
        """Return what answers a stop and, in a live node, what hears of it."""
        parts = (self.msgbus, self.cache, self.clock, self._gate.pending)
        if not isinstance(self.clock, LiveClock):
            return SwitchResponse(*parts), None
        loop = self._trader._loop
        if latch is None or loop is None:
            raise GuardError("a live node needs a kill switch: give the guard a `latch`, the path of its file")
        response = SwitchResponse(*parts, hop=loop.call_soon_threadsafe)
        self._gate.guard_queue(self._trader._exec_engine)
        path = Path(self.config.heartbeat) if self.config.heartbeat else beside(latch.path)
        interval_s = self.config.heartbeat_ms / 1_000
        return response, LiveSwitch(latch, response, loop, self.clock, path, interval_s, self._scribe.on_state)

    def book(self, leaving_out: frozenset[ClientOrderId] = frozenset()) -> Book:
        """Return the account as it stands, counting entries on their way except `leaving_out` (client order ids).

        Today's loss is latched: the book shows the day's worst equity until midnight UTC once the limit was reached.
        """
        exposures: dict[str, float] = {}
        open_trades = 0
        net = 0.0
        for position in self.cache.positions_open():
            open_trades += 1
            value = self._expose(exposures, position.instrument_id, position.quantity.as_double())
            net += value if position.is_long else -value
        leaving = {order.client_order_id: order for order in self._leaving()}
        for client_order_id, order in leaving.items():
            if order.is_reduce_only or client_order_id in leaving_out:
                continue
            if order.filled_qty.as_double() == 0.0:
                open_trades += 1
            value = self._expose(exposures, order.instrument_id, order.leaves_qty.as_double())
            net += value if order.is_buy else -value
        account = self.cache.account_for_venue(self._venue)
        may_short = account is not None and account.is_margin_account
        return Book(self._latched_equity(), self._day_start_equity, open_trades, exposures, may_short, net)

    def _latched_equity(self) -> float:
        """Return the account's worth now, or the day's worst once that reached the limit."""
        worth = equity(self.cache, self._venue, self._currency)
        self._worst_day_equity = min(self._worst_day_equity, worth)
        worst_loss = loss_pct(self._worst_day_equity, self._day_start_equity)
        lost = worst_loss >= self.config.limits.max_daily_loss_pct
        if lost and not self._day_is_lost:
            self._day_is_lost = True
            self._scribe.note("daily_loss", f"latched at {worst_loss:.4g}%", by="guard")
        return self._worst_day_equity if lost else worth

    def _leaving(self) -> list[Order]:
        return [*self.cache.orders_open(), *self.cache.orders_inflight(), *self._gate.pending()]

    def _expose(self, exposures: dict[str, float], instrument_id: Any, quantity: float) -> float:
        """Add what `quantity` is worth now to its instrument's exposure, and return it."""
        price = last_price(self.cache, instrument_id)
        name = str(instrument_id)
        value = float("nan") if price is None else quantity * price
        exposures[name] = exposures.get(name, 0.0) + value
        return value

    def _start_day(self) -> None:
        self._day_start_equity = equity(self.cache, self._venue, self._currency)
        self._worst_day_equity = self._day_start_equity
        if self._day_is_lost:
            self._day_is_lost = False
            self._scribe.note("daily_loss", "released for a new day", by="guard")
        self._tell_budget()

    def _on_midnight(self, event: TimeEvent) -> None:
        self._start_day()

    def _on_position(self, event: PositionEvent) -> None:
        if not isinstance(event, PositionOpened):  # which changes nothing but the fee, and the gate has just looked
            self._tell_budget()

    def _tell_budget(self) -> None:
        """Publish the share of the day's loss budget that is left, in [0, 1]."""
        lost = loss_pct(self._latched_equity(), self._day_start_equity)
        left = 1.0 - lost / self.config.limits.max_daily_loss_pct
        self.msgbus.publish(RISK_BUDGET_TOPIC, max(0.0, left))
