"""What is worth telling between two looks at the node: each change once, and a limit before it is reached."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.bot.notices.notice import (
    Connected,
    LimitNear,
    Notice,
    OrderFailed,
    Stale,
    Switched,
    Tripped,
    Unowned,
    line,
)
from sagetrade_nautilus.bot.notices.watch import FAR, NEAR, Watch, of_canary, of_watch
from sagetrade_nautilus.bot.words.figures import Show
from sagetrade_nautilus.experiments.book import BookEntry
from sagetrade_nautilus.guard.breaker.breaker import Trip
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.guard.view import LimitView
from sagetrade_nautilus.messages import CanaryEnd, Connection, OrderWatch, TradingState
from sagetrade_nautilus.overview import ClientStatus, NodeStatus, Overview
from tests.support.bot_node import BTC, ETH, NOW, SECOND, guard, overview

ENGLISH = Show("en")


def seen(**changes: Any) -> Overview:
    return overview(guard=guard(**changes))


def used(share: float) -> Overview:
    return seen(limits=(LimitView("max_daily_loss_pct", 3.0 * share, 3.0),))


def kinds(notices: list[Notice]) -> list[type[Notice]]:
    return [type(notice) for notice in notices]


def test_a_node_that_is_as_it_should_be_tells_nothing() -> None:
    watch = Watch()
    assert watch.see(overview()) == []
    assert watch.see(overview()) == []


def test_at_the_first_look_what_is_wrong_already_is_told() -> None:
    halted = seen(state="halted", reason="kill_switch: halted: fault", reduce_only=(ETH,))
    assert kinds(Watch().see(halted)) == [Switched, Unowned]


def test_a_limit_is_told_at_eighty_percent_again_when_reached_and_anew_once_it_was_far() -> None:
    watch = Watch()
    told = [watch.see(used(share)) for share in (0.5, 0.79, 0.8, 0.85, 0.75, 0.9, 1.0, 1.2, 0.69, 0.81)]
    assert [[notice.reached for notice in notices if isinstance(notice, LimitNear)] for notices in told] == [
        [], [], [False], [], [], [], [True], [], [], [False],
    ]  # fmt: skip
    assert line(told[2][0], ENGLISH) == "🟠 Close to a limit. Loss of the day: 2.4% of 3%"
    assert told[2][0].critical


@given(st.lists(st.floats(0.0, 1.5), max_size=40))
def test_no_limit_is_reached_without_having_been_told_and_none_is_told_twice_in_a_row(shares: list[float]) -> None:
    watch = Watch()
    known: bool | None = None
    for share in shares:
        notices = [notice for notice in watch.see(used(share)) if isinstance(notice, LimitNear)]
        level = 3.0 * share / 3.0
        if known is None:
            assert bool(notices) == (level >= NEAR)
        else:
            assert bool(notices) == (level >= 1.0 and not known)
        if notices:
            known = notices[0].reached
        elif level < FAR:
            known = None


def test_unknown_and_absent_thresholds_are_no_limits_near() -> None:
    limits = (LimitView("max_exposure_pct", None, 100.0), LimitView("max_open_trades", 3.0, 0.0))
    assert Watch().see(seen(limits=limits)) == []


def test_a_trip_and_its_release_are_told_once_each() -> None:
    trip = Trip("max_daily_loss_pct", 3.2, 3.0, NOW, State.REDUCE_ONLY, until_next_day=True)
    watch = Watch()
    first = watch.see(seen(trips=(trip,)))
    assert kinds(first) == [Tripped]
    assert "Loss of the day: 3.2%, the limit is 3%. It is released by the next UTC day." in line(first[0], ENGLISH)
    assert watch.see(seen(trips=(trip,))) == []
    assert [line(notice, ENGLISH) for notice in watch.see(seen())] == [
        "▶️ The circuit breaker was released. Loss of the day"
    ]


def test_a_change_that_the_guard_publishes_is_told_at_once_and_not_again_at_the_next_look() -> None:
    watch = Watch()
    told = watch.hear(TradingState("halted", True, "kill_switch: halted: the feed looks wrong"), NOW)
    assert line(told[0], ENGLISH) == (
        "🛑 Trading is halted: nothing leaves but cancels. Why, as noted: Kill switch: the feed looks wrong"
    )
    assert watch.see(seen(state="halted", reason="kill_switch: halted: the feed looks wrong")) == []
    assert line(watch.see(seen())[0], ENGLISH) == "▶️ Trading is allowed."


def test_a_price_that_stands_still_is_told_and_that_it_moves_again() -> None:
    watch = Watch()
    old = overview(prices=tuple(msgspec.structs.replace(price, age_s=1_000.0) for price in overview().prices[:1]))
    assert [(notice.instrument_id, notice.fresh) for notice in watch.see(old) if isinstance(notice, Stale)] == [
        (BTC, False)
    ]
    assert watch.see(old) == []
    assert [line(notice, ENGLISH) for notice in watch.see(overview())] == ["▶️ BTCUSDT: prices come again"]


def test_a_price_that_has_never_come_is_told_once_it_was_waited_for_long_enough() -> None:
    watch = Watch()
    never = tuple(msgspec.structs.replace(price, price=None, age_s=None) for price in overview().prices[:1])
    assert watch.see(overview(prices=never, started_ns=NOW - 800 * SECOND)) == []
    told = watch.see(overview(prices=never, started_ns=NOW - 960 * SECOND))
    assert [line(notice, ENGLISH) for notice in told] == [
        "⏳ BTCUSDT: no price has come within 16 min of the start; nothing is entered on it"
    ]
    assert [line(notice, ENGLISH) for notice in watch.see(overview())] == ["▶️ BTCUSDT: prices come again"]


def test_an_order_that_nobody_answers_is_critical_and_earlier_tries_are_not_told() -> None:
    told = of_watch(OrderWatch("O-1", "unresolved"), BTC, NOW)
    assert isinstance(told, OrderFailed)
    assert told.critical
    assert of_watch(OrderWatch("O-1", "queried"), BTC, NOW) is None


def test_connections_are_told() -> None:
    watch = Watch()
    changes = [watch.connection(Connection("ALPACA", connected=stands), NOW) for stands in (True, False, False, True)]
    assert [notice is not None for notice in changes] == [False, True, False, True]
    assert isinstance(lost := changes[1], Connected)
    assert line(lost, ENGLISH) == "🔌 ALPACA: the connection is lost; it is being opened anew"


def with_clients(*connected: bool, stopping: bool = False) -> Overview:
    clients = tuple(
        ClientStatus(name, up) for name, up in zip(("data BINANCE", "exec BINANCE"), connected, strict=True)
    )
    return overview(node=NodeStatus(clients=clients, queues={}, stopping=stopping))


def test_a_client_of_the_node_that_loses_its_connection_is_told_and_that_it_has_it_again() -> None:
    watch = Watch()
    told = [watch.see(with_clients(*up)) for up in ((True, True), (True, False), (True, False), (True, True))]
    assert [[line(notice, ENGLISH) for notice in notices] for notices in told] == [
        [],
        ["🔌 orders at BINANCE: the connection is lost; it is being opened anew"],
        [],
        ["🔌 orders at BINANCE: the connection stands again"],
    ]
    assert watch.see(with_clients(False, False, stopping=True)) == []


def entry(number: int, state: str, **measured: float) -> BookEntry:
    return BookEntry(
        id=f"exp-20261126-00{number}", name="a longer RSI", hypothesis="more", proposer="human", state=state,
        created_at="2026-11-26T09:00:00Z", is_active=True, **measured,
    )  # fmt: skip


def test_a_result_of_an_experiment_is_told_once_and_those_from_before_the_start_are_not() -> None:
    watch = Watch()
    assert watch.experiments([entry(1, "rejected"), entry(2, "evaluating")], NOW) == []
    after = [
        entry(1, "rejected"),
        entry(2, "recommended", baseline_sharpe=0.8, sharpe=1.05),
        entry(3, "rejected"),
        entry(4, "evaluated"),
    ]
    assert [line(notice, ENGLISH) for notice in watch.experiments(after, NOW)] == [
        "🧪 Experiment exp-20261126-002 (a longer RSI): recommended. Sharpe ratio 0.80 → 1.05",
        "🧪 Experiment exp-20261126-003 (a longer RSI): rejected",
    ]
    assert watch.experiments(after, NOW) == []


def test_a_canary_that_is_given_up_is_told_at_any_hour_and_one_that_endured_by_day() -> None:
    given_up = of_canary(CanaryEnd("E-12", True, "it lost 4.00% within 24 hours"), NOW)
    endured = of_canary(CanaryEnd("E-12", False, "+0.40%"), NOW)
    assert (given_up.critical, endured.critical) == (True, False)
    assert line(given_up, ENGLISH).startswith(
        "🚨 The canary of E-12 broke its own criteria: it lost 4.00% within 24 hours. Its strategies enter nothing"
    )
    assert line(endured, ENGLISH) == "🧪 The canary of E-12 is over, and within its criteria: +0.40%"
    for notice in (given_up, endured):
        assert "E-12" in line(notice, Show("ar"))
        assert line(notice, Show("ar")) != line(notice, ENGLISH)


def test_what_others_wrote_is_cleaned_and_cut_in_a_notice() -> None:
    bad = OrderFailed(
        ts=NOW, client_order_id="O-1", instrument_id=BTC, what="rejected", reason="<b>no</b>\n\u202eevil" + "x" * 5_000
    )
    said = line(bad, ENGLISH)
    assert len(said) < 300
    assert "\n" not in said
    assert "\u202e" not in said
    assert "<b>" not in said
