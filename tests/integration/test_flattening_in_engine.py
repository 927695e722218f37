"""What a stop that closes positions does, in a real engine."""

import random
from pathlib import Path
from typing import Any

import pytest
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.cache.base import CacheFacade
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import PositionId
from nautilus_trader.model.orders import Order

from adapters.paper.fills import DepthFillModel, DepthFillModelConfig
from sagetrade_nautilus.execution.commands import cancel
from sagetrade_nautilus.guard.switch.response import Response
from sagetrade_nautilus.guard.switch.state import State
from tests.support.engine import engine, trades
from tests.support.scripted import Scripted
from tests.support.stopped import BUY, CANCELED, SELL, WIDE, StoppedRun, bracket, everything, limit

SEEDS = [pytest.param(seed, marks=[] if seed < 4 else [pytest.mark.slow]) for seed in range(40)]


@pytest.mark.parametrize("state", [State.NO_ENTRIES, State.REDUCE_ONLY, State.HALTED])
def test_flattening_cancels_all_and_closes_what_is_open(tmp_path: Path, state: State) -> None:
    run = StoppedRun(tmp_path, everything, state, flatten=True)
    assert run.held == 0.0
    left = {name: status for name, status in run.statuses.items() if name != "entry"}
    assert set(left.values()) == {CANCELED}
    closing = [order for order in run.made.cache.orders() if (order.tags or [""])[-1] == "flatten"]
    assert [(order.side, order.is_reduce_only, order.tags[0]) for order in closing] == [(SELL, True, "entry")]
    assert run.done.closing == 1


def test_what_it_is_worth_to_know_is_in_the_answer(tmp_path: Path) -> None:
    run = StoppedRun(tmp_path, everything, flatten=True)
    assert run.sent.cancelled == run.done.cancelled == 7
    assert run.sent.locked
    assert run.done.locked


def test_an_order_whose_cancel_fails_holds_up_no_other_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures, told = iter(range(1)), []

    def broken(order: Order, *given: Any) -> Any:
        if order.tags == ["resting"] and next(failures, None) is not None:
            raise RuntimeError("no such client")
        return cancel(order, *given)

    class Told(StoppedRun):
        def apply(self, state: State, *, flatten: bool = False) -> Response:
            with pytest.raises(RuntimeError, match="no such client") as caught:
                super().apply(state, flatten=flatten)
            told.append(caught.value)
            return Response()

    monkeypatch.setattr("sagetrade_nautilus.guard.switch.response.cancel", broken)
    run = Told(tmp_path, everything, flatten=True)
    assert len(told) == 1
    assert run.held == 0.0
    assert {status for name, status in run.statuses.items() if name != "entry"} == {CANCELED}


def test_asking_again_sends_nothing_again(tmp_path: Path) -> None:
    answers: list[Response] = []

    def again(run: StoppedRun, strategy: Scripted) -> None:
        answers.append(run.apply(State.HALTED, flatten=True))

    run = StoppedRun(tmp_path, everything, State.HALTED, flatten=True, later={5: again, 6: again})
    assert answers == [Response(0, 0, True)] * 2
    assert run.held == 0.0


def test_a_halt_that_comes_to_flatten_later_does_so(tmp_path: Path) -> None:
    def flatten(run: StoppedRun, strategy: Scripted) -> None:
        assert run.apply(State.HALTED, flatten=True).locked

    run = StoppedRun(tmp_path, everything, State.HALTED, later={6: flatten})
    assert run.held == 0.0
    assert run.statuses["stop"] == CANCELED


def test_several_positions_are_closed_each_by_its_own_order(tmp_path: Path) -> None:
    def several(strategy: Scripted) -> None:
        for side in (BUY, SELL, BUY):
            strategy.market(0.5, side)

    run = StoppedRun(tmp_path, lambda strategy: None, flatten=True, first=several)
    assert run.held == 0.0
    assert run.done.closing == 3


class Watch:
    """Follows each position by its fills, and finds those of reducing orders that enlarge or turn it."""

    def __init__(self, cache: CacheFacade) -> None:
        self.cache = cache
        self.signed: dict[PositionId, float] = {}
        self.faults: list[str] = []

    def hear(self, event: object) -> None:
        if not isinstance(event, OrderFilled):
            return
        before = self.signed.get(event.position_id, 0.0)
        after = before + event.last_qty.as_double() * (1 if event.order_side == BUY else -1)
        self.signed[event.position_id] = after
        reduces = self.cache.order(event.client_order_id).is_reduce_only
        if reduces and (after * before < -1e-9 or abs(after) > abs(before) + 1e-9):
            self.faults.append(f"{event.client_order_id}: {before} -> {after}")


@pytest.mark.parametrize("seed", SEEDS)
def test_flattening_in_the_middle_of_anything_only_shrinks_and_ends_flat(tmp_path: Path, seed: int) -> None:
    """Whatever is in flight, and filled while its cancel is on the way: nothing that reduces opens or flips."""
    rng = random.Random(seed)  # noqa: S311
    stop_at = rng.randint(5, 40)

    def stop(strategy: Scripted) -> None:
        anything(strategy, rng)
        made.kernel._controller._response.apply(State.HALTED, flatten=True, reason="a drill")
        anything(strategy, rng)  # as if these had passed the gate just before

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
    acts = dict.fromkeys(range(2, stop_at), lambda strategy: anything(strategy, rng))
    made.add_strategy(Scripted({**acts, stop_at: stop}))
    watch = Watch(made.cache)
    made.kernel.msgbus.subscribe("events.order.*", watch.hear)
    made.run()
    assert watch.faults == []
    assert made.cache.positions_open() == []
    assert made.cache.orders_open() == []
    made.dispose()


def anything(strategy: Scripted, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 3)):
        side, size = rng.choice([BUY, SELL]), round(rng.uniform(0.01, 0.5), 3)
        kind = rng.randint(0, 2)
        if kind == 0:
            strategy.market(size, side)
        elif kind == 1:
            limit(strategy, round(40_000.0 * rng.uniform(0.998, 1.002), 2), "limit", side, size)
        else:
            bracket(strategy, tp=40_000.0 + rng.randint(5, 60), sl=40_000.0 - rng.randint(5, 60))
