"""A strategy that sends orders by the order manager, over wires that lose messages.

    python -m tests.support.order_wires ORDERS

prints duplicates, resends and what stayed unresolved, for every kind of wire.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nautilus_trader.config import StrategyConfig
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.config import ExecutionConfig, LimitConfig
from sagetrade_nautilus.execution.manager import OrderManager
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord, OrderRecord, StateRecord
from tests.support.engine import BTC, MINUTE, SECOND, bars, engine
from tests.support.lossy import LOSSY, LossyClient, Wire

WIDE = LimitConfig(max_repeated_orders=10**6, max_orders_per_minute=10**6, max_open_trades=10**6)
ASKS = ExecutionConfig(ack_timeout_s=2.0, queries_max=3, resends_max=2)
EVERY_S = 0.25


class Sender(Strategy):
    """Sends an order every quarter of a second by the order manager, or what a test says at a moment of its own."""

    def __init__(self, count: int, execution: ExecutionConfig, script: dict[float, Callable[["Sender"], None]]) -> None:
        super().__init__(StrategyConfig(strategy_id="sender", order_id_tag="001"))
        self._count, self._execution, self._script = count, execution, script
        self.sent: list[Order] = []
        self.events: list[Any] = []

    def on_start(self) -> None:
        self.orders = OrderManager(self, self._execution)
        start = self.clock.timestamp_ns() + SECOND
        if self._count:
            self.clock.set_time_alert_ns("send", start, self.send_next)
        for second, deed in self._script.items():
            due = start + round(second * SECOND)
            self.clock.set_time_alert_ns(f"script-{second}", due, lambda event, run=deed: run(self))

    def send_next(self, event: Any) -> None:
        self.send(len(self.sent))
        if len(self.sent) < self._count:
            self.clock.set_time_alert_ns("send", event.ts_event + round(EVERY_S * SECOND), self.send_next)

    def send(self, number: int, **params: Any) -> Order:
        asked = {"price": 39_000.0 + number % 1_000, "lifetime_s": 10.0, **params}
        order = self.orders.create_order(BTC, "buy", "0.001", "limit", asked, client_id=LOSSY)
        self.sent.append(order)
        return order

    def on_order_event(self, event: Any) -> None:
        self.events.append(event)


class Result:
    """What a run left behind, as plain values."""

    def __init__(self, client: LossyClient, sender: Sender, folder: Path) -> None:
        self.bodies = list(client.opened.values())
        self.duplicates = sum(len(bodies) - 1 for bodies in client.opened.values())
        self.arrived = client.arrived
        self.statuses = Counter(order.status for order in sender.sent)
        self.lost_sight_of = [
            order.client_order_id
            for order in sender.sent
            if order.client_order_id in client.opened and not order.is_closed
        ]
        self.events = [type(event).__name__ for event in sender.events]
        self.sent = [order.client_order_id.value for order in sender.sent]
        records = read(folder / "decisions.jsonl")
        self.deeds = Counter(one.state for one in records if isinstance(one, StateRecord) and one.by == "order_manager")
        self.unresolved = {
            one.subject.removeprefix("order:")
            for one in records
            if isinstance(one, StateRecord) and one.state == "unresolved"
        }
        self.denials = [one.reason for one in records if isinstance(one, DenialRecord)]
        self.lives = [one.event for one in records if isinstance(one, OrderRecord)]


def play(
    folder: Path,
    wire: Wire,
    *,
    count: int = 1,
    seed: int = 1,
    refuses_repeats: bool = False,
    execution: ExecutionConfig = ASKS,
    script: dict[float, Callable[[Sender], None]] | None = None,
    limits: LimitConfig = WIDE,
) -> Result:
    folder.mkdir(exist_ok=True)
    made = engine(folder, limits=limits)
    seconds = count * EVERY_S + 300
    made.add_data(bars([40_000.0] * (2 + round(seconds * SECOND / (5 * MINUTE)))))
    client = LossyClient(made, wire, seed, refuses_repeats=refuses_repeats)
    sender = Sender(count, execution, script or {})
    made.add_strategy(sender)
    made.run()
    result = Result(client, sender, folder)
    made.dispose()
    return result


WIRES = {
    "the reply after every accept is lost": (Wire(reply=1.0), False),
    "requests and replies are lost": (Wire(request=0.2, reply=0.3), False),
    "everything is lost at times": (Wire(request=0.2, reply=0.3, question=0.2, answer=0.2, cancel=0.2), False),
    "everything is lost or late": (
        Wire(request=0.2, reply=0.3, question=0.2, answer=0.2, cancel=0.2, delay_ms_max=3_000),
        True,
    ),
}


def main(count: int) -> None:
    """Print one line for every wire."""
    for name, (wire, refuses_repeats) in WIRES.items():
        with tempfile.TemporaryDirectory() as folder:
            result = play(Path(folder), wire, count=count, refuses_repeats=refuses_repeats)
        print(
            f"{name}: {count} orders, {result.duplicates} duplicates at the venue, {dict(result.deeds)}, "
            f"{len(result.unresolved)} unresolved, {len(result.lost_sight_of)} of them alive at the venue"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
