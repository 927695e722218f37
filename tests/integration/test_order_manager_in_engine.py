"""The order manager behind a wire that loses messages: no order is ever at the venue twice, and none is forgotten.

    python -m tests.integration.test_order_manager_in_engine ORDERS

prints duplicates, resends and what stayed unresolved, for every kind of wire.
"""

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.config import StrategyConfig
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.enums import OrderSide, OrderStatus
from nautilus_trader.model.events import OrderUpdated
from nautilus_trader.model.orders import LimitOrder, Order
from nautilus_trader.trading.strategy import Strategy

from catalog.instruments import instrument_for
from sagetrade_nautilus.config import ExecutionConfig, LimitConfig
from sagetrade_nautilus.errors import OrderError
from sagetrade_nautilus.execution.manager import OrderManager
from sagetrade_nautilus.execution.micro import policy_of
from sagetrade_nautilus.guard.journal import read
from sagetrade_nautilus.guard.records import DenialRecord, OrderRecord, StateRecord
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


@pytest.mark.parametrize("name", WIRES)
def test_no_order_is_at_the_venue_twice(tmp_path: Path, name: str) -> None:
    wire, refuses_repeats = WIRES[name]
    result = play(tmp_path, wire, count=120, refuses_repeats=refuses_repeats)
    assert result.duplicates == 0
    assert {str(order) for order in result.lost_sight_of} <= result.unresolved
    assert sum(result.statuses.values()) == 120


def test_what_the_venue_never_had_is_sent_again_under_its_own_id(tmp_path: Path) -> None:
    result = play(tmp_path, Wire(request=0.5), count=60)
    assert result.deeds["resent"] > 10
    assert result.duplicates == 0
    assert len(set(result.sent)) == len(result.sent) == 60
    resolved = [order for order in result.sent if order not in result.unresolved]
    assert result.statuses[OrderStatus.CANCELED] == len(resolved) > 50  # their lifetime was over


def test_without_leave_to_resend_nothing_is_sent_twice_and_it_is_told(tmp_path: Path) -> None:
    never = ExecutionConfig(ack_timeout_s=2.0, queries_max=3)
    result = play(tmp_path, Wire(request=1.0), execution=never)
    assert result.deeds == {"queried": 3 + 3, "unresolved": 1 + 1}  # of the order, and of its cancel at the end
    assert result.arrived == 0


def test_an_answer_that_never_comes_is_no_leave_to_resend(tmp_path: Path) -> None:
    result = play(tmp_path, Wire(reply=1.0, answer=1.0))
    assert result.deeds["resent"] == 0
    assert result.deeds["unresolved"] >= 1
    assert len(result.bodies) == 1


def test_an_order_that_is_answered_in_time_is_never_asked_about(tmp_path: Path) -> None:
    result = play(tmp_path, Wire(delay_ms_max=900), count=20)
    assert result.deeds == {}
    assert result.statuses == {OrderStatus.CANCELED: 20}


def another_body(strategy: Sender, order: Order) -> Order:
    """Return an order of the same id that asks for ten times as much."""
    return LimitOrder(
        trader_id=order.trader_id,
        strategy_id=order.strategy_id,
        instrument_id=order.instrument_id,
        client_order_id=order.client_order_id,
        order_side=OrderSide.BUY,
        quantity=strategy.cache.instrument(order.instrument_id).make_qty(0.01),
        price=order.price,
        init_id=UUID4(),
        ts_init=strategy.clock.timestamp_ns(),
    )


def enlarged_in_place(strategy: Sender, order: Order) -> Order:
    """Return the very order object, made larger behind everybody's back."""
    now = strategy.clock.timestamp_ns()
    larger = strategy.cache.instrument(order.instrument_id).make_qty(0.01)
    order.apply(
        OrderUpdated(
            order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, None, None,
            larger, None, None, UUID4(), now, now,
        )
    )  # fmt: skip
    return order


@pytest.mark.parametrize("endpoint", ["RiskEngine.execute", "ExecEngine.execute"])
@pytest.mark.parametrize("mutate", [another_body, enlarged_in_place])
def test_the_same_id_with_another_body_never_leaves(
    tmp_path: Path, endpoint: str, mutate: Callable[[Sender, Order], Order]
) -> None:
    def repeat(strategy: Sender) -> None:
        order = mutate(strategy, strategy.sent[0])
        command = SubmitOrder(
            strategy.trader_id, strategy.id, order, UUID4(), strategy.clock.timestamp_ns(), client_id=LOSSY
        )
        strategy.msgbus.send(endpoint, command)

    result = play(tmp_path, Wire(request=1.0), script={1.0: repeat}, execution=ExecutionConfig(ack_timeout_s=0.0))
    assert result.arrived == 0
    assert result.denials == ["resend: quantity differ from what was sent under this id"]
    assert "OrderDenied" not in result.events


