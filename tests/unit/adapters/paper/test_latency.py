"""`LatencyClock`: a command takes effect when it arrives, at the price that stands then."""

import pytest
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.common.component import TestClock
from nautilus_trader.model.enums import OrderSide

from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from adapters.paper.latency import LatencyClock
from sagetrade_nautilus.errors import ConfigError

LATENCY_NS = 50_000_000


def waking(engine, _trader):
    """Stand in front of the execution engine, as the gate does, and wake the exchange for each command."""
    execute = engine.kernel.exec_engine.execute
    bus = engine.kernel.msgbus
    alarm = LatencyClock(engine.kernel.clock, LATENCY_NS)

    def forward(command):
        execute(command)
        alarm.wake()

    bus.deregister("ExecEngine.execute", execute)
    bus.register("ExecEngine.execute", forward)


def run(sim, script, bars=None, prepare=waking, **engine):
    """Play `script` over four bars; the third one is wild."""
    bars = bars or [sim.flat(1), sim.flat(2), sim.bar(3, 100, 105, 95, 103), sim.flat(4, 103)]
    return sim.simulate(
        bars,
        script,
        prepare=prepare,
        fill_model=DepthFillModel(DepthFillModelConfig(slippage_bps=1)),
        latency_model=LatencyModel(base_latency_nanos=LATENCY_NS),
        **engine,
    )


def test_a_market_order_fills_when_it_arrives_at_the_close_that_it_was_sent_on(sim):
    trader = run(sim, {2: lambda t: t.market(OrderSide.BUY, 1)})
    assert trader.fills == [(100.01, 1.0, 2 * sim.minute_ns + LATENCY_NS)]


def test_without_the_clock_nautilus_fills_it_after_the_next_bar(sim):
    trader = run(sim, {2: lambda t: t.market(OrderSide.BUY, 1)}, prepare=None)
    assert trader.fills == [(103.02, 1.0, 3 * sim.minute_ns)]


def test_a_brackets_children_stand_before_the_next_bar(sim):
    trader = run(sim, {2: lambda t: t.bracket(OrderSide.BUY, 1, tp=110, sl=98)})
    assert [event.ts_event for event in trader.events_of("OrderAccepted")] == [2 * sim.minute_ns + LATENCY_NS] * 2
    assert trader.fills[1] == (97.99, 1.0, 3 * sim.minute_ns)


def test_a_limit_order_is_accepted_when_it_arrives(sim):
    trader = run(sim, {2: lambda t: t.limit(OrderSide.BUY, 1, 99)})
    assert trader.events_of("OrderAccepted")[0].ts_event == 2 * sim.minute_ns + LATENCY_NS
    assert trader.fills == [(99.0, 1.0, 3 * sim.minute_ns)]


def test_a_cancel_takes_effect_before_the_next_bar(sim):
    trader = run(sim, {1: lambda t: t.limit(OrderSide.BUY, 1, 99), 2: lambda t: t.cancel_everything()})
    assert trader.events_of("OrderCanceled")[0].ts_event == 2 * sim.minute_ns + LATENCY_NS
    assert not trader.fills


def test_a_modified_stop_stands_where_it_was_moved_before_the_next_bar(sim):
    def raise_stop(trader):
        stop = next(order for order in trader.cache.orders_open() if order.has_trigger_price)
        trader.modify_order(stop, trigger_price=trader.instrument.make_price(99))

    trader = run(sim, {1: lambda t: t.bracket(OrderSide.BUY, 1, tp=110, sl=96), 2: raise_stop})
    assert trader.fills[1] == (98.99, 1.0, 3 * sim.minute_ns)


def test_an_order_sent_in_answer_to_a_fill_arrives_before_the_next_bar(sim):
    def close(trader):
        if len(trader.fills) == 1:
            trader.market(OrderSide.SELL, 1)

    trader = run(sim, {2: lambda t: t.market(OrderSide.BUY, 1), "OrderFilled": close})
    sent = 2 * sim.minute_ns
    assert [moment for _, _, moment in trader.fills] == [sent + LATENCY_NS, sent + 2 * LATENCY_NS]


def test_an_order_sent_on_the_last_bar_arrives_if_the_run_ends_later(sim):
    script = {4: lambda t: t.market(OrderSide.BUY, 1)}
    assert not run(sim, script).fills
    ended_later = run(sim, script, end_ns=4 * sim.minute_ns + LATENCY_NS)
    assert ended_later.fills == [(103.02, 1.0, 4 * sim.minute_ns + LATENCY_NS)]


def test_two_commands_of_one_moment_share_their_timers():
    clock = TestClock()
    alarm = LatencyClock(clock, LATENCY_NS)
    alarm.wake()
    alarm.wake()
    assert sorted(map(clock.next_time_ns, clock.timer_names)) == [LATENCY_NS, LATENCY_NS + 1]


def test_no_latency_needs_no_timer_and_no_model():
    clock = TestClock()
    alarm = LatencyClock(clock, 0)
    alarm.wake()
    assert clock.timer_count == 0
    assert alarm.model() is None


def test_the_model_delays_every_kind_of_command_alike():
    model = LatencyClock(TestClock(), LATENCY_NS).model()
    delays = {model.insert_latency_nanos, model.update_latency_nanos, model.cancel_latency_nanos}
    assert delays == {LATENCY_NS}


def test_a_negative_latency_is_refused():
    with pytest.raises(ConfigError, match="latency_ns"):
        LatencyClock(TestClock(), -1)
