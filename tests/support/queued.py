"""A node's process whose queues stand still until they are let run, on a world without faults."""

from pathlib import Path
from typing import Any

import msgspec
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.drill.host import Host
from sagetrade_nautilus.drill.node import Node
from sagetrade_nautilus.drill.plan import SYMBOLS, draw
from sagetrade_nautilus.drill.world import World
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord

BTC, ETH = (InstrumentId.from_str(symbol) for symbol in SYMBOLS)
LIMITS = LimitConfig(max_symbol_exposure_pct=10.0, max_open_trades=8)


class Stand:
    """A process whose queues stand still, on a world without faults."""

    def __init__(self, folder: Path) -> None:
        plan = msgspec.structs.replace(
            draw(0), limits=LIMITS, hedging=True, lost_share=0.0, partial_share=0.0, reject_share=0.0, lag_share=0.0
        )
        self.world = World(plan, folder)
        self.world.traffic.is_sound = self.world.feed.is_sound = True
        self.host = Host(self.world, crash_at=-1)
        self.host.start()
        for symbol in SYMBOLS:
            for tick in self.world.feed.ticks(symbol, self.world.traffic.now, self.node.now()):
                self.node.data.process(tick)

    @property
    def node(self) -> Node:
        assert self.host.node is not None
        return self.host.node

    def send(self, symbol: InstrumentId, size: float, side: OrderSide = OrderSide.BUY, *, leave: bool = False) -> Any:
        program = self.node.programs[0]
        quantity = self.node.cache.instrument(symbol).make_qty(size)
        order = program.order_factory.market(symbol, side, quantity, reduce_only=leave)
        positions = self.node.cache.positions_open(instrument_id=symbol)
        program.submit_order(order, position_id=positions[0].id if leave else None)
        return order

    def flow(self) -> None:
        """Let the queues and the wire run dry."""
        while not self.world.traffic.is_empty or self.node.engine.cmd_qsize() or self.node.engine.evt_qsize():
            self.node.engine.pump(100)
            arrive = self.world.traffic.next(self.world.traffic.now + 10**12)
            if arrive is not None:
                arrive()

    def denials(self) -> list[str]:
        self.flow()
        return [line.reason for line in read(self.world.journal) if isinstance(line, DenialRecord)]
