"""What only reduces, in a real engine: cut to what is open, whatever way it comes, and never the other way round."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder, SubmitOrderList
from nautilus_trader.model.enums import ContingencyType, OrderSide, OrderStatus, OrderType, TriggerType
from nautilus_trader.model.identifiers import OrderListId
from nautilus_trader.model.orders import LimitOrder, Order, OrderList, StopMarketOrder

from sagetrade_nautilus.execution.commands import EXECUTE
from sagetrade_nautilus.guard.commands import pending_cancel
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import CutRecord, DenialRecord
from tests.support.engine import bars, engine
from tests.support.scripted import INSTRUMENT, Scripted

FLAT = [40_000.0] * 12


class Played:
    """A run that is long 0.1 from the second bar on, and does `script` at the fourth."""

    def __init__(
        self, folder: Path, script: Callable[[Scripted], None], *, guarded: bool = True, size: float = 0.1
    ) -> None:
        made = engine(folder, guarded=guarded)
        made.add_data(bars(FLAT))
        made.add_strategy(Scripted({2: lambda strategy: strategy.market(size), 4: script}))
        made.run()
        self.signed = [position.signed_qty for position in made.cache.positions_open()]
        self.orders = made.cache.orders()[1:]
        made.dispose()
        lines = read(folder / "decisions.jsonl") if guarded else []
        self.cuts = [(line.asked, line.quantity) for line in lines if isinstance(line, CutRecord)]
        self.denials = [line.reason for line in lines if isinstance(line, DenialRecord)]


def _straight(strategy: Scripted, order: Order) -> None:
    """Send an order to the execution engine's endpoint, past the risk engine, for the open position."""
    position = strategy.cache.positions_open()[0]
    strategy.cache.add_order(order, position.id)
    command = SubmitOrder(strategy.trader_id, strategy.id, order, UUID4(), 0, position.id)
    strategy.msgbus.send(EXECUTE, command)


def _sell(size: float, **options: Any) -> Callable[[Scripted], None]:
    def script(strategy: Scripted) -> None:
        quantity = strategy.qty(size)
        _straight(strategy, strategy.order_factory.market(INSTRUMENT, OrderSide.SELL, quantity, **options))

    return script


def test_a_reducing_order_larger_than_the_position_is_cut_to_it(tmp_path: Path) -> None:
    played = Played(tmp_path, _sell(0.3, reduce_only=True))
    assert played.signed == []
    assert [order.quantity.as_double() for order in played.orders] == [0.1]
    assert played.cuts == [(0.3, 0.1)]
    assert played.denials == []


def test_without_the_guard_the_venue_alone_stands_against_a_flip(tmp_path: Path) -> None:
    played = Played(tmp_path, _sell(0.3), guarded=False)
    assert played.signed == pytest.approx([-0.2])


@pytest.mark.parametrize("size", [0.05, 0.1])
def test_a_reducing_order_within_the_position_is_left_as_it_is(tmp_path: Path, size: float) -> None:
    played = Played(tmp_path, _sell(size, reduce_only=True))
    assert sum(played.signed) == pytest.approx(0.1 - size)
    assert played.cuts == []


def test_two_reducing_orders_in_one_moment_close_no_more_than_is_open(tmp_path: Path) -> None:
    def twice(strategy: Scripted) -> None:
        _sell(0.07, reduce_only=True)(strategy)
        _sell(0.07, reduce_only=True)(strategy)

    played = Played(tmp_path, twice)
    assert played.signed == []
    assert [order.quantity.as_double() for order in played.orders] == [0.07, 0.03]


def test_reducing_orders_that_leave_together_close_no_more_than_is_open(tmp_path: Path) -> None:
    def together(strategy: Scripted) -> None:
        make, size = strategy.order_factory.market, strategy.qty(0.07)
        orders = [make(INSTRUMENT, OrderSide.SELL, size, reduce_only=True) for _ in range(2)]
        position = strategy.cache.positions_open()[0]
        for order in orders:
            strategy.cache.add_order(order, position.id)
        listed = OrderList(OrderListId("L-1"), orders)
        strategy.msgbus.send(EXECUTE, SubmitOrderList(strategy.trader_id, strategy.id, listed, UUID4(), 0, position.id))

    played = Played(tmp_path, together)
    assert played.signed == []
    assert [order.quantity.as_double() for order in played.orders] == [0.07, 0.03]


def test_a_reducing_order_that_points_the_wrong_way_never_leaves(tmp_path: Path) -> None:
    def buy(strategy: Scripted) -> None:
        order = strategy.order_factory.market(INSTRUMENT, OrderSide.BUY, strategy.qty(0.1), reduce_only=True)
        _straight(strategy, order)

    played = Played(tmp_path, buy)
    assert played.signed == [0.1]
    assert played.denials == ["reduce_only: 0.1 against 0"]


@pytest.mark.parametrize("kind", [OrderType.LIMIT, OrderType.STOP_MARKET])
def test_a_resting_exit_is_cut_as_well(tmp_path: Path, kind: OrderType) -> None:
    def rest(strategy: Scripted) -> None:
        make = strategy.order_factory
        size = strategy.qty(0.25)
        if kind == OrderType.LIMIT:
            order = make.limit(INSTRUMENT, OrderSide.SELL, size, strategy.price(43_000.0), reduce_only=True)
        else:
            order = make.stop_market(INSTRUMENT, OrderSide.SELL, size, strategy.price(38_000.0), reduce_only=True)
        _straight(strategy, order)

    played = Played(tmp_path, rest)
    (order,) = played.orders
    assert order.status == OrderStatus.ACCEPTED
    assert order.quantity.as_double() == order.leaves_qty.as_double() == 0.1


