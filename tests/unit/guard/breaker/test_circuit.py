"""The circuit breaker at work: what it tells, what it keeps over a restart, and who may release it."""

import errno
from math import nan
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.guard.breaker.breaker import DAILY_LOSS, DAY_DROP, DRAWDOWN, Memory, Trip
from sagetrade_nautilus.guard.breaker.circuit import BY, Circuit
from sagetrade_nautilus.guard.breaker.memory import MemoryFile
from sagetrade_nautilus.guard.standing import Standing
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.nanos import NANOS_PER_DAY
from tests.support.latch import confirmed, put

NOON = 20_833 * NANOS_PER_DAY + NANOS_PER_DAY // 2
LIMITS = LimitConfig(max_daily_loss_pct=3.0, max_day_drop_pct=50.0, max_drawdown_pct=20.0)


class Bench:
    """A breaker beside a latch and a memory in `folder`, as a live node has them."""

    def __init__(self, folder: Path, breaker: BreakerConfig | None = None, *, fresh: bool = True) -> None:
        self.latch = put(folder / "latch.json", ts=1, sequence=1) if fresh else Latch(folder / "latch.json")
        self.store = MemoryFile(folder / "breaker.json")
        if fresh:
            self.store.save(Memory())
        self.trips: list[Trip] = []
        self.releases: list[tuple[str, str]] = []
        self.circuit = Circuit(
            LIMITS,
            breaker or BreakerConfig(),
            self.store,
            self.latch,
            self.trips.append,
            lambda trip, by: self.releases.append((trip.rule, by)),
        )
        self.circuit.wake(NOON)

    def see(self, *equities: float, ts: int = NOON) -> "Bench":
        for equity in equities:
            self.circuit.observe(equity, ts)
        return self

    def rules(self) -> list[str]:
        return [trip.rule for trip in self.circuit.memory.trips]


def test_a_trip_that_the_next_day_releases_leaves_the_kill_switch_alone(tmp_path: Path) -> None:
    bench = Bench(tmp_path).see(1000.0, 960.0)
    assert [trip.rule for trip in bench.trips] == [DAILY_LOSS]
    assert bench.latch.read().state is State.RUNNING
    bench.see(960.0, ts=NOON + NANOS_PER_DAY)
    assert bench.releases == [(DAILY_LOSS, BY)]


def test_a_trip_that_waits_for_a_person_engages_the_kill_switch(tmp_path: Path) -> None:
    bench = Bench(tmp_path, BreakerConfig(action="halted", flatten=True, release="person")).see(1000.0, 960.0)
    record = bench.latch.read()
    assert (record.state, record.flatten, record.by) == (State.HALTED, True, BY)
    assert record.reason == "max_daily_loss_pct: 4 against 3"


def test_a_restart_forgets_neither_the_loss_nor_the_days_start(tmp_path: Path) -> None:
    Bench(tmp_path).see(1000.0, 980.0)
    again = Bench(tmp_path, fresh=False)
    assert again.circuit.memory.day_start == 1000.0
    assert again.see(969.0).rules() == [DAILY_LOSS]
    assert Bench(tmp_path, fresh=False).rules() == [DAILY_LOSS]


@pytest.mark.parametrize("harm", ["missing", "torn"])
def test_a_memory_that_is_lost_stops_until_a_person_resumes(tmp_path: Path, harm: str) -> None:
    Bench(tmp_path).see(1000.0)
    path = tmp_path / "breaker.json"
    content = path.read_bytes()
    path.unlink()
    if harm == "torn":
        path.write_bytes(content[:-9])
    again = Bench(tmp_path, fresh=False)
    assert again.rules() == ["memory_lost"]
    assert again.latch.read().state is State.REDUCE_ONLY


def test_a_persons_release_of_the_kill_switch_releases_the_trip_and_counts_anew(tmp_path: Path) -> None:
    bench = Bench(tmp_path).see(1000.0, 790.0)
    assert bench.rules() == [DAILY_LOSS, DRAWDOWN]
    stopped = bench.latch.read()
    bench.circuit.heed(stopped, NOON)
    assert bench.rules() == [DAILY_LOSS, DRAWDOWN]
    bench.latch.release(confirmed(stopped, State.RUNNING, NOON), NOON)
    bench.circuit.heed(bench.latch.read(), NOON)
    assert bench.rules() == [DAILY_LOSS]
    assert bench.releases == [(DRAWDOWN, "test")]
    assert bench.circuit.memory.peak == 790.0


@pytest.mark.parametrize("state", [State.HALTED, State.REDUCE_ONLY])
def test_a_kill_switch_that_only_became_stricter_releases_nothing(tmp_path: Path, state: State) -> None:
    bench = Bench(tmp_path).see(1000.0, 790.0)
    bench.latch.engage(state, "by hand", "anna", NOON + 5)
    bench.circuit.heed(bench.latch.read(), NOON)
    assert DRAWDOWN in bench.rules()


