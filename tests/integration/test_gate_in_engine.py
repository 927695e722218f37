"""The gate in a real engine: what it holds back never reaches the venue, whichever way it came."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.errors import GuardError
from sagetrade_nautilus.execution.commands import EXECUTE
from sagetrade_nautilus.guard.controller import Guard
from sagetrade_nautilus.guard.guard_config import GuardConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord
from tests.support.engine import bars, engine, trades, walk
from tests.support.scripted import (
    INSTRUMENT,
    LOSABLE,
    TIGHT,
    Script,
    Scripted,
    large_bracket,
    large_emulated_stop,
    large_limit,
    large_market,
)

TRIPPED = ["circuit_breaker", " reduce_only", " max_daily_loss_pct"]


def _run(
    folder: Path,
    script: Script,
    limits: LimitConfig | None = None,
    closes: list[float] | None = None,
    guarded: bool = True,
    data: Callable[[list[float]], list[Any]] | None = None,
    end_after_s: int = 0,
) -> tuple[Scripted, list[DenialRecord]]:
    made = engine(folder, limits=limits, guarded=guarded)
    made.add_data((data or bars)(closes or [40_000.0] * 12))
    strategy = Scripted(script)
    made.add_strategy(strategy)
    made.run(end=bars(closes or [40_000.0] * 12)[-1].ts_init + end_after_s * 1_000_000_000 if end_after_s else None)
    journal = read(folder / "decisions.jsonl") if guarded else []
    orders = made.cache.orders()
    strategy.states = {order.order_type: order.status for order in orders}  # type: ignore[attr-defined]
    strategy.held = sum(position.signed_qty for position in made.cache.positions_open())  # type: ignore[attr-defined]
    made.dispose()
    return strategy, [record for record in journal if isinstance(record, DenialRecord)]


@pytest.mark.parametrize("path", [large_market, large_limit, large_bracket])
def test_an_order_beyond_a_limit_is_denied_and_never_filled(tmp_path: Path, path: Callable[[Scripted], None]) -> None:
    strategy, denials = _run(tmp_path, {2: path}, TIGHT)
    assert strategy.held == 0.0  # type: ignore[attr-defined]
    assert set(strategy.states.values()) == {OrderStatus.DENIED}  # type: ignore[attr-defined]
    assert denials[0].reason.startswith("max_symbol_exposure_pct: 40 against 10")


@pytest.mark.parametrize("path", [large_market, large_limit, large_bracket])
def test_without_the_guard_the_same_order_fills(tmp_path: Path, path: Callable[[Scripted], None]) -> None:
    strategy, _ = _run(tmp_path, {2: path}, guarded=False)
    assert strategy.held == 1.0  # type: ignore[attr-defined]


def test_an_emulated_stop_is_judged_when_it_is_released(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [40_200.0] * 8
    strategy, denials = _run(tmp_path, {2: large_emulated_stop}, TIGHT, closes, data=trades)
    assert strategy.held == 0.0  # type: ignore[attr-defined]
    assert len(denials) == 1
    assert denials[0].reason.startswith("max_symbol_exposure_pct")


def test_without_the_guard_a_released_stop_fills(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [40_200.0] * 8
    strategy, _ = _run(tmp_path, {2: large_emulated_stop}, closes=closes, data=trades, guarded=False)
    assert strategy.held == 1.0  # type: ignore[attr-defined]


def test_two_orders_in_one_moment_are_counted_together(tmp_path: Path) -> None:
    def twice(strategy: Scripted) -> None:
        strategy.market(0.2)
        strategy.market(0.21)

    strategy, denials = _run(tmp_path, {2: twice}, TIGHT)
    assert strategy.held == 0.2  # type: ignore[attr-defined]
    assert len(denials) == 1


def test_a_change_that_enlarges_an_order_beyond_a_limit_is_rejected(tmp_path: Path) -> None:
    def rest(strategy: Scripted) -> None:
        order = strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(0.1), strategy.price(30_000.0))
        strategy.submit_order(order)

    def enlarge(strategy: Scripted) -> None:
        strategy.modify_order(strategy.cache.orders_open()[0], quantity=strategy.qty(5.0))

    strategy, denials = _run(tmp_path, {2: rest, 4: enlarge}, TIGHT)
    assert "OrderModifyRejected" in [type(event).__name__ for event in strategy.events]
    assert denials[0].reason.startswith("max_symbol_exposure_pct")


def test_cancels_and_reducing_orders_pass_when_the_day_is_lost(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [36_000.0] * 8

    def enter(strategy: Scripted) -> None:
        strategy.market(2.0)
        order = strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(0.1), strategy.price(30_000.0))
        strategy.submit_order(order)

    def leave(strategy: Scripted) -> None:
        strategy.cancel_all_orders(INSTRUMENT)
        strategy.close_position(strategy.cache.positions_open()[0])

    def again(strategy: Scripted) -> None:
        strategy.market(0.01)

    strategy, denials = _run(tmp_path, {2: enter, 6: again, 7: leave, 9: again}, LOSABLE, closes)
    assert strategy.held == 0.0  # type: ignore[attr-defined]
    assert strategy.states[OrderType.LIMIT] == OrderStatus.CANCELED  # type: ignore[attr-defined]
    assert [denial.reason.split(":")[:3] for denial in denials] == [TRIPPED] * 2


def test_a_lost_day_stays_lost_although_the_price_comes_back(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [36_000.0] * 3 + [40_000.0] * 5

    def enter(strategy: Scripted) -> None:
        strategy.market(2.0)

    def again(strategy: Scripted) -> None:
        strategy.market(0.01)

    _, denials = _run(tmp_path, {2: enter, 6: again, 10: again}, LOSABLE, closes)
    assert [denial.reason.split(":")[:3] for denial in denials] == [TRIPPED] * 2


def test_midnight_opens_a_new_day(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [36_000.0] * 400

    def enter(strategy: Scripted) -> None:
        strategy.market(2.0)

    def again(strategy: Scripted) -> None:
        strategy.market(0.01)

    strategy, denials = _run(tmp_path, {2: enter, 280: again, 300: again}, LOSABLE, closes)
    assert len(denials) == 1
    assert strategy.held == pytest.approx(2.01)  # type: ignore[attr-defined]


def test_a_limit_that_raises_denies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Guard, prices: Any, leaving_out: Any) -> Any:
        raise RuntimeError("no book")

    monkeypatch.setattr(Guard, "book", broken)
    strategy, denials = _run(tmp_path, {2: large_market})
    assert strategy.held == 0.0  # type: ignore[attr-defined]
    assert denials[0].reason == "a limit failed: RuntimeError: no book"


def test_an_engine_without_the_endpoint_refuses_to_start(tmp_path: Path) -> None:
    made = engine(tmp_path, guarded=False)
    made.kernel.msgbus.deregister(EXECUTE, made.kernel.exec_engine.execute)
    with pytest.raises(GuardError, match="install the supported nautilus_trader"):
        made.trader.add_actor(Guard(made.trader, GuardConfig(journal=str(tmp_path / "decisions.jsonl"))))
    made.dispose()


@pytest.mark.parametrize("side", [OrderSide.BUY, OrderSide.SELL])
def test_a_reducing_order_while_flat_never_leaves(tmp_path: Path, side: OrderSide) -> None:
    strategy, denials = _run(tmp_path, {2: lambda s: s.market(0.1, side, reduce_only=True)})
    assert strategy.held == 0.0  # type: ignore[attr-defined]
    assert denials[0].reason == "reduce_only: 0.1 against 0"


def test_closing_twice_in_one_moment_closes_once(tmp_path: Path) -> None:
    def twice(strategy: Scripted) -> None:
        position = strategy.cache.positions_open()[0]
        for _ in range(2):
            strategy.submit_order(
                strategy.order_factory.market(INSTRUMENT, OrderSide.SELL, position.quantity, reduce_only=True),
                position_id=position.id,
            )

    strategy, _ = _run(tmp_path, {2: lambda s: s.market(0.1), 4: twice})
    assert strategy.held == 0.0  # type: ignore[attr-defined]


def test_an_order_loop_is_stopped(tmp_path: Path) -> None:
    wide = LimitConfig(max_open_trades=1000, max_repeated_orders=10, no_duplicate_s=0.0)

    def loop(strategy: Scripted) -> None:
        for _ in range(50):
            strategy.market(0.001)

    strategy, denials = _run(tmp_path, {2: loop}, wide)
    assert strategy.held == pytest.approx(0.010)  # type: ignore[attr-defined]
    assert denials[0].reason == "max_repeated_orders: 11 against 10"
    loop = "circuit_breaker: reduce_only: max_repeated_orders: 11 against 10"
    assert {denial.reason for denial in denials[1:]} == {loop}


def test_the_same_order_twice_in_a_second_leaves_once(tmp_path: Path) -> None:
    def twice(strategy: Scripted) -> None:
        strategy.market(0.01)
        strategy.market(0.01)

    strategy, denials = _run(tmp_path, {2: twice})
    assert strategy.held == pytest.approx(0.01)  # type: ignore[attr-defined]
    assert denials[0].reason == "no_duplicate_s: 0 against 1"


def test_no_entry_on_a_price_that_has_grown_old(tmp_path: Path) -> None:
    def later(strategy: Scripted) -> None:
        due = strategy.clock.timestamp_ns() + 901_000_000_000
        strategy.clock.set_time_alert_ns("later", due, lambda event: strategy.market(0.01))

    strategy, denials = _run(tmp_path, {12: later}, end_after_s=1000)
    assert strategy.held == 0.0  # type: ignore[attr-defined]
    assert denials[0].reason == "max_price_age_s: 901 against 900"


def test_no_entry_right_after_a_spike(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [400_000.0] + [40_000.0] * 8
    strategy, denials = _run(tmp_path, {5: lambda s: s.market(0.001)}, closes=closes)
    assert strategy.held == 0.0  # type: ignore[attr-defined]
    assert denials[0].reason == "max_price_jump_pct: 900 against 20"


def test_a_limit_price_outside_the_collar_never_leaves(tmp_path: Path) -> None:
    def far(strategy: Scripted) -> None:
        strategy.submit_order(
            strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(0.01), strategy.price(50_000.0))
        )

    strategy, denials = _run(tmp_path, {2: far})
    assert strategy.held == 0.0  # type: ignore[attr-defined]
    assert denials[0].reason == "price_collar_pct: 25 against 10"


def test_ordinary_orders_pass(tmp_path: Path) -> None:
    strategy, denials = _run(tmp_path, {2: lambda s: s.market(0.1)}, closes=walk(12))
    assert strategy.held == pytest.approx(0.1)  # type: ignore[attr-defined]
    assert denials == []
