"""The clocks of a replayed node: timers ring in the order of time, each at its own moment, and settle in between."""

import asyncio
from collections.abc import Awaitable

from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.common.component import TestClock

from adapters.replay.clocks import ReplayClocks


async def nothing() -> None:
    """Have nothing to settle."""


def run(work: Awaitable[None]) -> None:
    async def main() -> None:
        await work

    asyncio.run(main())


def clocks(*parts: TestClock) -> ReplayClocks:
    made = ReplayClocks(lambda: parts, nothing)
    made.set(1_000)
    return made


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1_001, 2_000)), max_size=12), st.integers(1_001, 2_000))
def test_alerts_of_all_clocks_ring_in_the_order_of_time_and_none_after_its_end(
    alerts: list[tuple[int, int]], end: int
) -> None:
    parts = TestClock(), TestClock()
    time, rung = clocks(*parts), []
    for number, (which, ts) in enumerate(alerts):
        clock = parts[which]
        clock.set_time_alert_ns(
            str(number), ts, lambda event: rung.append((event.ts_event, {part.timestamp_ns() for part in parts}))
        )
    run(time.ring_through(end))
    assert [ts for ts, _ in rung] == sorted(ts for _, ts in alerts if ts <= end)
    assert all(seen == {ts} for ts, seen in rung)
    assert {part.timestamp_ns() for part in parts} == {end}


def test_before_leaves_what_is_due_at_the_moment_itself_for_later() -> None:
    clock, rung = TestClock(), []
    time = clocks(clock)
    for ts in (1_100, 1_200):
        clock.set_time_alert_ns(str(ts), ts, lambda event: rung.append(event.ts_event))
    run(time.ring_before(1_200))
    assert (rung, clock.timestamp_ns()) == ([1_100], 1_200)
    run(time.ring_through(1_200))
    assert rung == [1_100, 1_200]


def test_an_alert_that_an_alert_sets_rings_in_its_turn() -> None:
    clock, rung = TestClock(), []
    time = clocks(clock)

    def first(event: object) -> None:
        rung.append("first")
        clock.set_time_alert_ns("chained", clock.timestamp_ns() + 50, lambda event: rung.append("chained"))

    clock.set_time_alert_ns("first", 1_100, first)
    clock.set_time_alert_ns("last", 1_200, lambda event: rung.append("last"))
    run(time.ring_through(1_300))
    assert rung == ["first", "chained", "last"]


def test_time_never_goes_back() -> None:
    clock = TestClock()
    time = clocks(clock)
    run(time.ring_through(900))
    assert clock.timestamp_ns() == 1_000
