"""What the guard tells those who look."""

from types import SimpleNamespace
from typing import Any

from sagetrade_nautilus.config import BreakerConfig, LimitConfig
from sagetrade_nautilus.guard.breaker.breaker import Memory, observe, released
from sagetrade_nautilus.guard.gate.account import Switch
from sagetrade_nautilus.guard.switch.state import State
from sagetrade_nautilus.guard.view import guard_view
from sagetrade_nautilus.nanos import NANOS_PER_DAY

NOON = 19_000 * NANOS_PER_DAY + NANOS_PER_DAY // 2
CONFIG: Any = SimpleNamespace(
    run=SimpleNamespace(name="hand", config_digest="", code_version=""),
    venue="BINANCE",
    currency="USDT",
    latch=None,
    journal="",
)


def test_a_release_does_not_make_the_days_loss_and_the_fall_from_the_peak_undone() -> None:
    """A person who resumes after a loss is still told of that loss: the rules count anew, the day does not."""
    limits, breaker = LimitConfig(), BreakerConfig(release="person")
    lost = observe(observe(Memory(), 1000.0, NOON, limits, breaker), 790.0, NOON + 1, limits, breaker)
    circuit: Any = SimpleNamespace(memory=released(lost, lost.trips), budget_left=lambda: 1.0)
    seen = guard_view(CONFIG, Switch(State.RUNNING, False, ""), circuit, 795.0, (), (), ())
    assert (seen.equity, seen.day_start, seen.peak) == (795.0, 1000.0, 1000.0)
