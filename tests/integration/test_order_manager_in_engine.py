"""The order manager behind a wire that loses messages: no order is ever at the venue twice, and none is forgotten."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.enums import OrderSide, OrderStatus
from nautilus_trader.model.events import OrderUpdated
from nautilus_trader.model.orders import LimitOrder, Order

from catalog.instruments import instrument_for
from sagetrade_nautilus.config import ExecutionConfig, LimitConfig
from sagetrade_nautilus.errors import OrderError
from sagetrade_nautilus.execution.micro import policy_of
from tests.support.engine import BTC
from tests.support.lossy import LOSSY, Wire
from tests.support.order_wires import WIRES, Sender, play


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
    assert result.statuses[OrderStatus.CANCELED] == len(resolved) > 40  # their lifetime was over


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


def test_a_cancel_that_the_venue_refuses_is_sent_again_until_the_order_is_gone(tmp_path: Path) -> None:
    result = play(tmp_path, Wire(refusal=0.8), count=20)
    assert result.events.count("OrderCancelRejected") > 20
    assert result.statuses == {OrderStatus.CANCELED: 20}
    assert result.deeds == {}


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
