"""Alerts call back once, and let go of what they would have called."""

import asyncio
import gc
import weakref

import pytest
from nautilus_trader.common.component import Clock, LiveClock, TestClock

from sagetrade_nautilus.execution.alerts import Alerts

SOON_NS = 20_000_000


class Trade:
    """Something that an alert is about."""


def _pass(clock: Clock) -> None:
    for event in clock.advance_time(clock.timestamp_ns() + 2 * SOON_NS) if isinstance(clock, TestClock) else ():
        event.handle()


def _alert(alerts: Alerts, clock: Clock, called: list[str], name: str = "exit") -> weakref.ref[Trade]:
    trade = Trade()

    def close(trade: Trade = trade) -> None:
        called.append(name)

    alerts.set(name, clock.timestamp_ns() + SOON_NS, close)
    return weakref.ref(trade)


def test_an_alert_that_has_rung_keeps_nothing_alive_and_rings_no_second_time() -> None:
    clock, called = TestClock(), list[str]()
    alerts = Alerts(clock)
    held = _alert(alerts, clock, called)
    assert held() is not None
    _pass(clock)
    _pass(clock)
    gc.collect()
    assert (called, held()) == (["exit"], None)


@pytest.mark.parametrize("again", [False, True])
def test_an_alert_that_was_cancelled_or_set_anew_keeps_nothing_of_the_old_one_alive(again: bool) -> None:
    clock, called = TestClock(), list[str]()
    alerts = Alerts(clock)
    held = _alert(alerts, clock, called)
    if again:
        _alert(alerts, clock, called)
    else:
        alerts.cancel("exit")
    gc.collect()
    assert held() is None
    _pass(clock)
    assert called == ["exit"] * again


def test_in_a_node_an_alert_calls_on_the_loop_and_one_that_is_cancelled_while_it_rings_does_not() -> None:
    called = list[str]()

    async def run() -> weakref.ref[Trade]:
        clock = LiveClock()
        alerts = Alerts(clock)
        held = _alert(alerts, clock, called)
        _alert(alerts, clock, called, "cancelled")
        deadline = asyncio.get_running_loop().time() + 10.0
        while clock.timer_names and asyncio.get_running_loop().time() < deadline:
            pass  # both ring on the clock's thread, and nothing is called before the loop gets its turn
        assert called == []
        alerts.cancel("cancelled")
        while not called and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        return held

    held = asyncio.run(run())
    gc.collect()
    assert (called, held()) == (["exit"], None)


def test_an_alert_sets_itself_anew_from_its_own_call_though_the_live_clock_has_not_let_go_of_it() -> None:
    rung = 0

    async def run() -> None:
        clock, done = LiveClock(), asyncio.Event()
        alerts = Alerts(clock)

        def again() -> None:
            nonlocal rung
            rung += 1
            if rung == 3_000:
                done.set()
            else:
                alerts.set("exit", clock.timestamp_ns(), again)

        again()
        await asyncio.wait_for(done.wait(), 30.0)

    asyncio.run(run())
    assert rung == 3_000
