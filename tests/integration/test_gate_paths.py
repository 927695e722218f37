"""Every way out passes the gate: with the kill switch engaged none of them is open, and without the guard all are."""

from pathlib import Path

import pytest
from nautilus_trader.trading.strategy import Strategy

from tests.support.paths import PATHS, after_the_stop, algorithm, before, nothing


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
    assert after_the_stop(guarded, nothing, guarded=True, earlier=algorithm) == []
    assert after_the_stop(bare, nothing, guarded=False, earlier=algorithm)


@pytest.mark.parametrize(("flatten", "left"), [(False, []), (True, ["OrderSubmitted", "OrderFilled"])])
def test_a_market_exit_leaves_only_if_positions_are_to_be_closed(
    tmp_path: Path, flatten: bool, left: list[str]
) -> None:
    done = after_the_stop(tmp_path, Strategy.market_exit, guarded=True, earlier=PATHS["risk_engine"], flatten=flatten)
    assert done[:2] == left
