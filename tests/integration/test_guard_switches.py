"""Kill switch, circuit breaker and journal together in a real engine: which one speaks, when, and to whom."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId

from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.guard import controller
from sagetrade_nautilus.guard.breaker.breaker import Memory, Trip
from sagetrade_nautilus.guard.breaker.drift import ClockSteps
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.journal.journal import Journal, read
from sagetrade_nautilus.guard.journal.records import DenialRecord, OrderRecord, StateRecord, TripRecord
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.messages import RISK_BUDGET_TOPIC, TRADING_STATE_TOPIC
from tests.support.engine import BTC, DAY, START, bars, engine, trades
from tests.support.latch import confirmed, forget, put
from tests.support.scripted import Scripted

ETH = "ETHUSDT.BINANCE"
WIDE = LimitConfig(
    max_symbol_exposure_pct=900.0,
    max_exposure_pct=900.0,
    max_net_exposure_pct=900.0,
    max_order_notional_pct=900.0,
    max_price_jump_pct=50.0,
)
FALL = [40_000.0] * 4 + [38_000.0] * 8
PERSON = BreakerConfig(release="person")


class Played:
    """A run with a kill switch, and with what was told and written meanwhile."""

    def __init__(
        self,
        folder: Path,
        script: dict[int, Callable[[Scripted], Any]],
        data: list[Any],
        *,
        breaker: BreakerConfig | None = None,
        latch: bool = True,
        before: Callable[["Played"], None] = lambda played: None,
        **options: Any,
    ) -> None:
        self.folder = folder
        self.path = folder / "decisions.jsonl"
        if latch:
            self.latch = put(folder / "latch.json", ts=START, sequence=1)
            forget(folder)
        before(self)
        made = engine(folder, limits=WIDE, breaker=breaker, latch=folder / "latch.json" if latch else None, **options)
        self.guard = made.kernel._controller
        self.bus = made.kernel.msgbus
        made.add_data(data)
        self.strategy = Scripted(script)
        made.add_strategy(self.strategy)
        self.budgets: list[float] = []
        self.locks: list[bool] = []
        self.bus.subscribe(RISK_BUDGET_TOPIC, self.budgets.append)
        self.bus.subscribe(TRADING_STATE_TOPIC, lambda message: self.locks.append(message.locked))
        made.run()
        self.held = sum(position.signed_qty for position in made.cache.positions_open())
        made.dispose()
        self.lines = read(self.path)
        self.trips = self.of(TripRecord)
        self.denials = [line.reason for line in self.of(DenialRecord)]

    def of(self, kind: type) -> list[Any]:
        return [line for line in self.lines if isinstance(line, kind)]


def _buy(size: float) -> Callable[[Scripted], None]:
    return lambda strategy: strategy.market(size)


def _close(strategy: Scripted) -> None:
    strategy.close_position(strategy.cache.positions_open()[0])


def test_every_step_of_an_order_is_journaled(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: _buy(0.1)}, bars(FALL))
    assert [line.event for line in played.of(OrderRecord)] == ["initialized", "submitted", "filled"]


@pytest.mark.parametrize("state", [State.NO_ENTRIES, State.REDUCE_ONLY, State.HALTED])
def test_a_run_that_starts_stopped_says_so_before_anything_happens(tmp_path: Path, state: State) -> None:
    played = Played(tmp_path, {2: _buy(0.1)}, bars(FALL), before=lambda played: put(tmp_path / "latch.json", state))
    assert played.held == 0
    assert played.locks == [state is State.HALTED]


def test_a_run_that_starts_running_says_nothing_of_it(tmp_path: Path) -> None:
    assert Played(tmp_path, {2: _buy(0.1)}, bars(FALL[:4])).locks == []


def test_a_memory_that_is_lost_is_a_trip_from_the_start(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: _buy(0.1)}, bars(FALL), before=lambda played: (tmp_path / "breaker.json").unlink())
    assert [trip.rule for trip in played.trips] == ["memory_lost"]
    assert played.held == 0


@pytest.mark.parametrize("name", ["breaker.json", "elsewhere.json"])
def test_a_trip_that_was_kept_holds_after_a_restart(tmp_path: Path, name: str) -> None:
    trip = Trip("max_daily_loss_pct", 4.0, 3.0, START, State.REDUCE_ONLY, until_next_day=True)
    kept = Memory(day=START // DAY, day_start=100_000.0, day_peak=100_000.0, peak=100_000.0, trips=(trip,))
    options = {"memory": tmp_path / name} if name == "elsewhere.json" else {}
    played = Played(
        tmp_path,
        {2: _buy(0.1)},
        bars(FALL),
        before=lambda played: MemoryFile(tmp_path / name).save(kept),
        **options,
    )
    assert played.denials == ["circuit_breaker: reduce_only: max_daily_loss_pct: 4 against 3"]


def test_a_kill_switch_that_is_stricter_than_the_breaker_holds(tmp_path: Path) -> None:
    """The breaker lets out what reduces; a person who has halted does not."""

    def halt(strategy: Scripted) -> None:
        Latch(tmp_path / "latch.json").engage(State.HALTED, "by hand", "anna", strategy.clock.timestamp_ns())
        _close(strategy)

    played = Played(tmp_path, {2: _buy(2.0), 8: halt}, bars(FALL))
    assert [trip.rule for trip in played.trips] == ["max_daily_loss_pct", "max_day_drop_pct"]
    assert played.held == 2.0
    assert played.denials[0] == "kill_switch: halted: by hand"


def test_a_person_who_resumes_releases_the_trip_and_strategies_hear_of_their_budget(tmp_path: Path) -> None:
    def resume(strategy: Scripted) -> None:
        latch = Latch(tmp_path / "latch.json")
        now = strategy.clock.timestamp_ns()
        latch.release(confirmed(latch.read(), State.RUNNING, now), now)
        strategy.market(0.01)

    played = Played(tmp_path, {2: _buy(2.0), 8: resume}, bars(FALL), breaker=PERSON)
    assert [line.by for line in played.of(StateRecord)] == ["test", "test"]
    assert played.held == pytest.approx(2.01)
    assert played.budgets[-1] == 1.0
    assert played.locks[-1] is False


def test_the_next_day_unlocks_what_a_halt_has_locked(tmp_path: Path) -> None:
    closes = [40_000.0] * 4 + [38_000.0] * 300
    played = Played(tmp_path, {2: _buy(2.0)}, bars(closes), breaker=BreakerConfig(action="halted"), latch=False)
    assert played.locks[0] is True
    assert played.locks[-1] is False


def test_a_day_is_released_at_midnight_by_the_clock_alone(tmp_path: Path) -> None:
    """Nothing is open any more, and nobody sends an order."""
    closes = [40_000.0] * 4 + [38_000.0] * 300
    played = Played(tmp_path, {2: _buy(2.0), 8: _close}, bars(closes), latch=False)
    assert {line.ts for line in played.of(StateRecord)} == {START + DAY}


def test_a_loss_is_noticed_when_its_position_is_closed_without_any_bar(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: _buy(2.0), 6: _close}, trades(FALL), latch=False)
    assert {trip.rule for trip in played.trips} == {"max_daily_loss_pct", "max_day_drop_pct"}


def test_nothing_is_bought_while_a_price_of_another_position_is_not_sound(tmp_path: Path) -> None:
    def buy_eth(strategy: Scripted) -> None:
        eth = strategy.cache.instrument(InstrumentId.from_str(ETH))
        strategy.submit_order(strategy.order_factory.market(eth.id, OrderSide.BUY, eth.make_qty(1.0)))

    jumps = bars([2_000.0] * 6 + [4_000.0] * 6, ETH)
    data = sorted([*bars([40_000.0] * 12), *jumps], key=lambda bar: bar.ts_init)  # of each time, BTC comes first
    played = Played(tmp_path, {2: buy_eth, 8: _buy(0.1)}, data, latch=False, instruments=(BTC, ETH))
    assert [denial.split(":")[0] for denial in played.denials] == ["known_equity"]


def test_the_journals_file_is_closed_with_the_engine(tmp_path: Path) -> None:
    played = Played(tmp_path, {2: _buy(0.1)}, bars(FALL))
    opened = {os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")}
    assert str(played.path) not in opened


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux's /proc")
@pytest.mark.parametrize(
    ("step_ms", "trips"), [(1_000, []), (1_001, ["max_clock_step_ms"]), (-1_001, ["max_clock_step_ms"])]
)
def test_a_live_look_sees_a_step_of_the_clock_and_the_account_and_puts_the_journal_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step_ms: int, trips: list[str]
) -> None:
    syncs, before = [], []

    def look(strategy: Scripted) -> None:
        guard = played[0].guard
        guard._steps = ClockSteps(0, 0)
        wall = SimpleNamespace(time_ns=lambda: step_ms * 1_000_000, monotonic_ns=lambda: 0)
        monkeypatch.setattr(controller, "time", wall)
        monkeypatch.setattr(Journal, "sync", lambda self: syncs.append(1))
        before.append(len(played[0].budgets))
        guard._look_live()
        before.append(len(played[0].budgets))
        monkeypatch.undo()

    played: list[Played] = []
    found = Played(tmp_path, {3: look}, bars(FALL), before=played.append)
    assert [trip.rule for trip in found.trips] == trips
    assert syncs
    assert before[1] > before[0]
