"""The gate in front of an engine that only notes what it is given: what it counts, lets out and holds back."""

from typing import Any

import pytest
from nautilus_trader.common.component import TestClock
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import ModifyOrder, SubmitOrder, SubmitOrderList
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import OrderListId
from nautilus_trader.model.orders import Order, OrderList
from nautilus_trader.test_kit.stubs.component import TestComponentStubs
from nautilus_trader.test_kit.stubs.data import TestDataStubs

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.execution.commands import EXECUTE
from sagetrade_nautilus.guard.gate import reduction
from sagetrade_nautilus.guard.gate.account import Switch
from sagetrade_nautilus.guard.gate.book import Book
from sagetrade_nautilus.guard.gate.gate import Gate
from sagetrade_nautilus.guard.gate.limits import standard_limits
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import COMMANDS_TOPIC, GATE_ENDPOINT
from tests.support.engine import START
from tests.support.orders import BTC, Desk

LIMITS = LimitConfig(
    max_open_trades=99, no_duplicate_s=0.0, max_repeated_orders=99, max_messages_per_s=3, price_collar_pct=90.0
)


class Engine:
    """Notes what passes."""

    def __init__(self) -> None:
        self.passed: list[Any] = []

    def execute(self, command: Any) -> None:
        self.passed.append(command)


class Bench(Desk):
    """A gate on a bus of its own, an account that is worth 100,000, and a strategy's desk."""

    def __init__(self, limits: LimitConfig = LIMITS) -> None:
        super().__init__()
        self.clock = TestClock()
        self.clock.set_time(START)
        self.bus = TestComponentStubs.msgbus()
        self.engine = Engine()
        self.events: list[Any] = []
        self.reasons: list[str] = []
        self.state = State.RUNNING
        self.bus.register(EXECUTE, self.engine.execute)
        self.bus.register("ExecEngine.process", self.events.append)
        self.gate = Gate(self.bus, self.cache, self.clock, standard_limits(limits), limits.max_messages_per_s, self)
        self.gate.install(self.engine)  # type: ignore[arg-type]
        self.cache.add_trade_tick(
            TestDataStubs.trade_tick(BTC, price=40_000.0, size=1.0, ts_event=START, ts_init=START)
        )

    # What the gate asks

    def switch(self) -> Switch:
        return Switch(self.state, flatten=False, reason=f"kill_switch: {self.state.value}")

    def book(self, prices: Any, leaving_out: frozenset[Any]) -> Book:
        return Book(equity=100_000.0, open_trades=0, exposures={})

    def cluster(self, symbol: str, book: Book) -> frozenset[str]:
        return frozenset({symbol})

    def denied(self, order: Order, reason: Any) -> None:
        self.reasons.append(str(reason))

    def clipped(self, order: Order, asked: Any) -> None:
        pass

    # What is sent

    def enter(self, size: float = 0.01) -> Order:
        return self.make.market(BTC.id, OrderSide.BUY, BTC.make_qty(size))

    def submit(self, *orders: Order) -> None:
        first = orders[0]
        if len(orders) == 1:
            command: Any = SubmitOrder(first.trader_id, first.strategy_id, first, UUID4(), 0)
        else:
            listed = OrderList(OrderListId("L-1"), list(orders))
            command = SubmitOrderList(first.trader_id, first.strategy_id, listed, UUID4(), 0)
        self.bus.send(EXECUTE, command)

    def change(self, order: Order, size: float | None = None, price: float | None = None) -> None:
        command = ModifyOrder(
            order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, order.venue_order_id,
            None if size is None else BTC.make_qty(size), None if price is None else BTC.make_price(price), None,
            UUID4(), 0,
        )  # fmt: skip
        self.bus.send(EXECUTE, command)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_strategies_can_see_that_it_stands(bench: Bench) -> None:
    assert GATE_ENDPOINT in bench.bus.endpoints()


def test_an_order_passes_once_under_its_id(bench: Bench) -> None:
    order = bench.enter()
    bench.submit(order)
    bench.submit(order)
    assert len(bench.engine.passed) == 1
    assert bench.reasons == ["resend: it is INITIALIZED"]
    assert bench.events == []  # the order itself lives on


