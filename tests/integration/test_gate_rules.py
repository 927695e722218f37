"""Rules of the gate that a single deleted line would break: what it forwards, counts, forgets and lets out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import ModifyOrder, SubmitOrder
from nautilus_trader.model.enums import OrderSide, OrderStatus
from nautilus_trader.model.identifiers import ClientOrderId

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.execution.commands import EXECUTE
from sagetrade_nautilus.guard.controller import Guard
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord
from tests.support.engine import bars, engine
from tests.support.scripted import INSTRUMENT, LOSABLE, TIGHT, Script, Scripted, buy, closing, rest, resting_exit

FLAT = [40_000.0] * 12


class Played:
    """A run, and what was left of it."""

    def __init__(
        self, folder: Path, script: Script, limits: LimitConfig | None = None, closes: list[float] = FLAT
    ) -> None:
        made = engine(folder, limits=limits)
        made.add_data(bars(closes))
        self.strategy = Scripted(script)
        made.add_strategy(self.strategy)
        made.run()
        self.orders = {order.client_order_id: order for order in made.cache.orders()}
        self.held = [position.signed_qty for position in made.cache.positions_open()]
        self.denials = [line.reason for line in read(folder / "decisions.jsonl") if isinstance(line, DenialRecord)]
        made.dispose()


def _sell(size: float) -> Callable[[Scripted], None]:
    return lambda strategy: strategy.market(size, OrderSide.SELL)


def _change(size: float) -> Callable[[Scripted], None]:
    return lambda strategy: strategy.modify_order(strategy.cache.orders_open()[0], quantity=strategy.qty(size))


def _both(*acts: Callable[[Scripted], None]) -> Callable[[Scripted], None]:
    def act(strategy: Scripted) -> None:
        for one in acts:
            one(strategy)

    return act


def test_an_order_that_was_cancelled_no_longer_counts(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: rest(0.2), 4: lambda s: s.cancel_all_orders(INSTRUMENT), 6: buy(0.2)}, TIGHT)
    assert played.denials == []
    assert played.held == [0.2]


def test_a_change_within_the_limits_is_made_and_one_beyond_is_not(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: rest(0.1), 4: _change(0.2), 6: _change(5.0)}, TIGHT)
    assert [order.quantity.as_double() for order in played.orders.values()] == [0.2]
    assert len(played.denials) == 1


def test_a_change_of_an_order_that_nobody_knows_changes_nothing(tmp_path: Path) -> None:
    def change(strategy: Scripted) -> None:
        command = ModifyOrder(
            trader_id=strategy.trader_id,
            strategy_id=strategy.id,
            instrument_id=INSTRUMENT,
            client_order_id=ClientOrderId("O-nobody"),
            venue_order_id=None,
            quantity=strategy.qty(1.0),
            price=None,
            trigger_price=None,
            command_id=UUID4(),
            ts_init=0,
        )
        strategy.msgbus.send(EXECUTE, command)

    assert Played(tmp_path, {2: change, 4: buy(0.1)}).held == [0.1]


def test_an_order_that_nobody_has_cached_is_denied_like_any_other(tmp_path: Path) -> None:
    def send(strategy: Scripted) -> None:
        order = strategy.order_factory.market(INSTRUMENT, OrderSide.BUY, strategy.qty(1.0))
        command = SubmitOrder(
            trader_id=strategy.trader_id, strategy_id=strategy.id, order=order, command_id=UUID4(), ts_init=0
        )
        strategy.msgbus.send(EXECUTE, command)

    played = Played(tmp_path, {2: send}, TIGHT)
    assert [order.status for order in played.orders.values()] == [OrderStatus.DENIED]
    assert len(played.denials) == 1


def test_a_book_that_fails_bars_no_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(strategy: Scripted) -> None:
        def broken(self: Guard, leaving_out: Any = frozenset()) -> Any:
            raise RuntimeError("no book")

        monkeypatch.setattr(Guard, "book", broken)
        closing(0.1)(strategy)

    played = Played(tmp_path, {2: buy(0.1), 4: fail})
    assert played.held == []


def test_a_check_of_an_exit_that_fails_denies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        raise RuntimeError("no position")

    monkeypatch.setattr("sagetrade_nautilus.guard.gate.reduction.room", broken)
    played = Played(tmp_path, {2: buy(0.1), 4: closing(0.1)})
    assert played.held == [0.1]
    assert played.denials == ["a limit failed: RuntimeError: no position"]


@pytest.mark.parametrize(("enter", "side"), [(buy(0.1), OrderSide.SELL), (_sell(0.1), OrderSide.BUY)])
def test_a_way_out_leads_out(tmp_path: Path, enter: Callable[[Scripted], None], side: OrderSide) -> None:
    played = Played(tmp_path, {2: enter, 4: closing(0.1, side)})
    assert played.held == []
    assert played.denials == []


@pytest.mark.parametrize(("enter", "side"), [(buy(0.1), OrderSide.BUY), (_sell(0.1), OrderSide.SELL)])
def test_an_exit_that_points_the_wrong_way_is_denied(
    tmp_path: Path, enter: Callable[[Scripted], None], side: OrderSide
) -> None:
    played = Played(tmp_path, {2: enter, 4: lambda strategy: strategy.market(0.1, side, reduce_only=True)})
    assert len(played.denials) == 1


def test_of_two_exits_in_one_moment_one_leaves(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: buy(0.1), 4: _both(closing(0.1), closing(0.1))})
    assert played.held == []
    assert len(played.denials) == 1


def test_an_exit_at_rest_takes_from_what_may_be_closed(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: buy(0.1), 4: resting_exit(), 6: closing(0.1)})
    assert played.held == [0.1]
    assert len(played.denials) == 1


def test_the_exits_of_a_bracket_do_not_bar_another_way_out(tmp_path: Path) -> None:
    def bracket(strategy: Scripted) -> None:
        orders = strategy.order_factory.bracket(
            INSTRUMENT,
            OrderSide.BUY,
            strategy.qty(0.1),
            tp_price=strategy.price(43_000.0),
            sl_trigger_price=strategy.price(38_000.0),
        )
        strategy.submit_order_list(orders)

    played = Played(tmp_path, {2: bracket, 4: closing(0.1)})
    assert played.held == []
    assert played.denials == []


def test_an_exit_of_one_position_leaves_the_other_alone(tmp_path: Path) -> None:
    two = {2: buy(0.1), 3: buy(0.2)}
    closed = Played(tmp_path, {**two, 4: resting_exit(of=0), 6: closing(0.2, of=1)})
    assert closed.held == [0.1]
    assert closed.denials == []


def test_an_exit_closes_no_more_than_the_position_that_it_names(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: buy(0.1), 3: buy(0.2), 4: closing(0.2, of=0)})
    assert sum(played.held) >= 0.2 - 1e-9
    assert min(played.held) > 0.0


def test_a_loss_is_noticed_when_a_position_changes(tmp_path: Path) -> None:
    closes = [*FLAT[:4], 36_000.0, 36_000.0, *FLAT[:6]]
    played = Played(tmp_path, {2: buy(2.0), 5: closing(0.1), 10: buy(0.01)}, LOSABLE, closes)
    assert [denial.split(":")[0] for denial in played.denials] == ["circuit_breaker"]


@pytest.mark.parametrize("reduces", [False, True])
def test_no_order_for_an_amount_of_money_leaves_since_the_engine_sizes_it_behind_the_gate(
    tmp_path: Path, reduces: bool
) -> None:
    def spend(strategy: Scripted) -> None:
        side = OrderSide.SELL if reduces else OrderSide.BUY
        strategy.market(10_000.0, side, quote_quantity=True, reduce_only=reduces)

    limits = LimitConfig(max_order_notional_pct=6.0)  # which 10,000 are below, if they are taken for a size
    played = Played(tmp_path, {2: buy(10_000.0), 4: spend}, limits, closes=[0.5] * 8)
    assert played.held == [10_000.0]
    assert played.denials == ["quote_quantity: 10000.00000 in money; name the size in the base currency"]