def test_who_releases_another_halt_is_shown_a_trip_that_came_meanwhile_before_that_goes_too(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.latch.engage(State.HALTED, "by hand", "anna", NOON)
    bench.see(1000.0, 790.0)
    for before, after in ((State.HALTED, [DAILY_LOSS, DRAWDOWN]), (State.REDUCE_ONLY, [DAILY_LOSS])):
        stopped = bench.latch.read()
        assert stopped.state is before
        bench.latch.release(confirmed(stopped, State.RUNNING, NOON), NOON)
        bench.circuit.heed(bench.latch.read(), NOON)
        assert bench.rules() == after
        assert Bench(tmp_path, fresh=False).rules() == after
    assert stopped.reason == "max_drawdown_pct: 21 against 20"
    assert bench.latch.read().state is State.RUNNING


def test_a_kill_switch_that_was_damaged_releases_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path).see(1000.0, 790.0)
    (tmp_path / "latch.json").unlink()
    bench.circuit.heed(bench.latch.read(), NOON)
    assert DRAWDOWN in bench.rules()


def test_a_memory_that_cannot_be_written_halts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path).see(1000.0)

    def refuse(self: MemoryFile, memory: Memory) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(MemoryFile, "save", refuse)
    bench.see(960.0)
    assert bench.latch.read().state is State.HALTED
    assert bench.latch.read().reason == "the circuit breaker's memory cannot be written: No space left on device"


@pytest.mark.parametrize("release", ["next_day", "person"])
def test_a_process_that_dies_as_it_tells_of_a_trip_has_not_forgotten_it(tmp_path: Path, release: str) -> None:
    config = BreakerConfig(release=release)  # type: ignore[arg-type]
    bench = Bench(tmp_path, config).see(1000.0)

    class Death(BaseException):
        pass

    def die(trip: Trip) -> None:
        raise Death

    bench.circuit._on_trip = die
    with pytest.raises(Death):
        bench.see(960.0)
    assert Bench(tmp_path, config, fresh=False).rules() == [DAILY_LOSS]


def test_a_trip_is_told_of_although_it_cannot_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path).see(1000.0)
    monkeypatch.setattr(MemoryFile, "save", lambda self, memory: (_ for _ in ()).throw(OSError(errno.EIO, "I/O error")))
    bench.see(960.0)
    assert [trip.rule for trip in bench.trips] == [DAILY_LOSS]


def test_a_rising_market_does_not_write_at_every_price(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path).see(1000.0)
    writes = []
    monkeypatch.setattr(MemoryFile, "save", lambda self, memory: writes.append(memory))
    bench.see(*[1000.0 + 0.01 * step for step in range(200)])
    assert len(writes) <= 2


@pytest.mark.parametrize(
    ("equities", "start", "peak"),
    [((nan, 1000.0), 1000.0, 1000.0), ((1000.0, 1001.0), 1000.0, 1000.0), ((1000.0, 1001.1), 1000.0, 1001.1)],
)
def test_the_days_start_is_kept_when_it_is_known_and_a_peak_when_it_has_risen_enough(
    tmp_path: Path, equities: tuple[float, ...], start: float, peak: float
) -> None:
    kept = Bench(tmp_path).see(*equities).store.load()
    assert kept is not None
    assert (kept.day_start, kept.peak) == (start, peak)


def test_only_a_later_record_of_the_kill_switch_releases(tmp_path: Path) -> None:
    bench = Bench(tmp_path).see(1000.0, 790.0)
    same = msgspec.structs.replace(bench.latch.read(), state=State.RUNNING)
    bench.circuit.heed(same, NOON)
    assert DRAWDOWN in bench.rules()
    bench.circuit.heed(msgspec.structs.replace(same, sequence=same.sequence + 1), NOON)
    assert DRAWDOWN not in bench.rules()


def test_a_loop_trips_for_a_person_to_release(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.circuit.trip(Standing("max_repeated_orders", 11, 10), NOON)
    assert bench.latch.read().reason == "max_repeated_orders: 11 against 10"
    assert bench.see(1000.0, ts=NOON + 3 * NANOS_PER_DAY).rules() == ["max_repeated_orders"]


def test_the_standings_name_every_rule(tmp_path: Path) -> None:
    bench = Bench(tmp_path).see(1000.0, 985.0)
    assert [str(standing) for standing in bench.circuit.standings()] == [
        f"{DAILY_LOSS}: 1.5 against 3",
        f"{DAY_DROP}: 1.5 against 50",
        f"{DRAWDOWN}: 1.5 against 20",
        "max_losses_in_a_row: 0 against 10",
    ]
