"""A real node with the guard, a strategy that trades all the time, and the paper venue: to be killed and started again.

python -m tests.support.restart_node FOLDER SCENARIO STYLE

SCENARIO is 'trading' (signals come all the time), 'holding' (they do, and a trade is held for an hour), or 'calm' (none
come). With 'pair-' before it, each trade has a second leg, in ether, whose entry rests and is not filled. Everything
stands in FOLDER; lines on what the node knows go to FOLDER/log.jsonl, each written whole at once.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.common.actor import Actor
from nautilus_trader.common.providers import InstrumentProvider
from nautilus_trader.config import (
    ActorConfig,
    CacheConfig,
    DatabaseConfig,
    ImportableActorConfig,
    ImportableControllerConfig,
    ImportableExecAlgorithmConfig,
    LoggingConfig,
)
from nautilus_trader.live.config import (
    LiveDataClientConfig,
    LiveExecEngineConfig,
    LiveRiskEngineConfig,
    TradingNodeConfig,
)
from nautilus_trader.live.data_client import LiveMarketDataClient
from nautilus_trader.live.factories import LiveDataClientFactory
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.data import DataType, TradeTick
from nautilus_trader.model.enums import AggressorSide, OrderType
from nautilus_trader.model.identifiers import ClientId, InstrumentId, TradeId, Venue

from adapters.paper.config import PaperExecClientConfig
from adapters.paper.factories import PaperLiveExecClientFactory
from catalog.instruments import instrument_for
from sagetrade_nautilus.config import ExecutionConfig, SizingConfig
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.guard.breaker.breaker import Memory
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.model.decision import Decision
from sagetrade_nautilus.run.node.remember import cache_memory
from sagetrade_nautilus.strategy import SageStrategy, SageStrategyConfig
from tests.support.engine import BTC
from tests.support.live import WIDE
from tests.support.recording_venue import Log
from tests.support.signals import signal

BTC_ID = InstrumentId.from_str(BTC)
ETH = "ETHUSDT.BINANCE"
PRICE = 40_000.0
PRICES = {BTC: PRICE, ETH: 3_000.0}
FAR = 2_000.0
"""What a signal about ether takes its price to be: a limit there is not filled."""
TICK_S = 0.02
HOLD_S = 0.4
LATENCY_MS = 15.0


class Ticks(LiveMarketDataClient):
    """One trade every 20 ms, to and fro by a dollar."""

    def __init__(self, loop: Any, msgbus: Any, cache: Any, clock: Any) -> None:
        super().__init__(loop, ClientId("BINANCE"), Venue("BINANCE"), msgbus, cache, clock, InstrumentProvider())
        self._count = 0

    async def _connect(self) -> None:
        for name in PRICES:
            self._cache.add_instrument(instrument_for(name))
        self._tick()

    async def _disconnect(self) -> None:
        pass

    def _tick(self) -> None:
        self._count += 1
        now = self._clock.timestamp_ns()
        for name, price in PRICES.items():
            instrument = instrument_for(name)
            at, size = instrument.make_price(price + self._count % 2), instrument.make_qty(1)
            trade_id = TradeId(str(self._count))
            self._handle_data(TradeTick(instrument.id, at, size, AggressorSide.BUYER, trade_id, now, now))
        self._loop.call_later(TICK_S, self._tick)


class TicksFactory(LiveDataClientFactory):
    @staticmethod
    def create(loop: Any, name: str, config: Any, msgbus: Any, cache: Any, clock: Any) -> Ticks:
        return Ticks(loop, msgbus, cache, clock)


class Scorer(Actor):
    """Publishes a signal every 50 ms, up and down in turn."""

    def __init__(self) -> None:
        super().__init__(ActorConfig(component_id="scorer"))
        self._turn = 0

    def on_start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._step()

    def _step(self) -> None:
        self._turn += 1
        score = 0.5 if self._turn % 2 else -0.5
        for name, price in ((ETH, FAR), (BTC, PRICE)):
            message = signal(score, price, self.clock.timestamp_ns(), name)
            self.publish_data(DataType(CompositeSignal, metadata={"instrument_id": name}), message)
        self._loop.call_later(0.05, self._step)


class Eager(SageStrategy):
    """Enters whenever it is asked, and holds for less than half a second, or for `hold_s`."""

    log_file: Log
    hold_s = HOLD_S

    def on_new_signal(self, signal: CompositeSignal) -> Decision | None:
        up = 1 if signal.score > 0 else -1
        return Decision(
            side="buy" if up > 0 else "sell", size_pct=10.0, tp=PRICE * (1 + up * 0.02), sl=PRICE * (1 - up * 0.01),
            target_duration=self.hold_s, expected_edge_bps=50.0, reason="a test", signal_ids=(signal.signal_id,),
        )  # fmt: skip

    def _look(self) -> None:
        """Note what the node knows, now and every 10 ms."""
        held = self.cache.positions_open()
        stops = [
            order
            for order in self.cache.orders_open()
            if order.order_type == OrderType.STOP_MARKET and order.is_reduce_only
        ]
        self.log_file.note(
            "state",
            held=[[position.strategy_id.value, str(position.signed_decimal_qty())] for position in held],
            stops=[[order.strategy_id.value, str(order.leaves_qty)] for order in stops],
            orders=[order.client_order_id.value for order in self.cache.orders()],
            trades=[trade.trade_id for trade in self._trades.values()],
            balance=str(self.portfolio.account(BTC_ID.venue).balance_total()),
        )
        self._loop.call_later(0.01, self._look)


class Paired(Eager):
    """Enters with a second leg that rests."""

    def on_new_signal(self, signal: CompositeSignal) -> Any:
        if signal.instrument_id != BTC_ID:
            return None
        here = Eager.on_new_signal(self, signal)
        return [
            here,
            msgspec.structs.replace(here, instrument_id=ETH, order_type="limit", side="buy", tp=2 * FAR, sl=1.0),
        ]


def _start(eager: Eager) -> None:
    SageStrategy.on_start(eager)
    eager.log_file.note("started")
    eager._loop = asyncio.get_running_loop()
    eager._look()


Eager.on_start = _start  # type: ignore[method-assign]  # which a plugin's own class may not define


def _config(folder: Path, scenario: str) -> TradingNodeConfig:
    port = os.environ.get("REDIS_PORT")
    micro = "sagetrade_nautilus.execution.algorithm:MicroTrader"
    memory = "sagetrade_nautilus.execution.memory:OrderMemory"
    in_file = ImportableActorConfig(
        actor_path=memory,
        config_path=f"{memory}Config",
        config={"component_id": "memory", "path": str(folder / "orders.sqlite")},
    )
    return TradingNodeConfig(
        trader_id="TESTER-001",
        logging=LoggingConfig(log_level=os.environ.get("LIVE_LOG", "ERROR")),
        risk_engine=LiveRiskEngineConfig(max_order_submit_rate="10000/00:00:01"),
        exec_engine=LiveExecEngineConfig(
            reconciliation_startup_delay_secs=0.1,
            open_check_interval_secs=0.5,
            position_check_interval_secs=0.5,
        ),
        cache=CacheConfig(database=DatabaseConfig(type="redis", port=int(port))) if port else None,
        actors=[cache_memory() if port else in_file],
        exec_algorithms=[
            ImportableExecAlgorithmConfig(exec_algorithm_path=micro, config_path=f"{micro}Config", config={})
        ],
        data_clients={"BINANCE": LiveDataClientConfig()},
        exec_clients={
            "BINANCE": PaperExecClientConfig(
                venue="BINANCE", instruments=list(PRICES), state=str(folder / "paper.sqlite"), latency_ms=LATENCY_MS,
                starting_balance=1e6, depth=20_000.0,
            )
        },
        controller=ImportableControllerConfig(
            controller_path="sagetrade_nautilus.guard.controller:Guard",
            config_path="sagetrade_nautilus.guard.guard_config:GuardConfig",
            config={
                "limits": WIDE,
                "journal": str(folder / "decisions.jsonl"),
                "latch": str(folder / "latch.json"),
                "heartbeat_ms": 50,
            },
        ),
        timeout_connection=10.0,
        timeout_reconciliation=10.0,
        timeout_portfolio=10.0,
        timeout_disconnection=2.0,
        timeout_post_stop=0.5,
    )  # fmt: skip


def build(folder: Path, scenario: str, style: str) -> TradingNode:
    """Return the node. Its order memory is a file, or Redis where REDIS_PORT is set."""
    memory = MemoryFile(folder / "breaker.json")
    if memory.load() is None:
        memory.save(Memory())
    node = TradingNode(_config(folder, scenario))
    node.add_data_client_factory("BINANCE", TicksFactory)
    node.add_exec_client_factory("BINANCE", PaperLiveExecClientFactory)
    node.build()
    Eager.log_file = Log(folder / "log.jsonl")
    paired, scenario = scenario.startswith("pair-"), scenario.removeprefix("pair-")
    if scenario != "trading":
        Eager.hold_s = 3_600.0
    node.trader.add_strategy(
        (Paired if paired else Eager)(
            SageStrategyConfig(
                order_id_tag="001", oms_type="HEDGING", label="eager", instruments=list(PRICES) if paired else [BTC],
                sizing=SizingConfig(max_trade_risk_pct=100.0),
                execution=ExecutionConfig(style=style, ack_timeout_s=1.0, lifetime_s=0.3, reprice_interval_s=0.05),
            )
        )
    )  # fmt: skip
    if scenario in ("trading", "holding"):
        node.trader.add_actor(Scorer())
    return node


def main(folder: Path, scenario: str, style: str) -> None:
    node = build(folder, scenario, style)
    Eager.log_file.note("built")
    try:
        node.run()
    finally:
        node.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
