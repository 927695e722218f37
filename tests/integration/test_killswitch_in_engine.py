"""The kill switch in a real engine: once it is engaged, nothing leaves but what its state lets out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nautilus_trader.model.enums import OrderSide, OrderStatus, OrderType

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.guard.journal.journal import read
from sagetrade_nautilus.guard.journal.records import DenialRecord
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from tests.support.engine import START, bars, engine, trades
from tests.support.latch import forget, put
from tests.support.scripted import INSTRUMENT, Scripted, large_bracket, large_emulated_stop

WIDE = LimitConfig(
    max_symbol_exposure_pct=1000.0,
    max_exposure_pct=1000.0,
    max_net_exposure_pct=1000.0,
    max_order_notional_pct=1000.0,
    price_collar_pct=90.0,
)
FLAT = [40_000.0] * 12


class Played:
    """A run in which the switch is engaged just before the fourth bar's orders."""

    def __init__(
        self,
        folder: Path,
        after: Callable[[Scripted], None],
        state: State | None,
        *,
        flatten: bool = False,
        before: Callable[[Scripted], None] = lambda strategy: strategy.market(0.1),
        data: Callable[..., list[object]] = bars,
        closes: list[float] = FLAT,
    ) -> None:
        latch = put(folder / "latch.json", ts=START, sequence=1)
        forget(folder)

        def engage(strategy: Scripted) -> None:
            if state is not None:
                latch.engage(state, "a drill", "test", strategy.clock.timestamp_ns(), flatten=flatten)
            after(strategy)

        made = engine(folder, limits=WIDE, latch=folder / "latch.json")
        made.add_data(data(closes))
        made.add_strategy(Scripted({2: before, 4: engage}))
        made.run()
        self.held = sum(position.signed_qty for position in made.cache.positions_open())
        self.statuses = {order.order_type: order.status for order in made.cache.orders()}
        made.dispose()
        self.denials = [line for line in read(folder / "decisions.jsonl") if isinstance(line, DenialRecord)]


def _enter(strategy: Scripted) -> None:
    strategy.market(0.2)


def _close(strategy: Scripted) -> None:
    strategy.close_position(strategy.cache.positions_open()[0])


def _rest(strategy: Scripted) -> None:
    strategy.submit_order(
        strategy.order_factory.limit(INSTRUMENT, OrderSide.BUY, strategy.qty(0.1), strategy.price(30_000.0))
    )


def _change(strategy: Scripted) -> None:
    strategy.modify_order(strategy.cache.orders_open()[0], quantity=strategy.qty(0.2))


def _cancel(strategy: Scripted) -> None:
    strategy.cancel_all_orders(INSTRUMENT)


@pytest.mark.parametrize("state", [State.NO_ENTRIES, State.REDUCE_ONLY, State.HALTED])
@pytest.mark.parametrize("path", [_enter, _rest, large_bracket])
def test_no_entry_leaves_once_it_is_engaged(tmp_path: Path, state: State, path: Callable[[Scripted], None]) -> None:
    played = Played(tmp_path, path, state)
    assert played.held == pytest.approx(0.1)
    assert played.denials
    assert all(denial.reason == f"kill_switch: {state.value}: a drill" for denial in played.denials)


def test_the_same_entry_leaves_while_it_is_running(tmp_path: Path) -> None:
    played = Played(tmp_path, _enter, None)
    assert played.held == pytest.approx(0.3)
    assert played.denials == []


@pytest.mark.parametrize(
    ("state", "flatten", "closes"),
    [
        (State.NO_ENTRIES, False, True),
        (State.REDUCE_ONLY, False, True),
        (State.HALTED, False, False),
        (State.HALTED, True, True),
    ],
)
def test_a_way_out_is_open_unless_it_is_halted_without_flattening(
    tmp_path: Path, state: State, flatten: bool, closes: bool
) -> None:
    played = Played(tmp_path, _close, state, flatten=flatten)
    assert played.held == pytest.approx(0.0 if closes else 0.1)


@pytest.mark.parametrize("state", [State.NO_ENTRIES, State.REDUCE_ONLY, State.HALTED])
def test_a_resting_entry_is_not_enlarged_but_cancelled_at_will(tmp_path: Path, state: State) -> None:
    folders = [tmp_path / name for name in ("change", "cancel")]
    for folder in folders:
        folder.mkdir()
    changed = Played(folders[0], _change, state, before=_rest)
    cancelled = Played(folders[1], _cancel, state, before=_rest)
    assert changed.denials[0].reason.startswith("kill_switch")
    assert cancelled.statuses[OrderType.LIMIT] == OrderStatus.CANCELED
    assert cancelled.denials == []


def test_an_emulated_stop_that_is_released_after_a_halt_never_leaves(tmp_path: Path) -> None:
    closes = [40_000.0] * 6 + [40_200.0] * 6
    played = Played(
        tmp_path, lambda strategy: None, State.HALTED, before=large_emulated_stop, data=trades, closes=closes
    )
    assert played.held == 0.0
    assert played.denials[0].reason == "kill_switch: halted: a drill"


@pytest.mark.parametrize("harm", ["missing", "empty", "torn", "folder"])
def test_a_latch_that_cannot_be_read_lets_nothing_out(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "latch.json"

    def spoil(strategy: Scripted) -> None:
        content = path.read_bytes()
        path.unlink()
        if harm == "empty":
            path.write_bytes(b"")
        elif harm == "torn":
            path.write_bytes(content[: len(content) // 2])
        elif harm == "folder":
            path.mkdir()
        _enter(strategy)

    played = Played(tmp_path, spoil, None)
    assert played.held == pytest.approx(0.1)
    assert played.denials[0].reason.startswith("kill_switch: halted")


def test_a_latch_that_raises_lets_nothing_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Latch) -> None:
        raise RuntimeError("no switch")

    def spoil(strategy: Scripted) -> None:
        monkeypatch.setattr(Latch, "read", broken)
        _enter(strategy)

    played = Played(tmp_path, spoil, None)
    assert played.held == pytest.approx(0.1)
    assert played.denials[0].reason == "kill_switch: unreadable: RuntimeError: no switch"
