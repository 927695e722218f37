"""`DepthFillModel` on Nautilus's real simulated exchange, driven by bars."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nautilus_trader.backtest.config import FillModelFactory, ImportableFillModelConfig
from nautilus_trader.backtest.models import FillModel
from nautilus_trader.common.component import TestClock
from nautilus_trader.common.config import ActorFactory
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.config import ImportableActorConfig
from nautilus_trader.model.enums import LiquiditySide, OrderSide, OrderType, PositionSide, TimeInForce
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Quantity
from nautilus_trader.test_kit.stubs.identifiers import TestIdStubs

from adapters.paper.fills import DepthFillModel, DepthFillModelConfig, FillContextModule
from sagetrade_nautilus.errors import ConfigError

BUY, SELL = OrderSide.BUY, OrderSide.SELL
IOC, FOK = TimeInForce.IOC, TimeInForce.FOK
DEEP = 1_000_000_000.0


def model(slippage_bps=1.0, depth=DEEP, depth_levels=5) -> DepthFillModel:
    config = DepthFillModelConfig(slippage_bps=slippage_bps, depth=depth, depth_levels=depth_levels)
    return DepthFillModel(config)


def prices(trader) -> list[float]:
    return [price for price, _, _ in trader.fills]


def enter(sim, action, fill_model=None, then=(), **venue):
    """Run `action` at the close of the second of two bars at 100, before the bars `then`."""
    bars = [sim.flat(1), sim.flat(2), *then]
    return sim.simulate(bars, {2: action}, fill_model=fill_model or model(), **venue)


@pytest.mark.parametrize(("side", "price"), [(BUY, 100.02), (SELL, 99.98)])
def test_a_market_order_pays_slippage_against_the_best_price(sim, side, price):
    trader = enter(sim, lambda t: t.market(side, 1), model(slippage_bps=2))
    assert trader.fills == [(price, 1.0, 2 * sim.minute_ns)]


@pytest.mark.parametrize(("side", "price"), [(BUY, 100.01), (SELL, 99.99)])
def test_a_price_between_ticks_is_rounded_against_the_order(sim, side, price):
    assert prices(enter(sim, lambda t: t.market(side, 1), model(slippage_bps=0.1))) == [price]


def test_without_slippage_the_best_price_is_paid(sim):
    assert prices(enter(sim, lambda t: t.market(BUY, 1), model(slippage_bps=0))) == [100.0]


def test_each_further_depth_costs_another_step(sim):
    trader = enter(sim, lambda t: t.market(BUY, 25), model(depth=1_000))
    assert [(price, quantity) for price, quantity, _ in trader.fills] == [
        (100.01, 9.999),
        (100.02, 9.998),
        (100.03, 5.003),
    ]


def test_what_exceeds_all_levels_of_an_ioc_order_is_cancelled(sim):
    trader = enter(sim, lambda t: t.market(BUY, 25, time_in_force=IOC), model(depth=1_000, depth_levels=2))
    assert sum(quantity for _, quantity, _ in trader.fills) == pytest.approx(19.997)
    assert len(trader.events_of("OrderCanceled")) == 1


def test_what_exceeds_all_levels_of_any_other_market_order_pays_one_step_more(sim):
    trader = enter(sim, lambda t: t.market(BUY, 25), model(slippage_bps=5, depth=1_000, depth_levels=2))
    assert prices(trader) == [100.05, 100.1, 100.15]
    assert sum(quantity for _, quantity, _ in trader.fills) == 25


def test_an_fok_order_larger_than_all_levels_is_cancelled_whole(sim):
    trader = enter(sim, lambda t: t.limit(BUY, 25, 101, time_in_force=FOK), model(depth=1_000, depth_levels=2))
    assert not trader.fills
    assert len(trader.events_of("OrderCanceled")) == 1


def test_a_stop_that_the_market_moves_through_fills_at_its_trigger_and_slips(sim):
    then = [sim.bar(3, 100, 100, 95, 96)]
    assert prices(enter(sim, lambda t: t.bracket(BUY, 1, tp=110, sl=98), then=then)) == [100.01, 97.99]


def test_a_short_positions_stop_fills_at_its_trigger_and_slips_upward(sim):
    then = [sim.bar(3, 100, 105, 100, 104)]
    assert prices(enter(sim, lambda t: t.bracket(SELL, 1, tp=90, sl=102), then=then)) == [99.99, 102.02]


@pytest.mark.parametrize(
    ("side", "sl", "tp", "opened", "price"), [(BUY, 98, 110, 96, 95.99), (SELL, 102, 90, 104, 104.02)]
)
def test_a_stop_that_the_market_gaps_over_fills_at_the_open_and_slips(sim, *, side, sl, tp, opened, price):
    then = [sim.bar(3, opened, opened + 1, opened - 1, opened)]
    assert prices(enter(sim, lambda t: t.bracket(side, 1, tp=tp, sl=sl), then=then))[-1] == price


def test_a_stop_larger_than_all_levels_still_closes_the_whole_position(sim):
    then = [sim.bar(3, 100, 100, 95, 96)]
    shallow = model(depth=1_000, depth_levels=2)
    trader = enter(sim, lambda t: t.bracket(BUY, 50, tp=110, sl=98), shallow, then)
    assert prices(trader)[-3:] == [97.99, 97.98, 97.97]
    assert trader.final_positions[0].side == PositionSide.FLAT


def test_a_stop_without_the_module_fills_at_the_worst_price_of_the_bar(sim):
    then = [sim.bar(3, 100, 100, 95, 96)]
    trader = enter(sim, lambda t: t.bracket(BUY, 1, tp=110, sl=98), then=then, modules=[])
    assert prices(trader) == [100.01, 94.99]


def test_a_stop_in_the_market_fills_at_the_market_and_slips_where_the_venue_accepts_it(sim):
    trader = enter(sim, lambda t: t.bracket(BUY, 1, tp=110, sl=100), reject_stop_orders=False)
    assert prices(trader) == [100.01, 99.99]


def test_a_take_profit_fills_whole_at_its_price_as_maker_when_the_market_trades_through(sim):
    then = [sim.bar(3, 100, 102.01, 100, 101, volume=0.004)]
    trader = enter(sim, lambda t: t.bracket(BUY, 50, tp=102, sl=98), model(depth=1_000), then)
    last = trader.events_of("OrderFilled")[-1]
    assert (float(last.last_px), float(last.last_qty)) == (102.0, 50.0)
    assert last.liquidity_side == LiquiditySide.MAKER


def test_a_take_profit_that_is_only_touched_stays_open(sim):
    then = [sim.bar(3, 100, 102, 100, 101)]
    trader = enter(sim, lambda t: t.bracket(BUY, 1, tp=102, sl=98), then=then)
    assert prices(trader) == [100.01]
    assert sum(order.is_open for order in trader.final_orders) == 2


def test_a_limit_order_at_the_best_price_rests_until_the_market_trades_through(sim):
    then = [sim.flat(3), sim.bar(4, 100, 100, 99.99, 100)]
    trader = enter(sim, lambda t: t.limit(BUY, 1, 100), then=then)
    assert trader.fills == [(100.0, 1.0, 4 * sim.minute_ns)]
    assert trader.events_of("OrderFilled")[0].liquidity_side == LiquiditySide.MAKER


@pytest.mark.parametrize(("side", "limit", "price"), [(BUY, 100.02, 100.02), (BUY, 101, 100.05), (SELL, 99, 99.95)])
def test_a_limit_order_that_takes_liquidity_slips_but_never_beyond_its_limit(sim, side, limit, price):
    trader = enter(sim, lambda t: t.limit(side, 1, limit), model(slippage_bps=5))
    assert prices(trader) == [price]
    assert trader.events_of("OrderFilled")[0].liquidity_side == LiquiditySide.TAKER


def test_a_limit_order_larger_than_the_depth_inside_its_limit_fills_the_rest_at_its_limit(sim):
    trader = enter(sim, lambda t: t.limit(BUY, 70, 100.02), model(depth=1_000))
    assert [(price, quantity) for price, quantity, _ in trader.fills] == [(100.01, 9.999), (100.02, 60.001)]


def test_an_ioc_limit_order_at_the_best_price_is_done_at_once(sim):
    then = [sim.flat(3), sim.bar(4, 100, 100, 99, 100)]
    shallow = model(depth=1_000, depth_levels=2)
    trader = enter(sim, lambda t: t.limit(BUY, 25, 100, time_in_force=IOC), shallow, then)
    assert trader.fills == [(100.0, 19.997, 2 * sim.minute_ns)]
    assert len(trader.events_of("OrderCanceled")) == 1


def test_an_fok_limit_order_at_the_best_price_is_cancelled(sim):
    trader = enter(sim, lambda t: t.limit(BUY, 1, 100, time_in_force=FOK), then=[sim.bar(3, 100, 100, 99, 100)])
    assert not trader.fills
    assert len(trader.events_of("OrderCanceled")) == 1


def test_an_order_that_waits_for_a_better_price_fills_at_its_trigger_and_slips(sim):
    def wait(trader):
        factory, instrument = trader.order_factory, trader.instrument
        trigger, size = instrument.make_price(98), instrument.make_qty(1)
        trader.submit_order(factory.market_if_touched(instrument.id, BUY, size, trigger))

    assert prices(enter(sim, wait, then=[sim.bar(3, 100, 100, 95, 96)])) == [98.01]


def test_cancelling_the_rest_of_a_brackets_entry_leaves_the_position_without_protection(sim):
    """A fact about Nautilus, and the reason why a bracket must not enter with IOC."""
    shallow = model(depth=1_000, depth_levels=1)
    trader = enter(sim, lambda t: t.bracket(BUY, 25, tp=110, sl=98, time_in_force=IOC), shallow)
    assert trader.final_positions[0].side == PositionSide.LONG
    assert not any(order.is_open for order in trader.final_orders)


def test_maker_and_taker_pay_the_instruments_own_fees(sim):
    then = [sim.bar(3, 100, 103, 100, 101)]
    trader = enter(sim, lambda t: t.bracket(BUY, 1, tp=102, sl=98), then=then)
    entry, target = trader.events_of("OrderFilled")
    assert entry.commission.as_decimal() == Decimal("0.10001")
    assert target.commission.as_decimal() == Decimal("0.0204")


def test_the_model_and_its_module_are_importable_by_path():
    path = "adapters.paper.fills"
    made = FillModelFactory.create(
        ImportableFillModelConfig(
            fill_model_path=f"{path}:DepthFillModel",
            config_path=f"{path}:DepthFillModelConfig",
            config={"slippage_bps": 2.0, "depth": 1_000.0, "depth_levels": 3},
        )
    )
    module = ActorFactory.create(
        ImportableActorConfig(
            actor_path=f"{path}:FillContextModule", config_path=f"{path}:FillContextModuleConfig", config={}
        )
    )
    assert isinstance(made, DepthFillModel)
    assert isinstance(module, FillContextModule)


def test_the_module_refuses_another_fill_model(sim):
    with pytest.raises(ConfigError, match="DepthFillModel"):
        sim.simulate([sim.flat(1)], {}, fill_model=FillModel(), modules=[FillContextModule()])


@given(
    side=st.sampled_from([BUY, SELL]),
    best=st.decimals(min_value="0.01", max_value="100000", places=2),
    quantity=st.decimals(min_value="0.001", max_value="5000", places=3),
    slippage_bps=st.floats(min_value=0, max_value=5_000),
    depth=st.floats(min_value=1, max_value=1e7),
    depth_levels=st.integers(min_value=1, max_value=8),
    time_in_force=st.sampled_from([TimeInForce.GTC, IOC]),
)
def test_a_ladder_is_on_ticks_never_better_than_the_best_price_and_holds_the_order(
    *, sim, side, best, quantity, slippage_bps, depth, depth_levels, time_in_force
):
    instrument = sim.instrument()
    factory = OrderFactory(TestIdStubs.trader_id(), TestIdStubs.strategy_id(), TestClock())
    order = factory.market(instrument.id, side, instrument.make_qty(quantity), time_in_force=time_in_force)
    price = instrument.make_price(best)
    fill_model = model(slippage_bps, depth, depth_levels)
    book = fill_model.get_orderbook_for_fill_simulation(instrument, order, price, price)
    fills = book.simulate_fills(order, price_prec=2, size_prec=3, is_aggressive=True)
    filled = [(p.as_decimal(), q.as_decimal()) for p, q in fills]
    assert order.order_type == OrderType.MARKET
    total = sum(q for _, q in filled)
    assert Decimal("0.001") <= total <= quantity
    if time_in_force == TimeInForce.GTC:
        assert total == quantity
    step = Decimal(str(slippage_bps)) / 10_000
    for level, (p, _) in enumerate(filled, start=1):
        if side == BUY:
            assert p >= best * (1 + step * min(level, 1))
        else:
            assert p <= max(best * (1 - step), Decimal("0.01"))
    ordered = [p for p, _ in filled]
    assert ordered == sorted(ordered, reverse=side == SELL)


def test_a_ladder_holds_every_digit_of_an_order_of_billions_of_coins(sim):
    pair = CurrencyPair.from_dict(
        {**CurrencyPair.to_dict(sim.instrument()), "size_precision": 8, "size_increment": "0.00000001"}
    )
    factory = OrderFactory(TestIdStubs.trader_id(), TestIdStubs.strategy_id(), TestClock())
    order = factory.market(pair.id, BUY, Quantity.from_str("98765432109.12345678"))
    best = pair.make_price(100)
    book = model(depth=1e15).get_orderbook_for_fill_simulation(pair, order, best, best)
    assert [level.size for levels in book.asks() for level in levels.orders()] == [order.quantity]


def test_the_randomness_of_others_is_left_alone():
    random.seed(7)
    first = random.random()  # noqa: S311
    random.seed(7)
    model()
    assert random.random() == first  # noqa: S311
