"""One life of a trading process: Nautilus's own parts and the real guard, driven by hand instead of by a loop."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nautilus_trader.cache.cache import Cache
from nautilus_trader.common import Environment
from nautilus_trader.common.component import (
    LogGuard,
    MessageBus,
    TestClock,
    init_logging,
    is_logging_initialized,
    remove_instance_component_clocks,
)
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.data.engine import DataEngine
from nautilus_trader.execution.emulator import OrderEmulator
from nautilus_trader.live.config import LiveExecEngineConfig
from nautilus_trader.live.execution_engine import LiveExecutionEngine
from nautilus_trader.model.identifiers import TraderId
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.risk.engine import RiskEngine
from nautilus_trader.trading.trader import Trader

from catalog.instruments import instrument_for
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.drill.client import DrillClient, Wire
from sagetrade_nautilus.drill.program import Program
from sagetrade_nautilus.drill.venue import Venue
from sagetrade_nautilus.guard.controller import Guard
from sagetrade_nautilus.guard.guard_config import GuardConfig

TRADER = TraderId("DRILL-001")
_LOG_GUARDS: list[LogGuard] = []


class _AtOnce:
    """Stands for the event loop where the engine asks it to put something on a queue."""

    def call_soon_threadsafe(self, call: Callable[..., None], *args: Any) -> None:
        call(*args)


class HandEngine(LiveExecutionEngine):
    """The live execution engine, whose queues and checks go on when the drill says so.

    Parameters
    ----------
    on_passed : callable
        Told of every command that the gate let through, when it enters the queue, and when that is.
    """

    def __init__(self, on_passed: Callable[[Any, int], None], *args: Any, **options: Any) -> None:
        super().__init__(_AtOnce(), *args, **options)  # type: ignore[arg-type]
        self._on_passed = on_passed
        self._checks = 0

    def _on_start(self) -> None:
        """Start no task."""

    def _on_stop(self) -> None:
        """Have no task to stop."""

    def execute(self, command: Any) -> None:
        self._on_passed(command, self._clock.timestamp_ns())
        super().execute(command)

    def pump(self, limit: int) -> None:
        """Handle up to `limit` of what waits, events and commands in turn as the two queues' tasks do."""
        for _ in range(limit):
            if not self._evt_queue.empty():
                self._handle_event_with_tracking(self._evt_queue.get_nowait())
            if not self._cmd_queue.empty():
                self._execute_command(self._cmd_queue.get_nowait())
            if self._evt_queue.empty() and self._cmd_queue.empty():
                return

    def check(self, loop: asyncio.AbstractEventLoop, *, positions: bool) -> None:
        """Run the live engine's own checks against the venue: of orders in flight each time, of all every third.

        Both count their tries in one place and, made as often as one another, would undo each other's. `positions` are
        compared too if nothing is on its way: Nautilus counts a fill twice whose order it does not know as accepted.
        """
        self._checks += 1
        loop.run_until_complete(self._check_inflight_orders())
        if self._checks % 3 == 0:
            loop.run_until_complete(self._check_orders_consistency())
            if positions:
                loop.run_until_complete(self._check_positions_consistency())


class Node:
    """A process from its start to its death. What outlives it are the files and the venue.

    Parameters
    ----------
    programs : sequence of Program
        The strategies.
    limits : LimitConfig
        The guard's thresholds.
    journal, latch : Path
        The guard's files.
    venue : Venue
        The truth.
    wire : Wire
        What carries messages to the venue.
    on_passed : callable
        Told of every command that the gate let through.
    now : int
        The clock at the start, UNIX nanoseconds.

    Raises
    ------
    GuardError
        The guard cannot be put in place.
    """

    def __init__(
        self,
        *,
        programs: Sequence[Program],
        limits: LimitConfig,
        journal: Path,
        latch: Path,
        venue: Venue,
        wire: Wire,
        on_passed: Callable[[Any, int], None],
        now: int,
    ) -> None:
        if not is_logging_initialized():
            _LOG_GUARDS.append(init_logging(bypass=True))
        self._id = UUID4()
        clock = TestClock()
        clock.set_time(now)
        self.bus = MessageBus(trader_id=TRADER, clock=clock, instance_id=self._id)
        self.cache = Cache()
        for symbol in venue.prices:
            self.cache.add_instrument(instrument_for(symbol))
        parts = (self.bus, self.cache, clock)
        portfolio = Portfolio(*parts)
        self.data = DataEngine(*parts)
        self._risk = RiskEngine(portfolio, *parts)
        self.engine = HandEngine(on_passed, *parts, _engine_config())
        self._emulator = OrderEmulator(portfolio, *parts)
        self.client = DrillClient(*parts, venue, wire)
        self.engine.register_client(self.client)
        engines = (self.data, self._risk, self.engine)
        kind = (clock, Environment.BACKTEST)
        self._trader = Trader(TRADER, self._id, self.bus, self.cache, portfolio, *engines, *kind, has_controller=True)
        self.programs = programs
        self._clocks = [clock]
        guard = Guard(
            self._trader,
            GuardConfig(component_id="guard", limits=limits, journal=str(journal), latch=str(latch), fsync="every"),
        )
        self._trader.add_actor(guard)
        for program in programs:
            self._trader.add_strategy(program)
        self._clocks += [guard.clock, *(program.clock for program in programs)]
        self._portfolio = portfolio
        self.tell_time(now)

    def start(self) -> None:
        """Start everything in the order in which a live node does: the venue's truth first, then the strategies."""
        for engine in (self.data, self._risk, self.engine):
            engine.start()
        self.client.tell_balance()
        self.engine.reconcile_execution_mass_status(self.client.mass_status())
        self.engine.pump(10_000)
        self._emulator.start()
        self._portfolio.initialize_orders()
        self._portfolio.initialize_positions()
        self._trader.start()

    def now(self) -> int:
        """Return the process's clock, UNIX nanoseconds."""
        return int(self._clocks[0].timestamp_ns())

    def tell_time(self, ts: int) -> None:
        """Set the clock, and call what was due. Backward, nothing is due."""
        for clock in self._clocks:
            if ts < clock.timestamp_ns():
                clock.set_time(ts)
                continue
            for due in clock.advance_time(ts):
                due.handle()

    def dispose(self) -> None:
        """Let go of what Nautilus keeps of it elsewhere."""
        remove_instance_component_clocks(self._id)


def _engine_config() -> LiveExecEngineConfig:
    return LiveExecEngineConfig(
        open_check_interval_secs=5.0,
        open_check_open_only=False,
        position_check_interval_secs=10.0,
        single_order_query_delay_ms=0,
    )


def sever(path: Path) -> None:
    """Lead every descriptor of the file at `path` nowhere, as the end of a process does to what it has buffered."""
    if not path.exists():
        return
    wanted = path.stat()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for name in os.listdir("/dev/fd"):
            number = int(name)
            try:
                found = os.fstat(number)
            except OSError:
                continue
            if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
                os.dup2(nowhere, number)
    finally:
        os.close(nowhere)