def again(strategy: Sender) -> None:
    order = strategy.sent[0]
    command = SubmitOrder(
        strategy.trader_id, strategy.id, order, UUID4(), strategy.clock.timestamp_ns(), client_id=LOSSY
    )
    strategy.msgbus.send("RiskEngine.execute", command)


def test_an_order_that_the_venue_has_accepted_never_leaves_again(tmp_path: Path) -> None:
    result = play(tmp_path, Wire(), script={1.0: again})
    assert result.arrived == 1
    assert result.denials == ["resend: it is ACCEPTED"]


def test_a_repeat_is_no_duplicate_of_the_one_before_it_but_a_loop_of_them_is_stopped(tmp_path: Path) -> None:
    result = play(tmp_path, Wire(reply=1.0), script={0.5: again}, refuses_repeats=True)
    assert result.arrived == 2
    assert result.denials == []
    tight = LimitConfig(max_orders_per_minute=1)
    twice = {0.5: again, 1.7: again}
    result = play(tmp_path / "tight", Wire(reply=1.0), script=twice, refuses_repeats=True, limits=tight)
    assert result.arrived == 2
    assert result.denials == ["max_orders_per_minute: 2 against 1"]
    assert "OrderDenied" not in result.events


def test_what_is_left_after_its_lifetime_is_cancelled_until_the_venue_says_so(tmp_path: Path) -> None:
    result = play(tmp_path, Wire(cancel=0.7), count=20, seed=3)
    assert result.deeds["queried"] > 5
    assert result.statuses[OrderStatus.CANCELED] > 10
    assert {str(order) for order in result.lost_sight_of} <= result.unresolved
    assert "pending_cancel" in result.lives


@pytest.mark.parametrize(
    ("symbol", "side", "qty", "kind", "params", "said"),
    [
        ("DOGEUSDT.BINANCE", "buy", 1, "market", {}, "not one of this run's: BTCUSDT.BINANCE"),
        ("BTCUSDT", "buy", 1, "market", {}, "an example is BTCUSDT.BINANCE"),
        (BTC, "hold", 1, "market", {}, "side must be 'buy' or 'sell'"),
        (BTC, "buy", "0.000001", "market", {}, "below the minimum of 0.00001"),
        (BTC, "buy", float("nan"), "market", {}, "must be a number above 0"),
        (BTC, "buy", 1, "iceberg", {}, "there is no order type 'iceberg'; there are: market, limit"),
        (BTC, "buy", 1, "market", {"price": 1.0}, "unknown field `price`"),
        (BTC, "buy", 1, "limit", {}, "missing required field `price`"),
        (BTC, "buy", 1, "limit", {"price": float("inf")}, "price must be a number above 0"),
        (BTC, "buy", 1, "limit", {"price": 0.001}, "below one tick"),
        (BTC, "buy", 1, "limit", {"price": 1.0, "time_in_force": "gtd"}, "'gtd' needs expire_in_s"),
        (BTC, "buy", 1, "limit", {"price": 1.0, "expire_in_s": 5.0}, "'gtd' needs expire_in_s"),
        (BTC, "buy", "0.00001", "limit", {"price": 40_000}, "worth less than the minimum"),
        (BTC, "buy", 1, "limit", {"price": 40_000, "display_qty": 2}, "not a limit order"),
    ],
)
def test_what_cannot_be_an_order_is_refused_with_a_reason(
    tmp_path: Path, symbol: str, side: str, qty: Any, kind: str, params: dict[str, Any], said: str
) -> None:
    def ask(strategy: Sender) -> None:
        with pytest.raises(OrderError) as caught:
            strategy.orders.create_order(symbol, side, qty, kind, params)
        refusals.append(str(caught.value))

    refusals: list[str] = []
    result = play(tmp_path, Wire(), count=0, script={1.0: ask})
    assert said in refusals[0]
    assert result.sent == []


def test_the_examples_of_the_page_are_orders(tmp_path: Path, project_root: Path) -> None:
    page = (project_root / "docs" / "execution.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    made: list[Order] = []

    def show(strategy: Sender) -> None:
        known = {"strategy": strategy, "orders": strategy.orders}
        for block in blocks:
            exec(block, known)  # noqa: S102 - the page's own words
        made.extend(order for order in strategy.cache.orders())

    play(tmp_path, Wire(), count=0, script={1.0: show})
    assert [order.order_type.name for order in made] == ["LIMIT", "STOP_MARKET"]
    instrument = instrument_for(BTC)
    assert policy_of(made[0], instrument).cap - policy_of(made[0], instrument).first == 2_000


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