def test_a_repeat_of_what_only_reduces_is_held_back_like_any_other(bench: Bench) -> None:
    bench.hold(0.1, "P-1")
    order = bench.leave(0.05)
    bench.submit(order)
    bench.submit(order)
    assert len(bench.engine.passed) == 1
    assert bench.reasons == ["resend: it is INITIALIZED"]


def test_entries_of_one_second_are_counted_one_by_one_and_as_a_list(bench: Bench) -> None:
    for _ in range(5):
        bench.submit(bench.enter())
    assert len(bench.engine.passed) == 3
    assert bench.reasons == ["max_messages_per_s: 4 against 3"] * 2
    bench.clock.advance_time(START + 1_000_000_000)
    bench.submit(*(bench.enter() for _ in range(4)))
    assert len(bench.engine.passed) == 3
    bench.submit(*(bench.enter() for _ in range(3)))
    assert len(bench.engine.passed) == 4


def test_an_exit_that_is_filled_in_part_may_ask_for_what_is_open_and_what_it_has_filled(bench: Bench) -> None:
    position = bench.hold(0.06, "P-1")  # was 0.1, of which the exit has closed 0.04
    order = bench.leave(0.05, of=position, rests=True, filled_size=0.04)
    bench.change(order, size=0.1)
    assert len(bench.engine.passed) == 1
    bench.change(order, size=0.10001)
    assert len(bench.engine.passed) == 1
    assert bench.reasons == ["reduce_only: 0.10001 against 0.1"]


def test_an_exit_may_be_moved_although_less_is_open_than_it_asks_for(bench: Bench) -> None:
    order = bench.leave(0.1, of=bench.hold(0.06, "P-1"), rests=True)
    bench.change(order, size=0.1, price=43_000.0)
    assert len(bench.engine.passed) == 1


def test_a_check_of_a_change_that_fails_denies_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> Any:
        raise RuntimeError("no position")

    order = bench.leave(0.1, of=bench.hold(0.1, "P-1"), rests=True)
    monkeypatch.setattr(reduction, "room", broken)
    bench.change(order, size=0.05)
    assert bench.engine.passed == []
    assert bench.reasons == ["a limit failed: RuntimeError: no position"]
    assert [type(event).__name__ for event in bench.events] == ["OrderModifyRejected"]


def test_a_change_of_an_order_that_nobody_knows_is_rejected(bench: Bench) -> None:
    bench.change(bench.leave(0.1), size=0.05)
    assert bench.engine.passed == []
    assert [event.reason for event in bench.events] == ["the order is not known here"]


@pytest.mark.parametrize("state", [State.REDUCE_ONLY, State.HALTED])
def test_the_switch_is_asked_of_everything_but_cancels(bench: Bench, state: State) -> None:
    position = bench.hold(0.1, "P-1")
    order = bench.leave(0.1, of=position, rests=True)
    bench.state = state
    bench.submit(bench.enter())
    bench.change(order, price=43_000.0)
    assert len(bench.engine.passed) == (1 if state is State.REDUCE_ONLY else 0)
    assert set(bench.reasons) == {f"kill_switch: {state.value}"}


def test_every_command_that_has_passed_is_told_of_and_no_other(bench: Bench) -> None:
    told: list[Any] = []
    bench.bus.subscribe(COMMANDS_TOPIC, told.append)
    for _ in range(5):
        bench.submit(bench.enter())
    assert len(told) == 3
    assert told == bench.engine.passed


def test_a_command_that_nobody_knows_does_not_pass(bench: Bench) -> None:
    with pytest.raises(GuardError, match="knows no str"):
        bench.bus.send(EXECUTE, "buy everything")


def test_an_entry_counts_as_long_as_its_limit_says_however_many_others_left_since() -> None:
    bench = Bench(
        LimitConfig(
            max_open_trades=9_999,
            no_duplicate_s=3_600.0,
            max_repeated_orders=9_999,
            max_orders_per_minute=9_999,
            max_messages_per_s=9_999,
        )
    )
    bench.submit(bench.enter(0.01))
    for number in range(1_100):
        bench.submit(bench.enter(0.02 + number / 100_000))
    bench.submit(bench.enter(0.01))
    assert bench.reasons == ["no_duplicate_s: 0 against 3600"]
