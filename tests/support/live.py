"""A real `TradingNode` on a venue of the test's own, for a process of its own: tests/support/live_scenarios.py.

The node's guard, latch, heartbeat and journal stand in FOLDER, and what its venue writes too.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nautilus_trader.config import ImportableControllerConfig, LoggingConfig, StrategyConfig
from nautilus_trader.execution.algorithm import ExecAlgorithm
from nautilus_trader.execution.config import ExecAlgorithmConfig
from nautilus_trader.live.config import (
    LiveExecClientConfig,
    LiveExecEngineConfig,
    LiveRiskEngineConfig,
    TradingNodeConfig,
)
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.enums import (
    OrderSide,
)
from nautilus_trader.model.identifiers import (
    ExecAlgorithmId,
)
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.breaker.breaker import Memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.switch.heartbeat import Beat, beside, look, parse
from tests.support.recording_venue import BTC, VENUE, Log, RecordingVenue, VenueFactory, read_log

PATIENCE_S = 90.0
WIDE = LimitConfig(
    max_open_trades=100_000,
    max_symbol_exposure_pct=1e6,
    max_exposure_pct=1e6,
    max_net_exposure_pct=1e6,
    max_order_notional_pct=1e6,
    max_cluster_exposure_pct=1e6,
    max_daily_loss_pct=100.0,
    max_day_drop_pct=100.0,
    max_drawdown_pct=100.0,
    max_losses_in_a_row=1_000_000,
    max_slippage_bps=1e6,
    max_messages_per_s=1_000_000,
    price_collar_pct=90.0,
    no_duplicate_s=0.0,
    max_repeated_orders=1_000_000,
    max_orders_per_minute=1_000_000,
)


class Node:
    """A node in a process of its own, as tests/support/live_scenarios.py prepares it."""

    def __init__(self, folder: Path, scenario: str, fsync: str = "close") -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.live_scenarios", str(folder), scenario, fsync],
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> "Node":
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.communicate(timeout=PATIENCE_S)

    def log(self) -> list[dict[str, Any]]:
        """Return what reached the venue, oldest first."""
        return read_log(self.folder)

    def beat(self) -> Beat | None:
        return parse(look(beside(self.folder / "latch.json")))

    def wait(self, until: Callable[[], object]) -> None:
        """Wait until a condition holds; a node that ended, or takes too long, fails the test."""
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            assert self.process.poll() is None, self.process.stderr.read().decode()  # type: ignore[union-attr]
            assert time.monotonic() < deadline, [line["what"] for line in self.log()][-20:]
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it in good order."""
        self.process.terminate()
        assert self.process.wait(PATIENCE_S) == 0


class Trader(Strategy):
    """Acts on the event loop again and again, every `every_s`, by the scenario's script."""

    def __init__(self, act: Callable[["Trader", int], None], every_s: float, tag: str = "001") -> None:
        super().__init__(StrategyConfig(strategy_id="live", order_id_tag=tag))
        self._act = act
        self._every_s = every_s
        self.turn = 0

    def on_start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()
        self._step()

    def on_stop(self) -> None:
        pass

    def _step(self) -> None:
        if self.is_running or self.turn == 0:
            self._due += self._every_s
            self._loop.call_at(self._due, self._step)
            self.turn += 1
            if self.cache.trade_tick(BTC) is not None:
                self._act(self, self.turn)

    def qty(self, size: float) -> Quantity:
        return Quantity(size, 5)

    def market(self, size: float, side: OrderSide, name: str, **options: Any) -> None:
        self.submit_order(self.order_factory.market(BTC, side, self.qty(size), tags=[name, name], **options))

    def limit(self, size: float, price: float, name: str, side: OrderSide = OrderSide.BUY, **options: Any) -> Order:
        order = self.order_factory.limit(BTC, side, self.qty(size), Price(price, 2), tags=[name, name], **options)
        self.submit_order(order)
        return order


class Slicer(ExecAlgorithm):
    """Keeps each order, and sends a little every 20 ms."""

    def __init__(self) -> None:
        super().__init__(ExecAlgorithmConfig(exec_algorithm_id=ExecAlgorithmId("SLICER")))

    def on_order(self, order: Order) -> None:
        asyncio.get_running_loop().call_later(0.02, self._slice, order)

    def _slice(self, order: Order) -> None:
        if self.is_running:  # it goes on whatever becomes of the order: the gate must hold it
            names = ["algorithm", "algorithm"]
            self.submit_order(self.spawn_market(order, Quantity(0.001, 5), tags=names, reduce_primary=False))
            asyncio.get_running_loop().call_later(0.02, self._slice, order)


def build(folder: Path, *, latch: bool = True, fsync: str = "close") -> TradingNode:
    """Return a node whose guard, latch and journal stand in `folder`; the strategies are still to be added."""
    RecordingVenue.log = Log(folder / "venue.jsonl")
    memory = MemoryFile(folder / "breaker.json")
    if memory.load() is None:
        memory.save(Memory())
    node = TradingNode(
        TradingNodeConfig(
            trader_id="TESTER-001",
            logging=LoggingConfig(log_level=os.environ.get("LIVE_LOG", "ERROR")),
            risk_engine=LiveRiskEngineConfig(
                max_order_submit_rate="10000/00:00:01", max_order_modify_rate="10000/00:00:01"
            ),
            exec_engine=LiveExecEngineConfig(reconciliation_startup_delay_secs=0.1),
            exec_clients={VENUE: LiveExecClientConfig()},
            controller=ImportableControllerConfig(
                controller_path="sagetrade_nautilus.guard.controller:Guard",
                config_path="sagetrade_nautilus.guard.guard_config:GuardConfig",
                config={
                    "limits": WIDE,
                    "journal": str(folder / "decisions.jsonl"),
                    "latch": str(folder / "latch.json") if latch else None,
                    "heartbeat_ms": 50,
                    "fsync": fsync,
                },
            ),
            timeout_connection=10.0,
            timeout_reconciliation=10.0,
            timeout_portfolio=10.0,
            timeout_disconnection=2.0,
            timeout_post_stop=0.5,
        ),
        asyncio.new_event_loop(),
    )
    node.add_exec_client_factory(VENUE, VenueFactory)
    node.build()
    return node
