"""Micro-trades in a real engine: caps, lifetimes, exits that follow the fills, in a market that runs wild."""

from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import CancelOrder
from nautilus_trader.model.enums import OrderSide, OrderStatus
from nautilus_trader.model.events import OrderCancelRejected

from sagetrade_nautilus.config import ExecutionConfig, LimitConfig
from sagetrade_nautilus.execution.commands import cancel_again
from sagetrade_nautilus.guard.controller import Guard
from sagetrade_nautilus.messages import EntryEnd
from tests.support.engine import START, book
from tests.support.micro_market import ASKED, DECIDED, MS, PRICE, play, run_wild, thin
from tests.support.plugin import decision


def test_a_deep_book_fills_at_once_and_the_exits_arrive_one_latency_later(tmp_path: Path) -> None:
    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 320)])
    assert played.ends == [EntryEnd(played.entries[0].client_order_id.value, ASKED, close=False, why="filled")]
    assert played.entry_fills == [(PRICE, ASKED, START + (DECIDED * 1_000 + 50) * MS)]
    assert played.bare.longest_ns == 50 * MS
    assert played.roles["time_exit"] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}


@pytest.mark.parametrize("venue_adjusts", [True, False])
def test_the_exits_follow_every_part_that_is_filled(tmp_path: Path, venue_adjusts: bool) -> None:
    played, _ = play(tmp_path, [thin(n, 0.04) for n in range(299, 320)], venue_adjusts=venue_adjusts)
    assert len(played.entry_fills) == 7
    assert played.bought == pytest.approx(ASKED)
    assert played.sizes["stop_loss"] == played.sizes["take_profit"] == ASKED
    assert played.bare.longest_ns <= 150 * MS
    assert not played.bare.ended_bare


def test_a_market_that_runs_away_is_followed_to_the_cap_and_no_further(tmp_path: Path) -> None:
    books = [thin(299, 50.0), *[thin(n, 50.0, PRICE * 1.01) for n in range(300, 330)]]
    played, plugin = play(tmp_path, books, scores={1: 0.8, 3: 0.8})
    assert played.entry_fills == []
    assert [end.why for end in played.ends] == ["unfilled", "unfilled"]
    assert plugin.asked == 2
    entry = played.entries[0]
    prices = [event.price.as_double() for event in entry.events if type(event).__name__ == "OrderUpdated"]
    assert prices == [40_008.0, 40_012.0, 40_016.0, 40_020.0]
    assert entry.status == OrderStatus.CANCELED
    assert entry.ts_last == START + (DECIDED + 10) * 1_000 * MS + 100 * MS - 50 * MS


@pytest.mark.parametrize(("partial", "last"), [("keep", "time_exit"), ("close", "partial_fill")])
def test_a_part_is_kept_and_protected_or_closed(tmp_path: Path, partial: str, last: str) -> None:
    books = [thin(299, 0.1), *[thin(n, 50.0, PRICE * 1.01) for n in range(301, 330)]]
    execution = ExecutionConfig(style="micro", lifetime_s=10.0, reprice_interval_s=0.0, partial=partial)  # type: ignore[arg-type]
    played, plugin = play(tmp_path, books, execution=execution)
    assert played.bought == pytest.approx(0.1)
    assert [(end.why, end.close) for end in played.ends] == [("partial", partial == "close")]
    assert played.roles[last] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}


def test_a_stop_that_is_hit_while_the_entry_still_works_ends_both(tmp_path: Path) -> None:
    books = [thin(299, 0.1), thin(301, 0.01), *[thin(n, 0.01, PRICE * 0.98) for n in range(303, 330)]]
    played, plugin = play(tmp_path, books, lambda signal: decision(signal, sl=PRICE * 0.995))
    assert played.roles["stop_loss"] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}
    assert all(order.is_closed for order in played.entries)


def test_a_stop_that_the_venue_refuses_closes_the_position(tmp_path: Path) -> None:
    books = [thin(299, 50.0), thin(300.07, 50.0, PRICE * 0.97), *[thin(n, 50.0, PRICE * 0.97) for n in range(301, 320)]]
    played, plugin = play(tmp_path, books)
    assert played.roles["stop_loss"] == OrderStatus.REJECTED
    assert played.roles["unprotected"] == OrderStatus.FILLED
    assert played.open == []
    assert plugin._trades == {}


