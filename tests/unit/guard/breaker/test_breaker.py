"""The circuit breaker's rules, on both sides of each threshold; and that nothing but a rule or a person releases it."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.guard.breaker.breaker import (
    DAILY_LOSS,
    DAY_DROP,
    DRAWDOWN,
    LOSSES,
    Memory,
    Trip,
    after_trade,
    budget_left,
    observe,
    released,
    standings,
    trip,
)
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.nanos import NANOS_PER_DAY

LIMITS = LimitConfig(max_daily_loss_pct=3.0, max_day_drop_pct=4.0, max_drawdown_pct=20.0, max_losses_in_a_row=3)
BREAKER = BreakerConfig()
PERSON = BreakerConfig(action="halted", release="person")
NOON = 19_000 * NANOS_PER_DAY + NANOS_PER_DAY // 2
DAY = NANOS_PER_DAY


def _seen(*equities: float, start: Memory | None = None, ts: int = NOON, breaker: BreakerConfig = BREAKER) -> Memory:
    memory = start or Memory()
    for number, equity in enumerate(equities):
        memory = observe(memory, equity, ts + number, LIMITS, breaker)
    return memory


def _rules(memory: Memory) -> list[str]:
    return [known.rule for known in memory.trips]


@pytest.mark.parametrize(("equity", "trips"), [(970.01, []), (970.0, [DAILY_LOSS]), (969.9, [DAILY_LOSS])])
def test_the_days_loss_trips_at_its_share_of_the_days_start(equity: float, trips: list[str]) -> None:
    assert _rules(_seen(1000.0, equity)) == trips


@pytest.mark.parametrize(("equity", "trips"), [(1060.01, []), (1060.0, [DAY_DROP]), (1050.0, [DAY_DROP])])
def test_the_fall_from_the_days_peak_is_counted_in_shares_of_the_days_start(equity: float, trips: list[str]) -> None:
    assert _rules(_seen(1000.0, 1100.0, equity)) == trips


@pytest.mark.parametrize(("equity", "trips"), [(800.01, []), (800.0, [DRAWDOWN])])
def test_a_drawdown_trips_over_many_days(equity: float, trips: list[str]) -> None:
    memory = Memory()
    steps = [1000.0 - 20.0 * day for day in range(10)] + [equity]
    for day, worth in enumerate(steps):
        memory = observe(memory, worth, NOON + day * DAY, LIMITS, BREAKER)
    assert [rule for rule in _rules(memory) if rule == DRAWDOWN] == trips


@pytest.mark.parametrize(
    ("results", "trips"), [((-1.0, -1.0), []), ((-1.0, 0.0, -1.0, -1.0), []), ((-1.0,) * 3, [LOSSES])]
)
def test_losses_in_a_row_trip(results: tuple[float, ...], trips: list[str]) -> None:
    memory = _seen(1000.0)
    for pnl in results:
        memory = after_trade(memory, pnl, NOON, LIMITS, BREAKER)
    assert _rules(memory) == trips


def test_a_trip_says_what_tripped_it_and_holds_although_the_money_comes_back() -> None:
    memory = _seen(1000.0, 960.0, 1000.0)
    assert memory.state is State.REDUCE_ONLY
    assert [str(known) for known in memory.trips] == [
        "max_daily_loss_pct: 4 against 3",
        "max_day_drop_pct: 4 against 4",
    ]
    assert _seen(900.0, start=memory).trips[0].value == 4.0


def test_the_next_day_releases_what_it_may_and_counts_from_its_own_start() -> None:
    lost = _seen(1000.0, 960.0)
    assert _rules(_seen(960.0, start=lost, ts=NOON + DAY // 2 - 1)) == _rules(lost)
    morning = _seen(960.0, start=lost, ts=NOON + DAY // 2)
    assert _rules(morning) == []
    assert (morning.day_start, morning.day_peak) == (960.0, 960.0)
    assert standings(morning, LIMITS)[0].value == 0.0


def test_a_clock_that_runs_backwards_begins_no_day() -> None:
    lost = _seen(1000.0, 960.0)
    assert _rules(_seen(960.0, start=lost, ts=NOON - 5 * DAY)) == _rules(lost)


def test_a_drawdown_waits_for_a_person_whatever_the_days_do() -> None:
    memory = _seen(1000.0, 790.0)
    later = _seen(790.0, start=memory, ts=NOON + 9 * DAY)
    assert _rules(later) == [DRAWDOWN]
    assert not later.trips[0].until_next_day


def test_with_release_by_a_person_no_day_releases_the_days_loss() -> None:
    memory = _seen(1000.0, 960.0, breaker=PERSON)
    assert memory.state is State.HALTED
    assert _rules(_seen(960.0, start=memory, ts=NOON + DAY, breaker=PERSON)) == [DAILY_LOSS, DAY_DROP]


def test_what_a_person_released_counts_anew_from_now() -> None:
    memory = _seen(1000.0, 790.0, breaker=PERSON)
    free = released(memory, memory.trips)
    assert _rules(free) == []
    assert (free.day_start, free.day_peak, free.peak) == (790.0, 790.0, 790.0)
    assert _rules(_seen(785.0, start=free, breaker=PERSON)) == []
    assert _rules(_seen(766.0, start=free, breaker=PERSON)) == [DAILY_LOSS]


def test_a_release_forgets_neither_what_the_day_began_with_nor_the_highest_equity_ever() -> None:
    memory = _seen(1000.0, 790.0, breaker=PERSON)
    free = released(memory, memory.trips)
    assert (free.opening, free.high_water) == (1000.0, 1000.0)
    again = _seen(760.0, start=free, breaker=PERSON)
    assert _rules(again) == [DAILY_LOSS]
    twice = released(again, again.trips)
    assert (twice.opening, twice.high_water, twice.day_start) == (1000.0, 1000.0, 760.0)
    assert _seen(1100.0, start=twice, breaker=PERSON).high_water == 1100.0
    morning = _seen(800.0, start=twice, ts=NOON + DAY, breaker=PERSON)
    assert (morning.opening, morning.high_water) == (800.0, 1000.0)


def test_without_a_release_the_day_and_the_peak_are_what_the_rules_count_from() -> None:
    memory = _seen(1000.0, 1010.0, 1005.0)
    assert (memory.opening, memory.high_water) == (memory.day_start, memory.peak) == (1000.0, 1010.0)
    assert (Memory().opening, Memory().high_water) == (None, None)


def test_a_person_who_releases_one_trip_leaves_the_others() -> None:
    memory = trip(_seen(1000.0, 960.0, breaker=PERSON), Trip("loop", 11, 10, NOON, State.HALTED, until_next_day=False))
    assert _rules(released(memory, memory.trips[2:])) == [DAILY_LOSS, DAY_DROP]
    assert released(memory, memory.trips[2:]).day_start == 1000.0


@pytest.mark.parametrize("unknown", [nan, inf, -inf])
def test_an_equity_that_is_unknown_is_no_observation(unknown: float) -> None:
    assert _seen(unknown) == Memory(day=19_000)
    assert _seen(unknown, start=_seen(1000.0, 980.0)) == _seen(1000.0, 980.0)


@pytest.mark.parametrize("worth", [0.0, -500.0])
def test_an_account_that_is_worth_nothing_has_lost_all(worth: float) -> None:
    assert _seen(1000.0, worth).trips[0].rule == DAILY_LOSS
    assert _seen(worth).trips


def test_a_rule_trips_once() -> None:
    assert len(_seen(1000.0, 950.0, 940.0, 930.0).trips) == 2


@pytest.mark.parametrize(("equities", "left"), [((1000.0,), 1.0), ((1000.0, 985.0), 0.5), ((1000.0, 960.0), 0.0)])
def test_the_budget_that_is_left_is_of_the_rule_that_is_nearest(equities: tuple[float, ...], left: float) -> None:
    assert budget_left(_seen(*equities), LIMITS) == pytest.approx(left)


def test_after_a_rise_the_fall_from_the_peak_uses_the_budget_up() -> None:
    assert budget_left(_seen(1000.0, 1100.0, 1080.0), LIMITS) == pytest.approx(0.5)


@given(st.lists(st.floats(1.0, 2000.0), min_size=1, max_size=40), st.integers(1, 40))
def test_no_price_releases_a_trip(equities: list[float], hours: int) -> None:
    """Whatever the equity does within the day, trips only ever grow."""
    memory, before = Memory(), 0
    for number, equity in enumerate(equities):
        memory = observe(memory, equity, 19_000 * DAY + number * DAY // 41, LIMITS, PERSON)
        assert len(memory.trips) >= before
        before = len(memory.trips)
    start = equities[0]
    lost = any((start - equity) / start * 100.0 >= 3.0 for equity in equities)
    assert (DAILY_LOSS in _rules(memory)) == lost


def test_nothing_is_lost_of_what_is_not_known() -> None:
    for memory in (Memory(), Memory(equity=900.0), Memory(day_start=1000.0, day_peak=1000.0, peak=1000.0)):
        assert [standing.value for standing in standings(memory, LIMITS)] == [0.0] * 4


def test_no_budget_is_left_after_a_trip_of_any_rule() -> None:
    memory = _seen(1000.0)
    for _ in range(3):
        memory = after_trade(memory, -1.0, NOON, LIMITS, BREAKER)
    assert _rules(memory) == [LOSSES]
    assert budget_left(memory, LIMITS) == 0.0


def test_a_day_begins_with_what_it_is_first_seen_with_or_with_the_last_known() -> None:
    night = _seen(1000.0)
    assert _seen(980.0, start=night, ts=NOON + DAY).day_start == 980.0
    assert _seen(nan, start=night, ts=NOON + DAY).day_start == 1000.0


def test_losses_in_a_row_are_counted_anew_after_their_own_release_alone() -> None:
    memory = _seen(1000.0, 960.0)
    for _ in range(3):
        memory = after_trade(memory, -1.0, NOON, LIMITS, BREAKER)
    assert set(_rules(memory)) == {DAILY_LOSS, DAY_DROP, LOSSES}
    of_the_day = tuple(known for known in memory.trips if known.rule != LOSSES)
    assert released(memory, of_the_day).losses_in_a_row == 3
    assert released(memory, memory.trips).losses_in_a_row == 0
