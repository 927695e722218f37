"""Every way out passes the gate: with the kill switch engaged none of them is open, and without the guard all are."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nautilus_trader.examples.algorithms.twap import TWAPExecAlgorithm
from nautilus_trader.model.events import OrderEvent, OrderFilled, OrderSubmitted, OrderUpdated
from nautilus_trader.trading.strategy import Strategy

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.latch import Latch
from sagetrade_nautilus.guard.state import State
from tests.integration.test_gate_in_engine import Scripted
from tests.support.engine import START, engine, trades
from tests.support.latch import forget, put
from tests.support.paths import PATHS, PRICE, algorithm, far

STOPPED_AT = 10
FLAT = [PRICE] * 120


def _nothing(strategy: Strategy) -> None:
    """Do nothing."""


def after_the_stop(
    folder: Path,
    path: Callable[[Strategy], None],
    *,
    guarded: bool,
    earlier: Callable[[Strategy], None] = _nothing,
    flatten: bool = False,
) -> list[str]:
    """Return what left or was done at the venue after the stop, which comes just before `path` is gone."""
    latch = put(folder / "latch.json", ts=START, sequence=1)
    forget(folder)
    stopped_ns = START + STOPPED_AT * 1_000_000_000

    def stop(strategy: Scripted) -> None:
        Latch(latch.path).engage(State.HALTED, "a drill", "test", START, flatten=flatten)
        path(strategy)

    made = engine(folder, guarded=guarded, limits=LimitConfig(no_duplicate_s=0.0), latch=latch.path)
    made.add_exec_algorithm(TWAPExecAlgorithm())
    made.add_data(trades(FLAT))
    strategy = Scripted({2: earlier, STOPPED_AT: stop})
    made.add_strategy(strategy)
    made.run()
    left = [
        type(event).__name__
        for order in made.cache.orders()
        for event in order.events
        if _is_of_the_venue(event) and event.ts_event >= stopped_ns
    ]
    made.dispose()
    return left


def _is_of_the_venue(event: OrderEvent) -> bool:
    """An order that an algorithm slices is updated by it as well, in the node alone."""
    changed = isinstance(event, OrderUpdated) and event.venue_order_id is not None
    return changed or isinstance(event, OrderSubmitted | OrderFilled)


def before(name: str) -> Callable[[Strategy], None]:
    return far if name == "modify" else _nothing


@pytest.mark.parametrize("name", PATHS)
def test_no_way_out_is_open_once_it_is_halted(tmp_path: Path, name: str) -> None:
    assert after_the_stop(tmp_path, PATHS[name], guarded=True, earlier=before(name)) == []


@pytest.mark.parametrize("name", PATHS)
def test_without_the_guard_every_way_out_is_open(tmp_path: Path, name: str) -> None:
    assert after_the_stop(tmp_path, PATHS[name], guarded=False, earlier=before(name))


def test_the_slices_of_an_algorithm_that_runs_already_stop_too(tmp_path: Path) -> None:
    guarded, bare = tmp_path / "guarded", tmp_path / "bare"
    for folder in (guarded, bare):
        folder.mkdir()
    assert after_the_stop(guarded, _nothing, guarded=True, earlier=algorithm) == []
    assert after_the_stop(bare, _nothing, guarded=False, earlier=algorithm)


@pytest.mark.parametrize(("flatten", "left"), [(False, []), (True, ["OrderSubmitted", "OrderFilled"])])
def test_a_market_exit_leaves_only_if_positions_are_to_be_closed(
    tmp_path: Path, flatten: bool, left: list[str]
) -> None:
    done = after_the_stop(tmp_path, Strategy.market_exit, guarded=True, earlier=PATHS["risk_engine"], flatten=flatten)
    assert done[:2] == left
