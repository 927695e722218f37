"""What a stop does to orders and positions, in a real engine: the answer of the kill switch and the circuit breaker."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.execution.algorithm import ExecAlgorithm
from nautilus_trader.execution.config import ExecAlgorithmConfig
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType, TriggerType
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import ExecAlgorithmId
from nautilus_trader.model.orders import Order

from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard import commands
from sagetrade_nautilus.guard.response import Response, SwitchResponse
from sagetrade_nautilus.guard.state import State
from sagetrade_nautilus.messages import TRADING_STATE_TOPIC, TradingState
from tests.support.engine import bars, engine, trades
from tests.support.scripted import INSTRUMENT, Scripted

BUY, SELL = OrderSide.BUY, OrderSide.SELL
WIDE = LimitConfig(
    max_open_trades=1_000,
    max_symbol_exposure_pct=1e4,
    max_exposure_pct=1e4,
    max_net_exposure_pct=1e4,
    max_order_notional_pct=1e4,
    price_collar_pct=90.0,
    max_cluster_exposure_pct=1e6,
    max_daily_loss_pct=100.0,
    max_day_drop_pct=100.0,
    max_drawdown_pct=100.0,
    max_losses_in_a_row=1_000_000,
    max_slippage_bps=1e6,
    max_messages_per_s=1_000_000,
    no_duplicate_s=0.0,
    max_repeated_orders=1_000,
    max_orders_per_minute=1_000,
)
FLAT = [40_000.0] * 12
SEEDS = [pytest.param(seed, marks=[] if seed < 4 else [pytest.mark.slow]) for seed in range(40)]


class Holder(ExecAlgorithm):
    """Keeps every order that it is given."""

    def __init__(self) -> None:
        super().__init__(ExecAlgorithmConfig(exec_algorithm_id=ExecAlgorithmId("HOLDER")))

    def on_order(self, order: Order) -> None:
        pass


class Run:
    """A run in which `apply` is called at given bars, and what it left behind."""

    def __init__(
        self,
        folder: Path,
        before: Callable[[Scripted], None],
        state: State = State.HALTED,
        *,
        flatten: bool = False,
        first: Callable[[Scripted], None] = lambda strategy: _bracket(strategy),  # noqa: PLW0108 - defined below
        later: dict[int, Callable[["Run", Scripted], None]] | None = None,
        **options: Any,
    ) -> None:
        self.made = engine(folder, limits=WIDE, **options)
        self.heard: list[TradingState] = []
        self.sent = Response()

        def stop(strategy: Scripted) -> None:
            self.sent = self.apply(state, flatten=flatten)

        script: dict[int, Callable[[Scripted], None]] = {2: first, 3: before, 4: stop}
        for number, act in (later or {}).items():
            script[number] = lambda strategy, act=act: act(self, strategy)  # type: ignore[misc]
        self.made.add_data(bars(FLAT))
        self.made.add_strategy(Scripted(script))
        self.made.add_exec_algorithm(Holder())
        self.made.kernel.msgbus.subscribe(TRADING_STATE_TOPIC, self.heard.append)
        self.made.run()
        cache = self.made.cache
        self.statuses = {order.tags[0] if order.tags else "": order.status for order in cache.orders()}
        self.held = sum(position.signed_qty for position in cache.positions_open())
        self.done = self.response.done

    @property
    def response(self) -> SwitchResponse:
        return self.made.kernel._controller._response  # type: ignore[no-any-return]

    def apply(self, state: State, *, flatten: bool = False) -> Response:
        return self.response.apply(state, flatten=flatten, reason="a drill")


def _limit(strategy: Scripted, price: float, name: str, side: OrderSide = BUY, size: float = 0.1, **more: Any) -> None:
    order = strategy.order_factory.limit(
        INSTRUMENT, side, strategy.qty(size), strategy.price(price), tags=[name], **more
    )
    strategy.submit_order(order)


def _bracket(strategy: Scripted, tp: float = 44_000.0, sl: float = 36_000.0, **options: Any) -> None:
    strategy.submit_order_list(
        strategy.order_factory.bracket(
            INSTRUMENT,
            BUY,
            strategy.qty(0.1),
            tp_price=strategy.price(tp),
            sl_trigger_price=strategy.price(sl),
            entry_tags=["entry"],
            tp_tags=["target"],
            sl_tags=["stop"],
            **options,
        )
    )


def _everything(strategy: Scripted) -> None:
    _limit(strategy, 30_000.0, "resting")
    _limit(strategy, 50_000.0, "counter", SELL)
    partial = strategy.order_factory.limit(
        INSTRUMENT, SELL, strategy.qty(0.05), strategy.price(45_000.0), reduce_only=True, tags=["exit"]
    )
    strategy.submit_order(partial, strategy.cache.positions_open()[0].id)
    emulated = strategy.order_factory.stop_market(
        INSTRUMENT,
        BUY,
        strategy.qty(0.1),
        strategy.price(45_000.0),
        emulation_trigger=TriggerType.LAST_PRICE,
        tags=["emulated"],
    )
    strategy.submit_order(emulated)
    strategy.market(0.1, tags=["held"], exec_algorithm_id=ExecAlgorithmId("HOLDER"))


CANCELED, RESTS = OrderStatus.CANCELED, OrderStatus.ACCEPTED


def test_no_entries_cancels_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path, _everything, State.NO_ENTRIES)
    assert run.sent == Response(0, 0, False)
    assert (run.statuses["resting"], run.statuses["emulated"]) == (RESTS, OrderStatus.EMULATED)


@pytest.mark.parametrize("state", [State.REDUCE_ONLY, State.HALTED])
def test_what_can_enlarge_is_cancelled_wherever_it_is_and_what_protects_stays(tmp_path: Path, state: State) -> None:
    run = Run(tmp_path, _everything, state)
    assert {name: run.statuses[name] for name in ("resting", "counter", "emulated", "held")} == dict.fromkeys(
        ("resting", "counter", "emulated", "held"), CANCELED
    )
    assert {run.statuses[name] for name in ("target", "stop", "exit")} == {RESTS}
    assert run.held == pytest.approx(0.1)
    assert run.sent == Response(4, 0, state is State.HALTED)
    assert run.heard == [TradingState(state.value, state is State.HALTED, "a drill")]


@pytest.mark.parametrize("state", [State.NO_ENTRIES, State.REDUCE_ONLY, State.HALTED])
def test_flattening_cancels_all_and_closes_what_is_open(tmp_path: Path, state: State) -> None:
    run = Run(tmp_path, _everything, state, flatten=True)
    assert run.held == 0.0
    left = {name: status for name, status in run.statuses.items() if name != "entry"}
    assert set(left.values()) == {CANCELED}
    closing = [order for order in run.made.cache.orders() if (order.tags or [""])[-1] == "flatten"]
    assert [(order.side, order.is_reduce_only, order.tags[0]) for order in closing] == [(SELL, True, "entry")]
    assert run.done.closing == 1


def test_what_it_is_worth_to_know_is_in_the_answer(tmp_path: Path) -> None:
    run = Run(tmp_path, _everything, flatten=True)
    assert run.sent.cancelled == run.done.cancelled == 7
    assert run.sent.locked
    assert run.done.locked


def test_the_exits_of_an_entry_that_never_filled_go_with_it(tmp_path: Path) -> None:
    def rest(strategy: Scripted) -> None:
        _bracket(strategy, entry_order_type=OrderType.LIMIT, entry_price=strategy.price(30_000.0))

    run = Run(tmp_path, lambda strategy: None, State.REDUCE_ONLY, first=rest)
    assert run.statuses == {"entry": CANCELED, "target": CANCELED, "stop": CANCELED}


def test_an_order_that_slips_in_later_is_cancelled_too(tmp_path: Path) -> None:
    def slip(run: Run, strategy: Scripted) -> None:
        _limit(strategy, 31_000.0, "late")  # without a latch the gate lets it pass, as if it had been on its way

    run = Run(tmp_path, _everything, State.HALTED, later={6: slip})
    assert run.statuses["late"] == CANCELED


def test_an_order_whose_cancel_fails_holds_up_no_other_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures, told = commands.cancel, iter(range(1)), []

    def broken(order: Order, *given: Any) -> Any:
        if order.tags == ["resting"] and next(failures, None) is not None:
            raise RuntimeError("no such client")
        return real(order, *given)

    class Told(Run):
        def apply(self, state: State, *, flatten: bool = False) -> Response:
            with pytest.raises(RuntimeError, match="no such client") as caught:
                super().apply(state, flatten=flatten)
            told.append(caught.value)
            return Response()

    monkeypatch.setattr(commands, "cancel", broken)
    run = Told(tmp_path, _everything, flatten=True)
    assert len(told) == 1
    assert run.held == 0.0
    assert {status for name, status in run.statuses.items() if name != "entry"} == {CANCELED}


def test_a_release_unlocks_and_leaves_orders_alone(tmp_path: Path) -> None:
    def release(run: Run, strategy: Scripted) -> None:
        assert run.apply(State.RUNNING) == Response(0, 0, False)
        _limit(strategy, 31_000.0, "late")

    run = Run(tmp_path, _everything, State.HALTED, later={6: release})
    assert run.statuses["late"] == RESTS
    assert run.statuses["resting"] == CANCELED
    assert [message.locked for message in run.heard] == [True, False]
    assert run.done == Response()


def test_asking_again_sends_nothing_again(tmp_path: Path) -> None:
    answers: list[Response] = []

    def again(run: Run, strategy: Scripted) -> None:
        answers.append(run.apply(State.HALTED, flatten=True))

    run = Run(tmp_path, _everything, State.HALTED, flatten=True, later={5: again, 6: again})
    assert answers == [Response(0, 0, True)] * 2
    assert run.held == 0.0


def test_a_halt_that_comes_to_flatten_later_does_so(tmp_path: Path) -> None:
    run = Run(
        tmp_path,
        _everything,
        State.HALTED,
        later={6: lambda run, strategy: _ignore(run.apply(State.HALTED, flatten=True))},
    )
    assert run.held == 0.0
    assert run.statuses["stop"] == CANCELED


def _ignore(response: Response) -> None:
    assert response.locked


def test_several_positions_are_closed_each_by_its_own_order(tmp_path: Path) -> None:
    def several(strategy: Scripted) -> None:
        for side in (BUY, SELL, BUY):
            strategy.market(0.5, side)

    run = Run(tmp_path, lambda strategy: None, flatten=True, first=several)
    assert run.held == 0.0
    assert run.done.closing == 3


@pytest.mark.parametrize("seed", SEEDS)
def test_flattening_in_the_middle_of_anything_only_shrinks_and_ends_flat(tmp_path: Path, seed: int) -> None:
    """Whatever is in flight, and filled while its cancel is on the way: nothing that reduces opens or flips."""
    rng = random.Random(seed)  # noqa: S311
    stop_at = rng.randint(5, 40)

    def act(strategy: Scripted) -> None:
        for _ in range(rng.randint(1, 3)):
            side, size = rng.choice([BUY, SELL]), round(rng.uniform(0.01, 0.5), 3)
            kind = rng.randint(0, 2)
            if kind == 0:
                strategy.market(size, side)
            elif kind == 1:
                _limit(strategy, round(40_000.0 * rng.uniform(0.998, 1.002), 2), "limit", side, size)
            else:
                _bracket(strategy, tp=40_000.0 + rng.randint(5, 60), sl=40_000.0 - rng.randint(5, 60))

    def stop(strategy: Scripted) -> None:
        act(strategy)
        made.kernel._controller._response.apply(State.HALTED, flatten=True, reason="a drill")
        act(strategy)  # as if these had passed the gate just before

    made = engine(
        tmp_path,
        limits=WIDE,
        latency_model=LatencyModel(
            rng.randint(0, 1) * 700_000_000, cancel_latency_nanos=rng.randint(1, 5) * 900_000_000
        ),
        use_reduce_only=False,  # as venues that know no such order
        fill_model=DepthFillModel(DepthFillModelConfig(slippage_bps=1.0, depth=4_000.0, depth_levels=3)),
    )
    made.add_data(trades([round(40_000.0 * (1 + rng.uniform(-0.002, 0.002)), 2) for _ in range(90)]))
    made.add_strategy(Scripted({**dict.fromkeys(range(2, stop_at), act), stop_at: stop}))
    signed: dict[Any, float] = {}
    faults: list[str] = []

    def hear(event: object) -> None:
        if not isinstance(event, OrderFilled):
            return
        before = signed.get(event.position_id, 0.0)
        after = before + event.last_qty.as_double() * (1 if event.order_side == BUY else -1)
        signed[event.position_id] = after
        reduces = made.cache.order(event.client_order_id).is_reduce_only
        if reduces and (after * before < -1e-9 or abs(after) > abs(before) + 1e-9):
            faults.append(f"{event.client_order_id}: {before} -> {after}")

    made.kernel.msgbus.subscribe("events.order.*", hear)
    made.run()
    assert faults == []
    assert made.cache.positions_open() == []
    assert made.cache.orders_open() == []
    made.dispose()
