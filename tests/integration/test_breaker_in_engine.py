"""The circuit breaker in a real engine: what trips it, what it does at once, and what the journal says of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.enums import OrderSide, OrderStatus

from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.guard.journal.journal import check, read
from sagetrade_nautilus.guard.journal.records import DenialRecord, StateRecord, TripRecord
from sagetrade_nautilus.messages import RISK_BUDGET_TOPIC, TRADING_STATE_TOPIC
from tests.support.engine import bars, engine, trades
from tests.support.paths import far
from tests.support.scripted import INSTRUMENT, Scripted

WIDE = LimitConfig(
    max_symbol_exposure_pct=900.0, max_exposure_pct=900.0, max_net_exposure_pct=900.0, max_order_notional_pct=900.0
)
FALL = [40_000.0] * 4 + [38_000.0] * 8
"""With two coins this loses 4 % of 100,000."""


class Played:
    def __init__(
        self,
        folder: Path,
        script: dict[int, Callable[[Scripted], None]],
        closes: list[float],
        *,
        breaker: BreakerConfig | None = None,
        limits: LimitConfig = WIDE,
        data: Callable[[list[float]], list[Any]] = bars,
    ) -> None:
        made = engine(folder, limits=limits, breaker=breaker)
        made.add_data(data(closes))
        made.add_strategy(Scripted(script))
        self.budgets: list[float] = []
        self.locks: list[bool] = []
        made.kernel.msgbus.subscribe(RISK_BUDGET_TOPIC, self.budgets.append)
        made.kernel.msgbus.subscribe(TRADING_STATE_TOPIC, lambda message: self.locks.append(message.locked))
        made.run()
        self.held = sum(position.signed_qty for position in made.cache.positions_open())
        self.statuses = [order.status for order in made.cache.orders()]
        self.fills = [(order.side, order.filled_qty.as_double()) for order in made.cache.orders()]
        made.dispose()
        path = folder / "decisions.jsonl"
        assert check(path).fault is None
        lines = read(path)
        self.trips = [line for line in lines if isinstance(line, TripRecord)]
        self.states = [line for line in lines if isinstance(line, StateRecord)]
        self.denials = [line.reason for line in lines if isinstance(line, DenialRecord)]


def _enter_and_rest(strategy: Scripted) -> None:
    strategy.market(2.0)
    far(strategy)


def _again(strategy: Scripted) -> None:
    strategy.market(0.01)


def test_it_trips_at_the_price_that_loses_too_much_and_cancels_what_rests(tmp_path: Path) -> None:
    """No order and no fill has to come: the bar alone does it."""
    played = Played(tmp_path, {2: _enter_and_rest}, FALL)
    assert [trip.rule for trip in played.trips] == ["max_daily_loss_pct", "max_day_drop_pct"]
    assert played.statuses == [OrderStatus.FILLED, OrderStatus.CANCELED]
    assert played.held == 2.0
    assert played.budgets[-1] == 0.0
    assert played.locks[-1] is False


def test_the_journal_says_how_far_every_limit_was(tmp_path: Path) -> None:
    trip = Played(tmp_path, {2: _enter_and_rest}, FALL).trips[0]
    limits = {name: (value, threshold) for name, value, threshold in trip.limits}
    assert limits["max_daily_loss_pct"] == (pytest.approx(4.0, abs=0.1), 3.0)
    assert limits["max_open_trades"] == (2, 4)
    assert limits["max_exposure_pct"][0] == pytest.approx((2.0 + 0.1) * 38_000.0 / 96_000.0 * 100.0, rel=0.01)
    assert {"max_price_age_s", "max_drawdown_pct", "max_losses_in_a_row", "max_orders_per_minute"} <= set(limits)


def test_a_halt_locks_strategies_and_lets_nothing_reduce(tmp_path: Path) -> None:
    def close(strategy: Scripted) -> None:
        strategy.close_position(strategy.cache.positions_open()[0])

    played = Played(tmp_path, {2: _enter_and_rest, 8: close}, FALL, breaker=BreakerConfig(action="halted"))
    assert played.held == 2.0
    assert played.locks[-1] is True
    assert played.denials[0].startswith("circuit_breaker: halted: max_daily_loss_pct")


def test_it_closes_what_is_open_if_it_is_to(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: _enter_and_rest}, FALL, breaker=BreakerConfig(action="halted", flatten=True))
    assert played.held == 0.0
    assert sorted(played.fills) == [(OrderSide.BUY, 0.0), (OrderSide.BUY, 2.0), (OrderSide.SELL, 2.0)]


def test_losses_in_a_row_trip_it(tmp_path: Path) -> None:
    closes = [40_000.0 - 50.0 * step for step in range(30)]

    def lose(strategy: Scripted) -> None:
        if strategy.cache.positions_open():
            strategy.close_position(strategy.cache.positions_open()[0])
        else:
            strategy.market(0.01)

    played = Played(
        tmp_path,
        dict.fromkeys(range(2, 20), lose),
        closes,
        limits=LimitConfig(max_losses_in_a_row=3),
    )
    assert [(trip.rule, trip.value) for trip in played.trips] == [("max_losses_in_a_row", 3.0)]
    assert sum(side == OrderSide.BUY and size > 0.0 for side, size in played.fills) == 3


def test_a_loop_trips_it_for_longer_than_the_window(tmp_path: Path) -> None:
    def loop(strategy: Scripted) -> None:
        for _ in range(20):
            strategy.market(0.001)

    limits = LimitConfig(max_open_trades=99, no_duplicate_s=0.0, repeat_window_s=1.0)
    played = Played(tmp_path, {2: loop, 9: _again}, [40_000.0] * 12, limits=limits)
    assert [(trip.rule, trip.release) for trip in played.trips] == [("max_repeated_orders", "person")]
    assert played.held == pytest.approx(0.01)
    assert played.denials[-1].startswith("circuit_breaker: reduce_only: max_repeated_orders")


def test_the_next_day_releases_it_and_strategies_hear_of_it(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: _enter_and_rest, 300: _again}, [40_000.0] * 4 + [38_000.0] * 400)
    assert [state.state for state in played.states] == ["released", "released"]
    assert played.held == pytest.approx(2.01)
    assert played.budgets[-1] > 0.0


def test_entries_that_fill_much_worse_than_they_named_stop_more_of_them(tmp_path: Path) -> None:
    """A stop that the market jumps over: triggered at 40,100, filled at 40,700."""

    def stop_entry(strategy: Scripted) -> None:
        trigger = strategy.price(40_100.0)
        strategy.submit_order(
            strategy.order_factory.stop_market(INSTRUMENT, OrderSide.BUY, strategy.qty(0.01), trigger)
        )

    closes = [40_000.0] * 4 + [40_700.0] * 12
    played = Played(tmp_path, {2: stop_entry, 9: _again}, closes, data=trades)
    assert played.held == pytest.approx(0.01)
    assert played.denials[0].startswith("max_slippage_bps: 149.6")