def test_what_was_filled_while_the_stop_was_being_filled_is_closed_too(tmp_path: Path) -> None:
    """The stop covers the first part when the price falls through it; the venue does not enlarge it by itself."""
    books = [thin(299, 0.01), thin(301, 0.03), thin(301.02, 50.0, PRICE * 0.97)]
    books += [thin(n, 50.0, PRICE * 0.97) for n in range(303, 330)]
    played, plugin = play(tmp_path, books, latency_ns=400 * MS, venue_adjusts=False)
    assert played.bought == ASKED
    assert played.sizes["stop_loss"] > 0.2  # the second order of that role: what the first did not cover
    assert played.open == []
    assert plugin._trades == {}
    assert played.bare.longest_ns <= 1_200 * MS


def test_exits_that_somebody_cancels_are_sent_again(tmp_path: Path) -> None:
    def cancel(made: Any) -> None:
        (stop,) = made.cache.orders_open(side=OrderSide.SELL)[:1]
        cancel_again(made.kernel.msgbus, made.kernel.clock, stop)

    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 320)], at={310.0: cancel})
    assert played.count["stop_loss"] == played.count["take_profit"] == 2
    assert played.roles["time_exit"] == OrderStatus.FILLED
    assert played.bare.longest_ns <= 150 * MS
    assert plugin._trades == {}


@pytest.mark.parametrize(("refusals", "ends"), [(1, "time_exit"), (99, "unprotected")])
def test_an_exit_that_the_venue_will_not_cancel_does_not_stay_alone(tmp_path: Path, refusals: int, ends: str) -> None:
    """A take-profit without its stop is no protection: it goes, or else the position does."""
    refused: list[CancelOrder] = []

    def cancel(made: Any) -> None:
        (guard,) = (actor for actor in made.trader.actors() if isinstance(actor, Guard))
        forward, kernel = guard._gate._forward, made.kernel

        def refuse(command: Any) -> None:
            order = kernel.cache.order(command.client_order_id) if isinstance(command, CancelOrder) else None
            if order is None or order.tags[1] != "take_profit" or len(refused) >= refusals:
                forward(command)
                return
            refused.append(command)
            names = (order.trader_id, order.strategy_id, order.instrument_id, order.client_order_id)
            now = kernel.clock.timestamp_ns()
            event = OrderCancelRejected(*names, order.venue_order_id, order.account_id, "not now", UUID4(), now, now)
            kernel.msgbus.send("ExecEngine.process", event)

        guard._gate._forward = refuse
        stop = next(order for order in kernel.cache.orders_open() if order.tags[1] == "stop_loss")
        cancel_again(kernel.msgbus, kernel.clock, stop)

    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 320)], at={310.0: cancel})
    assert refused
    assert played.count["stop_loss"] == 1 + (refusals == 1)
    assert played.roles[ends] == OrderStatus.FILLED
    assert played.bare.longest_ns <= 300 * MS
    assert plugin._trades == {}


def test_an_entry_that_the_guard_denies_frees_the_strategy(tmp_path: Path) -> None:
    limits = LimitConfig(max_symbol_exposure_pct=5.0)
    played, plugin = play(tmp_path, [thin(n, 50.0) for n in range(299, 305)], limits=limits, scores={1: 0.8, 3: 0.8})
    assert played.entry_fills == []
    assert [end.why for end in played.ends] == ["unfilled", "unfilled"]
    assert plugin.asked == 2


def test_a_decision_to_rest_keeps_its_price_and_its_own_lifetime(tmp_path: Path) -> None:
    books = [thin(299, 0.01, PRICE + 100), *[thin(n, 50.0, PRICE + 100) for n in range(301, 320)]]
    books += [thin(400, 50.0, PRICE - 10)]
    played, _ = play(tmp_path, books, lambda signal: decision(signal, order_type="limit"))
    assert [price for price, _, _ in played.entry_fills] == [PRICE]
    assert [end.why for end in played.ends] == ["filled"]


def test_a_short_is_worked_downward(tmp_path: Path) -> None:
    books = [book(n, [(PRICE - 10, 0.1), (PRICE * 0.98, 50.0)], [(PRICE, 50.0)]) for n in range(299, 330)]
    played, _ = play(tmp_path, books, scores={1: -0.8})
    assert played.bought == pytest.approx(ASKED)
    assert min(price for price, _, _ in played.entry_fills) >= PRICE * (1 - 5e-4)
    assert played.open == []


def test_two_runs_leave_the_same_bytes(tmp_path: Path) -> None:
    journals = [play(tmp_path / name, [thin(n, 0.04) for n in range(299, 320)])[0].journal for name in ("a", "b")]
    assert journals[0] == journals[1]


@pytest.mark.parametrize("seed", range(12))
def test_in_a_wild_market_the_bounds_hold(tmp_path: Path, seed: int) -> None:
    run_wild(tmp_path, seed)
