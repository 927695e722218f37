"""SageStrategy in a real engine: what becomes of a decision, and of the position that it opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.test_kit.stubs.events import TestEventStubs

from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from sagetrade_nautilus.config import LimitConfig, SelectorConfig, SelectorRule
from sagetrade_nautilus.data import CompositeSignal
from sagetrade_nautilus.errors import GuardError, PluginError
from sagetrade_nautilus.messages import CONTROL_TOPIC, StrategySwitch, Verdict
from sagetrade_nautilus.model.decision import ActionKind, Decision, MarketState, PositionAction
from sagetrade_nautilus.strategy import SageStrategyConfig
from tests.support.engine import BTC, MINUTE, START, bars, engine
from tests.support.plugin import FLAT, At, Manager, Outcome, Plugin, config, decision, play
from tests.support.signals import SignalFeed


def test_a_decision_becomes_a_bracket_of_its_size(tmp_path: Path) -> None:
    outcome, _ = play(tmp_path, closes=FLAT[:6])
    assert outcome.open == [pytest.approx(10_000.0 / 40_000.0)]
    roles = {role: (side, kind) for role, side, kind, _, _, _ in outcome.orders}
    assert roles == {
        "entry": (OrderSide.BUY, OrderType.MARKET),
        "take_profit": (OrderSide.SELL, OrderType.LIMIT),
        "stop_loss": (OrderSide.SELL, OrderType.STOP_MARKET),
    }
    assert outcome.verdicts == [Verdict.TAKEN]


def test_the_journal_explains_a_taken_decision(tmp_path: Path) -> None:
    outcome, _ = play(tmp_path)
    record = outcome.records[0]
    assert record.trade_id == "p-0001"
    assert record.decision_id == f"p@{BTC}@{START + 2 * 5 * MINUTE}"
    assert (record.reason, record.score, record.regime) == ("a test", 0.8, "low_vol_ranging")
    assert record.signals[0].name == "rsi"
    assert record.equity == pytest.approx(100_000.0)


@pytest.mark.parametrize("how", ["rejected", "canceled", "expired"])
def test_a_position_whose_stop_the_venue_drops_is_closed_and_not_left_bare(tmp_path: Path, how: str) -> None:
    def drop(made: Any) -> None:
        (stop,) = [order for order in made.cache.orders() if order.tags[1] == "stop_loss"]
        event = getattr(TestEventStubs, f"order_{how}")(stop, ts_event=made.kernel.clock.timestamp_ns())
        made.kernel.msgbus.send("ExecEngine.process", event)

    def prepare(made: Any, plugin: Any) -> None:
        made.add_actor(At(START + 17 * MINUTE, lambda: drop(made)))

    outcome, _ = play(tmp_path, prepare=prepare)
    assert outcome.filled() == ["entry", "unprotected"]
    assert outcome.open == []
    (closed_at,) = [row[5] for row in outcome.orders if row[0] == "unprotected"]
    assert closed_at <= START + 20 * MINUTE


def test_a_position_is_closed_when_its_time_is_over(tmp_path: Path) -> None:
    outcome, _ = play(tmp_path)
    assert outcome.filled() == ["entry", "time_exit"]
    assert outcome.open == []
    closed_at = next(row[5] for row in outcome.orders if row[0] == "time_exit")
    assert closed_at == START + 10 * MINUTE + 3600 * 1_000_000_000


def test_a_target_that_is_reached_takes_profit_and_cancels_the_stop(tmp_path: Path) -> None:
    outcome, _ = play(tmp_path, closes=FLAT[:4] + [41_000.0] * 20)
    states = {row[0]: row[3] for row in outcome.orders}
    assert states["take_profit"] == OrderStatus.FILLED
    assert states["stop_loss"] == OrderStatus.CANCELED
    assert "time_exit" not in states


def test_a_stop_that_is_reached_ends_the_trade(tmp_path: Path) -> None:
    outcome, _ = play(tmp_path, closes=FLAT[:4] + [39_000.0] * 20)
    assert outcome.filled() == ["entry", "stop_loss"]
    assert outcome.open == []


def test_an_edge_that_does_not_cover_the_costs_is_not_traded(tmp_path: Path) -> None:
    outcome, _ = play(tmp_path, lambda signal: decision(signal, expected_edge_bps=22.0))
    assert outcome.orders == []
    assert outcome.verdicts == [Verdict.REFUSED_EDGE]
    assert outcome.records[0].cost_bps == 22.0


def test_a_strategy_that_no_policy_row_names_does_not_act(tmp_path: Path) -> None:
    rules = SelectorConfig(rules=[SelectorRule(shares={"somebody_else": 1.0})])
    outcome, _ = play(tmp_path, selector=rules)
    assert outcome.verdicts == [Verdict.REFUSED_SELECTOR]


def test_the_policy_row_scales_the_size(tmp_path: Path) -> None:
    rules = SelectorConfig(rules=[SelectorRule(shares={"p": 0.5})])
    outcome, _ = play(tmp_path, closes=FLAT[:6], selector=rules)
    assert outcome.open == [pytest.approx(0.125)]
    assert outcome.records[0].policy_row == 1


def test_a_size_below_the_minimum_is_refused(tmp_path: Path) -> None:
    outcome, _ = play(tmp_path, lambda signal: decision(signal, size_pct=0.00001))
    assert outcome.verdicts == [Verdict.REFUSED_SIZING]


def test_what_the_guard_denies_is_in_the_journal_and_frees_the_strategy(tmp_path: Path) -> None:
    outcome, plugin = play(tmp_path, limits=LimitConfig(max_symbol_exposure_pct=5.0), scores={2: 0.8, 4: 0.8})
    assert outcome.verdicts == [Verdict.TAKEN, Verdict.DENIED_BY_GUARD] * 2
    assert outcome.records[1].why.startswith("max_symbol_exposure_pct")
    assert plugin.asked == 2


def test_no_entry_is_asked_for_while_a_position_is_held(tmp_path: Path) -> None:
    outcome, plugin = play(tmp_path, scores={2: 0.8, 3: 0.8, 4: 0.8, 30: 0.8})
    assert plugin.asked == 2
    assert outcome.closed == 2


def test_a_sell_opens_a_short_and_its_exits_buy(tmp_path: Path) -> None:
    outcome, _ = play(tmp_path, scores={2: -0.8}, closes=FLAT[:4] + [39_000.0] * 10)
    assert outcome.filled() == ["entry", "take_profit"]
    assert {row[1] for row in outcome.orders if row[0] != "entry"} == {OrderSide.BUY}


def test_what_an_older_entry_has_filled_late_is_closed_and_not_taken_for_the_one_that_rests(tmp_path: Path) -> None:
    """The venue may come with an order that was given up; its strategy has decided anew since."""

    def come_late(plugin: Any) -> None:
        market = plugin.cache.instrument(InstrumentId.from_str(BTC))
        tags = ["p-0000", "entry"]
        plugin.submit_order(plugin.order_factory.market(market.id, OrderSide.BUY, market.make_qty(0.01), tags=tags))

    def prepare(made: Any, plugin: Any) -> None:
        made.add_actor(At(START + 17 * MINUTE, lambda: come_late(plugin)))

    def rests(signal: CompositeSignal) -> Decision:
        return decision(signal, order_type="limit", tp=signal.price * 1.1, sl=signal.price * 0.9)

    closes = [40_000.0] * 2 + [40_500.0] * 4 + [39_900.0] * 3
    model = DepthFillModel(DepthFillModelConfig())
    outcome, _ = play(tmp_path, rests, closes=closes, prepare=prepare, fill_model=model, entry_lifetime_s=3_600.0)
    assert sorted(outcome.filled()) == ["entry", "entry", "late_fill"]
    assert outcome.open == [pytest.approx(10_000.0 / 40_000.0)]


def test_a_limit_entry_that_is_not_filled_in_time_is_cancelled_and_frees_the_strategy(tmp_path: Path) -> None:
    def patient(signal: CompositeSignal) -> Decision:
        return decision(signal, order_type="limit", tp=signal.price * 1.1, sl=signal.price * 0.9)

    closes = [40_000.0, 40_000.0, *[40_500.0] * 10]
    outcome, plugin = play(
        tmp_path,
        patient,
        closes=closes,
        scores={2: 0.8, 8: 0.8},
        fill_model=DepthFillModel(DepthFillModelConfig()),
    )
    assert plugin.asked == 2
    assert outcome.filled() == []
    ended = {row[3] for row in outcome.orders if row[0] == "entry"}
    assert ended <= {OrderStatus.CANCELED, OrderStatus.EXPIRED}


def test_a_disabled_strategy_is_never_asked(tmp_path: Path) -> None:
    outcome, plugin = play(tmp_path, enabled=False)
    assert plugin.asked == 0
    assert outcome.records == []


def test_a_strategy_can_be_switched_off_and_on_while_it_runs(tmp_path: Path) -> None:
    def switch(made: Any, plugin: Any) -> None:
        def tell(enabled: bool) -> Callable[[Any], None]:
            return lambda event: made.kernel.msgbus.publish(CONTROL_TOPIC, StrategySwitch("p", enabled, "test"))

        for minute, enabled in ((11, False), (100, True)):
            made.kernel.clock.set_time_alert_ns(f"switch-{minute}", START + minute * MINUTE, tell(enabled))

    scores = {2: 0.8, 18: 0.8, 30: 0.8}
    outcome, plugin = play(tmp_path, scores=scores, prepare=switch)
    assert plugin.asked == 2
    assert plugin.is_enabled
    assert outcome.closed == 2


def test_managing_sees_the_open_position_and_can_close_it(tmp_path: Path) -> None:
    def manage(state: MarketState) -> list[PositionAction]:
        held = state.positions[0]
        if held.age_seconds < 900:
            return []
        return [PositionAction(trade_id=held.trade_id, kind=ActionKind.CLOSE, reason="enough")]

    closes = FLAT[:3] + [40_100.0] * 20
    outcome, plugin = play(tmp_path, manage=manage, closes=closes)
    assert outcome.filled() == ["entry", "plugin"]
    assert plugin.states[0].positions[0].unrealized_bps == pytest.approx(0.0)
    assert plugin.states[-1].positions[0].unrealized_bps == pytest.approx(25.0)
    assert plugin.states[-1].positions[0].age_seconds == 900


@pytest.mark.parametrize(("stop", "expected"), [(39_900.0, 39_900.0), (39_000.0, 39_600.0), (40_050.0, 39_600.0)])
def test_a_stop_moves_towards_the_price_only(tmp_path: Path, stop: float, expected: float) -> None:
    def manage(state: MarketState) -> list[PositionAction]:
        held = state.positions[0]
        return [PositionAction(trade_id=held.trade_id, kind=ActionKind.MOVE_STOP, reason="", stop_price=stop)]

    made = engine(tmp_path)
    made.add_data(bars(FLAT[:6]))
    made.add_actor(SignalFeed({2: 0.8}))
    made.add_strategy(Manager(config(), decision, manage))
    made.run()
    stops = [order for order in made.cache.orders() if order.order_type == OrderType.STOP_MARKET]
    assert stops[0].trigger_price.as_double() == expected
    made.dispose()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda signal: 1 / 0, "raised ZeroDivisionError"),
        (lambda signal: "buy", "a Decision, a list of them, or None was expected"),
        (lambda signal: decision(signal, size_pct=float("nan")), "size_pct must be a finite number"),
        (lambda signal: decision(signal, sl=signal.price * 2), "needs sl and tp around the price"),
    ],
)
def test_a_plugin_that_misbehaves_stops_the_run_and_is_named(
    tmp_path: Path, answer: Callable[[CompositeSignal], Any], said: str
) -> None:
    with pytest.raises(PluginError, match=said) as caught:
        play(tmp_path, answer)
    assert "'p'" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda state: None, "a list of PositionAction was expected"),
        (
            lambda state: [PositionAction(trade_id="x", kind=ActionKind.CLOSE, reason="")],
            "'x' is not an open trade",
        ),
        (
            lambda state: [PositionAction(trade_id="p-0001", kind=ActionKind.MOVE_STOP, reason="")],
            "needs a stop_price",
        ),
        (
            lambda state: [
                PositionAction(trade_id="p-0001", kind=ActionKind.MOVE_STOP, reason="", stop_price=float("nan"))
            ],
            "a finite number, got nan",
        ),
        (
            lambda state: [PositionAction(trade_id="p-0001", kind="move_stop", reason="", stop_price=39_900.0)],  # type: ignore[arg-type]
            "kind must be ActionKind.CLOSE or ActionKind.MOVE_STOP, got 'move_stop'",
        ),
    ],
)
def test_nonsense_from_on_tick_stops_the_run(tmp_path: Path, answer: Any, said: str) -> None:
    with pytest.raises(PluginError, match=said):
        play(tmp_path, manage=answer)


def test_initialize_is_called_once_before_the_first_signal(tmp_path: Path) -> None:
    order: list[str] = []

    class Early(Plugin):
        def initialize(self, config: SageStrategyConfig) -> None:
            order.append(config.label)

    made = engine(tmp_path)
    made.add_data(bars(FLAT))
    made.add_actor(SignalFeed({2: 0.8, 30: 0.8}))
    made.add_strategy(Early(config(), lambda signal: order.append("signal")))
    made.run()
    made.dispose()
    assert order == ["p", "signal", "signal"]


def test_a_strategy_does_not_start_where_no_guard_stands(tmp_path: Path) -> None:
    made = engine(tmp_path, guarded=False)
    made.add_data(bars([40_000.0] * 4))
    made.add_strategy(Plugin(SageStrategyConfig(instruments=[BTC]), decision))
    with pytest.raises(GuardError, match="does not start without the guard"):
        made.run()
    made.dispose()


def test_the_end_of_one_strategys_trade_leaves_the_stop_of_another_in_the_same_instrument(tmp_path: Path) -> None:
    """Nautilus's `cancel_all_orders` reaches the venue for the whole instrument, whoever the orders belong to."""
    made = engine(tmp_path, limits=LimitConfig(max_symbol_exposure_pct=100.0))
    made.add_data(bars([*FLAT[:10], 40_500.0, *[40_500.0] * 10]))
    made.add_actor(SignalFeed({2: 0.8}))
    first = Plugin(config(label="a"), lambda signal: decision(signal, tp=40_200.0))
    second = Plugin(config(label="b", order_id_tag="002"), lambda signal: decision(signal, target_duration=90_000.0))
    made.add_strategy(first)
    made.add_strategy(second)
    made.run()
    outcome = Outcome(made, tmp_path)
    assert (outcome.closed, len(outcome.open)) == (1, 1)
    resting = {role for role, _, _, status, _, _ in outcome.orders if status == OrderStatus.ACCEPTED}
    assert resting == {"stop_loss", "take_profit"}