def _rest_then_change(size: float = 0.1, **change: Any) -> Callable[[Scripted], None]:
    def script(strategy: Scripted) -> None:
        stop = strategy.order_factory.stop_market(
            INSTRUMENT, OrderSide.SELL, strategy.qty(size), strategy.price(38_000.0), reduce_only=True
        )
        _straight(strategy, stop)
        strategy.clock.set_time_alert_ns(
            "change", strategy.clock.timestamp_ns() + 600_000_000_000, lambda event: _change(strategy, stop, change)
        )

    return script


def _change(strategy: Scripted, order: Order, change: dict[str, Any]) -> None:
    quantity = strategy.qty(change["quantity"]) if "quantity" in change else None
    trigger = strategy.price(change["trigger_price"]) if "trigger_price" in change else None
    strategy.modify_order(order, quantity=quantity, trigger_price=trigger)


def test_an_exit_is_enlarged_up_to_what_is_open(tmp_path: Path) -> None:
    played = Played(tmp_path, _rest_then_change(size=0.05, quantity=0.1))
    assert played.denials == []
    assert played.orders[0].quantity.as_double() == 0.1


def test_an_exit_is_not_enlarged_beyond_what_is_open(tmp_path: Path) -> None:
    played = Played(tmp_path, _rest_then_change(quantity=0.2))
    assert played.orders[0].quantity.as_double() == 0.1
    assert played.denials == ["reduce_only: 0.2 against 0.1"]


@pytest.mark.parametrize("change", [{"quantity": 0.05}, {"trigger_price": 39_000.0}])
def test_an_exit_is_made_smaller_or_moved_at_will(tmp_path: Path, change: dict[str, float]) -> None:
    played = Played(tmp_path, _rest_then_change(**change))
    (order,) = played.orders
    assert played.denials == []
    assert order.quantity.as_double() == change.get("quantity", 0.1)
    assert order.trigger_price.as_double() == change.get("trigger_price", 38_000.0)


def test_what_is_left_below_the_smallest_size_never_leaves(tmp_path: Path) -> None:
    def almost(strategy: Scripted) -> None:
        _sell(0.1, reduce_only=True)(strategy)
        _sell(0.1, reduce_only=True)(strategy)

    played = Played(tmp_path, almost)
    assert played.denials == ["reduce_only: 0.1 against 0"]


def test_a_loop_of_exits_is_slowed_and_the_first_ones_leave(tmp_path: Path) -> None:
    def loop(strategy: Scripted) -> None:
        for _ in range(60):
            _sell(0.001, reduce_only=True)(strategy)

    played = Played(tmp_path, loop)
    assert sum(played.signed) == pytest.approx(0.05)
    assert set(played.denials) == {"max_messages_per_s: 51 against 50"}


def _pair(strategy: Scripted, size: float = 0.1) -> None:
    """Send a stop and a take-profit for the open position, of which one cancels the other."""
    factory, position = strategy.order_factory, strategy.cache.positions_open()[0]
    names = [factory.generate_client_order_id() for _ in range(2)]
    shared = {
        "trader_id": strategy.trader_id,
        "strategy_id": strategy.id,
        "instrument_id": INSTRUMENT,
        "order_side": OrderSide.SELL,
        "quantity": strategy.qty(size),
        "ts_init": strategy.clock.timestamp_ns(),
        "reduce_only": True,
        "contingency_type": ContingencyType.OUO,
        "order_list_id": factory.generate_order_list_id(),
    }
    stop = StopMarketOrder(
        client_order_id=names[0], trigger_price=strategy.price(39_000.0), trigger_type=TriggerType.DEFAULT,
        init_id=UUID4(), linked_order_ids=names[1:], **shared,
    )  # fmt: skip
    target = LimitOrder(
        client_order_id=names[1], price=strategy.price(41_000.0), init_id=UUID4(), linked_order_ids=names[:1], **shared
    )
    strategy.submit_order_list(OrderList(shared["order_list_id"], [stop, target]), position_id=position.id)


def test_two_pairs_of_exits_never_close_more_than_is_open_together(tmp_path: Path) -> None:
    def script(strategy: Scripted) -> None:
        _pair(strategy, 0.07)
        _pair(strategy, 0.07)
        _pair(strategy, 0.07)

    played = Played(tmp_path, script)
    assert played.cuts == [(0.07, 0.03), (0.07, 0.03)]
    assert played.denials == ["reduce_only: 0.07 against 0"] * 2


def test_a_pair_may_take_the_place_of_one_that_is_on_its_way_out_and_a_close_waits_for_none(tmp_path: Path) -> None:
    def script(strategy: Scripted) -> None:
        _pair(strategy)
        for order in strategy.cache.orders_inflight():
            order.apply(pending_cancel(order, 0))
            strategy.cache.update_order(order)
        _pair(strategy)
        strategy.close_position(strategy.cache.positions_open()[0])

    played = Played(tmp_path, script)
    assert (played.cuts, played.denials, played.signed) == ([], [], [])
