"""The watchdog cuts once a heartbeat is stale, goes on until the broker confirms, and releases nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ConfigError, KillSwitchError
from sagetrade_nautilus.guard.switch import watchdog as module
from sagetrade_nautilus.guard.switch.heartbeat import Beat, Heartbeat
from sagetrade_nautilus.guard.switch.latch import Latch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.guard.switch.watchdog import Watchdog
from tests.support.latch import put

STALE_S = 5.0


class FakeBroker:
    """A broker that refuses its first `refusals` requests, and takes the next `ignored` ones without doing them."""

    def __init__(self, refusals: int = 0, ignored: int = 0) -> None:
        self.refusals, self.ignored = refusals, ignored
        self.suspended = False
        self.calls: list[str] = []

    def suspend(self) -> None:
        self._take("suspend")
        if self.ignored:
            self.ignored -= 1
        else:
            self.suspended = True

    def is_suspended(self) -> bool:
        self._take("is_suspended")
        return self.suspended

    def cancel_all(self) -> None:
        self._take("cancel_all")

    def _take(self, name: str) -> None:
        self.calls.append(name)
        if self.refusals:
            self.refusals -= 1
            raise KillSwitchError("Alpaca: answered 500")


class Scene:
    """A node's heartbeat, a latch, a clock, and the watchdog that looks at them."""

    def __init__(self, folder: Path, broker: FakeBroker | None = None, **options: bool) -> None:
        self.latch = put(folder / "latch.json")
        self.path = folder / "latch.heartbeat"
        self.now, self.count = 100.0, 0
        self.told: list[str] = []
        self.dog = Watchdog(
            self.path, self.latch, STALE_S, self.told.append, broker=broker, now_s=lambda: self.now, **options
        )

    def beat(self, *, stopped: bool = False) -> None:
        self.count += 1
        Heartbeat(self.path).write(Beat(pid=1, count=self.count, stopped=stopped))

    def look(self, after_s: float = 0.0) -> None:
        self.now += after_s
        self.dog.look()

    @property
    def state(self) -> State:
        return self.latch.read().state


def test_a_node_that_lives_is_left_alone(tmp_path: Path) -> None:
    scene = Scene(tmp_path, broker := FakeBroker())
    for _ in range(50):
        scene.beat()
        scene.look(1.0)
    assert scene.state is State.RUNNING
    assert broker.calls == []
    assert scene.told == ["the heartbeat is there"]


@pytest.mark.parametrize("gone", [False, True])
def test_a_heartbeat_that_is_stale_or_gone_halts_and_cuts(tmp_path: Path, gone: bool) -> None:
    scene = Scene(tmp_path, broker := FakeBroker())
    scene.beat()
    scene.look()
    if gone:
        scene.path.unlink()
    scene.look(STALE_S)
    assert scene.state is State.RUNNING
    scene.look(0.1)
    assert (scene.state, scene.latch.read().by) == (State.HALTED, "watchdog")
    assert scene.latch.read().reason == "no heartbeat for 5 s"
    assert broker.suspended
    assert "cancel_all" not in broker.calls
    assert scene.told[-1] == "the cut is complete; only a person releases it"


def test_orders_at_the_broker_are_cancelled_only_where_that_is_asked_for(tmp_path: Path) -> None:
    scene = Scene(tmp_path, broker := FakeBroker(), cancel_orders=True)
    scene.beat()
    scene.look()
    scene.look(STALE_S + 0.1)
    assert broker.calls == ["is_suspended", "suspend", "is_suspended", "cancel_all"]


def test_a_node_that_stopped_in_good_order_is_no_reason(tmp_path: Path) -> None:
    scene = Scene(tmp_path, broker := FakeBroker())
    scene.beat()
    scene.look()
    scene.beat(stopped=True)
    for _ in range(20):
        scene.look(10.0)
    assert scene.state is State.RUNNING
    assert broker.calls == []


def test_without_a_first_heartbeat_it_waits(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for _ in range(20):
        scene.look(10.0)
    assert scene.state is State.RUNNING
    assert scene.told == ["waiting for a node's first heartbeat"]


def test_it_goes_on_until_the_broker_confirms_and_says_so_each_time(tmp_path: Path) -> None:
    scene = Scene(tmp_path, broker := FakeBroker(refusals=3, ignored=2))
    scene.beat()
    scene.look()
    scene.look(STALE_S + 0.1)
    assert scene.state is State.HALTED  # whatever the broker says
    for _ in range(100):
        scene.look(1.0)
    assert broker.suspended
    assert sum(line.startswith("NOT YET: the broker confirms") for line in scene.told) == 5
    assert any("says that it is not suspended" in line for line in scene.told)
    assert scene.told[-1] == "the cut is complete; only a person releases it"


def test_its_tries_slow_down_to_one_in_half_a_minute(tmp_path: Path) -> None:
    scene = Scene(tmp_path, broker := FakeBroker(refusals=10_000))
    scene.beat()
    scene.look()
    scene.look(STALE_S + 0.1)
    for _ in range(600):
        scene.look(1.0)
    assert 15 < len(broker.calls) < 30


def test_a_node_that_wakes_up_again_releases_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path, broker := FakeBroker(refusals=2))
    scene.beat()
    scene.look()
    scene.look(STALE_S + 0.1)
    for _ in range(20):
        scene.beat()
        scene.look(1.0)
    assert scene.state is State.HALTED
    assert broker.suspended
    assert "the heartbeat is there again; what was stopped stays stopped" in scene.told
    scene.look(STALE_S + 0.1)
    assert scene.told.count("the heartbeat is STALE") == 2


def test_a_latch_that_cannot_be_written_does_not_hold_up_the_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(tmp_path, broker := FakeBroker())
    real, calls = Latch.engage, iter(range(100))

    def refused(self: Latch, *args: object, **options: object) -> object:
        if next(calls) < 2:
            raise KillSwitchError("NOT halted")
        return real(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Latch, "engage", refused)
    scene.beat()
    scene.look()
    scene.look(STALE_S + 0.1)
    assert broker.suspended
    assert "NOT YET: the latch is halted: NOT halted" in scene.told
    for _ in range(5):
        scene.look(1.0)
    assert scene.state is State.HALTED


def test_a_dry_run_only_says_what_it_would_do(tmp_path: Path) -> None:
    scene = Scene(tmp_path, broker := FakeBroker(), dry_run=True)
    scene.beat()
    scene.look()
    scene.look(STALE_S + 0.1)
    assert scene.state is State.RUNNING
    assert broker.calls == []
    assert scene.told[-1].startswith("dry run, nothing is done; this would be: the latch is halted, the broker")


def test_the_broker_is_asked_at_the_start_so_that_a_wrong_key_shows(tmp_path: Path) -> None:
    scene = Scene(tmp_path, broker := FakeBroker())
    scene.dog.check_broker()
    assert scene.told == ["the broker answers: not suspended"]
    broker.is_suspended = lambda: (_ for _ in ()).throw(ConfigError("refused"))  # type: ignore[method-assign]
    with pytest.raises(ConfigError):
        scene.dog.check_broker()


def test_ending_it_in_the_middle_of_a_cut_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path, FakeBroker(refusals=10_000))
    scene.beat()
    pauses: Iterator[float] = iter([0.0, STALE_S + 0.1, 1.0])

    def sleep(seconds: float) -> None:
        pause = next(pauses, None)
        if pause is None:
            raise KeyboardInterrupt
        scene.now += pause

    monkeypatch.setattr(module.time, "sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        scene.dog.run()
    assert scene.told[-1] == "ENDED BEFORE IT WAS CONFIRMED: the broker confirms that trading is suspended"
