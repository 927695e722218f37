"""What a stop does to orders and positions, in a real engine: the answer of the kill switch and the circuit breaker."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nautilus_trader.common.factories import OrderFactory
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType
from nautilus_trader.model.identifiers import StrategyId

from sagetrade_nautilus.guard.controller import UNRECONCILED
from sagetrade_nautilus.guard.switch.response import Response
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import RECONCILED_ENDPOINT, TradingState
from tests.support.engine import BTC
from tests.support.orders import accepted
from tests.support.scripted import INSTRUMENT, Scripted
from tests.support.stopped import CANCELED, RESTS, StoppedRun, bracket, everything, limit


def test_no_entries_cancels_nothing(tmp_path: Path) -> None:
    run = StoppedRun(tmp_path, everything, State.NO_ENTRIES)
    assert run.sent == Response(0, 0, False)
    assert (run.statuses["resting"], run.statuses["emulated"]) == (RESTS, OrderStatus.EMULATED)


@pytest.mark.parametrize("state", [State.REDUCE_ONLY, State.HALTED])
def test_what_can_enlarge_is_cancelled_wherever_it_is_and_what_protects_stays(tmp_path: Path, state: State) -> None:
    run = StoppedRun(tmp_path, everything, state)
    assert {name: run.statuses[name] for name in ("resting", "counter", "emulated", "held")} == dict.fromkeys(
        ("resting", "counter", "emulated", "held"), CANCELED
    )
    assert {run.statuses[name] for name in ("target", "stop", "exit")} == {RESTS}
    assert run.held == pytest.approx(0.1)
    assert run.sent == Response(4, 0, state is State.HALTED)
    assert run.heard == [TradingState(state.value, state is State.HALTED, "a drill")]


def differ(symbol: str) -> Callable[[StoppedRun, Scripted], None]:
    """Return what tells the guard that our books are not the venue's in an instrument."""
    found = {symbol: ("our strategies hold 0.1, the venue says 0",)}
    return lambda run, strategy: strategy.msgbus.send(RECONCILED_ENDPOINT, found)


def test_where_only_reducing_is_allowed_what_can_enlarge_is_cancelled_and_what_protects_stays(tmp_path: Path) -> None:
    run = StoppedRun(tmp_path, everything, State.RUNNING, later={5: differ(BTC)})
    ours = ("resting", "counter", "emulated", "held")
    assert {name: run.statuses[name] for name in ours} == dict.fromkeys(ours, CANCELED)
    assert {run.statuses[name] for name in ("target", "stop", "exit")} == {RESTS}
    assert run.held == pytest.approx(0.1)
    assert not any(message.locked for message in run.heard)


def test_orders_in_other_instruments_and_those_of_nobody_stay(tmp_path: Path) -> None:
    run = StoppedRun(tmp_path, everything, State.RUNNING, later={5: differ("ETHUSDT.BINANCE")})
    assert run.statuses["resting"] == RESTS

    def theirs(run: StoppedRun, strategy: Scripted) -> None:
        factory = OrderFactory(strategy.trader_id, StrategyId("EXTERNAL"), strategy.clock)
        order = factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(0.1), strategy.price(30_000.0), tags=["theirs"])
        strategy.cache.add_order(accepted(order))
        strategy.cache.update_order(order)

    (tmp_path / "again").mkdir()
    again = StoppedRun(tmp_path / "again", everything, State.RUNNING, later={5: theirs, 6: differ(BTC)})
    assert (again.statuses["theirs"], again.statuses["resting"]) == (RESTS, CANCELED)


def test_before_the_books_are_known_nothing_is_cancelled_wherever_they_differ(tmp_path: Path) -> None:
    def unknown(run: StoppedRun, strategy: Scripted) -> None:
        run.made.kernel._controller._own = UNRECONCILED
        run.made.kernel._controller._owners.differ({BTC: ("an order is strange",)})
        run.response.look()

    run = StoppedRun(tmp_path, everything, State.RUNNING, later={5: unknown})
    assert run.statuses["resting"] == RESTS


def test_the_exits_of_an_entry_that_never_filled_go_with_it(tmp_path: Path) -> None:
    def rest(strategy: Scripted) -> None:
        bracket(strategy, entry_order_type=OrderType.LIMIT, entry_price=strategy.price(30_000.0))

    run = StoppedRun(tmp_path, lambda strategy: None, State.REDUCE_ONLY, first=rest)
    assert run.statuses == {"entry": CANCELED, "target": CANCELED, "stop": CANCELED}


def test_an_order_that_slips_in_later_is_cancelled_too(tmp_path: Path) -> None:
    def slip(run: StoppedRun, strategy: Scripted) -> None:
        limit(strategy, 31_000.0, "late")  # without a latch the gate lets it pass, as if it had been on its way

    run = StoppedRun(tmp_path, everything, State.HALTED, later={6: slip})
    assert run.statuses["late"] == CANCELED


def test_a_release_unlocks_and_leaves_orders_alone(tmp_path: Path) -> None:
    def release(run: StoppedRun, strategy: Scripted) -> None:
        assert run.apply(State.RUNNING) == Response(0, 0, False)
        limit(strategy, 31_000.0, "late")

    run = StoppedRun(tmp_path, everything, State.HALTED, later={6: release})
    assert run.statuses["late"] == RESTS
    assert run.statuses["resting"] == CANCELED
    assert [message.locked for message in run.heard] == [True, False]
    assert run.done == Response()
