"""A command that waited in a live engine's queue is judged by the kill switch again when it is taken from there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder, ModifyOrder, SubmitOrder, SubmitOrderList
from nautilus_trader.model.enums import OrderSide, OrderStatus

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.engine import START, bars, engine
from tests.support.latch import forget, put
from tests.support.scripted import INSTRUMENT, Scripted


class Queue:
    """What a live engine does with a command that it takes from its queue."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def _execute_command(self, command: Any) -> None:
        self.taken.append(command)


def _submit(strategy: Scripted) -> SubmitOrder:
    order = strategy.order_factory.market(INSTRUMENT, OrderSide.BUY, strategy.qty(0.1))
    return SubmitOrder(order.trader_id, order.strategy_id, order, UUID4(), START)


def _submit_list(strategy: Scripted) -> SubmitOrderList:
    orders = strategy.order_factory.bracket(
        INSTRUMENT,
        OrderSide.BUY,
        strategy.qty(0.1),
        tp_price=strategy.price(41_000),
        sl_trigger_price=strategy.price(39_000),
    )
    return SubmitOrderList(strategy.trader_id, strategy.id, orders, UUID4(), START)


def _resting(strategy: Scripted) -> Any:
    return next(iter(strategy.cache.orders_open()))


def _modify(strategy: Scripted) -> ModifyOrder:
    order = _resting(strategy)
    return ModifyOrder(
        order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, order.venue_order_id,
        strategy.qty(0.2), None, None, UUID4(), START,
    )  # fmt: skip


def _cancel(strategy: Scripted) -> CancelOrder:
    order = _resting(strategy)
    return CancelOrder(
        order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id, order.venue_order_id,
        UUID4(), START,
    )  # fmt: skip


def _play(folder: Path, make: Callable[[Scripted], Any], state: State) -> tuple[Queue, list[DenialRecord], Any]:
    """Take a command from a queue, after the kill switch has changed to `state` while it waited."""
    latch, queue = put(folder / "latch.json", ts=START, sequence=1), Queue()
    forget(folder)

    def rest(strategy: Scripted) -> None:
        order = strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(0.1), strategy.price(30_000))
        strategy.submit_order(order)

    def wait(strategy: Scripted) -> None:
        made.kernel._controller._gate.guard_queue(queue)
        command = make(strategy)
        latch.engage(state, "a drill", "test", START + 1)
        queue._execute_command(command)

    made = engine(folder, latch=folder / "latch.json", limits=LimitConfig(price_collar_pct=90.0))
    made.add_data(bars([40_000.0] * 6))
    made.add_strategy(Scripted({2: rest, 4: wait}))
    made.run()
    statuses = [order.status for order in made.cache.orders()]
    made.dispose()
    lines = read(folder / "decisions.jsonl")
    return queue, [line for line in lines if isinstance(line, DenialRecord)], statuses


@pytest.mark.parametrize(("make", "count"), [(_submit, 1), (_submit_list, 3), (_modify, 1)])
def test_what_waited_while_the_switch_was_engaged_does_not_leave(
    tmp_path: Path, make: Callable[[Scripted], Any], count: int
) -> None:
    queue, denials, statuses = _play(tmp_path, make, State.HALTED)
    assert queue.taken == []
    assert [denial.reason for denial in denials] == ["kill_switch: halted: a drill"] * count
    assert statuses.count(OrderStatus.DENIED) == (0 if make is _modify else count)


@pytest.mark.parametrize("make", [_submit, _submit_list, _modify])
def test_while_it_is_running_everything_leaves(tmp_path: Path, make: Callable[[Scripted], Any]) -> None:
    queue, denials, _ = _play(tmp_path, make, State.RUNNING)
    assert len(queue.taken) == 1
    assert denials == []


def test_a_cancel_leaves_in_any_state(tmp_path: Path) -> None:
    queue, denials, _ = _play(tmp_path, _cancel, State.HALTED)
    assert len(queue.taken) == 1
    assert denials == []


def test_an_engine_without_such_a_queue_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "latch.json")
    made = engine(tmp_path, latch=tmp_path / "latch.json")
    with pytest.raises(GuardError, match="queue cannot be guarded"):
        made.kernel._controller._gate.guard_queue(object())
    assert Latch(tmp_path / "latch.json").read().state is State.RUNNING
    made.dispose()
