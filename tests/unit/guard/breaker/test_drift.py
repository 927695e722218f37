"""A clock that was set is found, either way; time that passes is not."""

import pytest

from sagetrade_nautilus.guard.breaker.drift import ClockSteps

SECOND = 1_000_000_000


@pytest.mark.parametrize("step_s", [-60.0, -2.0, -0.5, 0.0, 0.5, 2.0, 60.0])
def test_a_step_is_seen_once_at_its_size(step_s: float) -> None:
    steps = ClockSteps(1_000 * SECOND, 5 * SECOND)
    assert steps.step_ms(1_001 * SECOND, 6 * SECOND) == 0.0
    set_to = int((1_002 + step_s) * SECOND)
    assert steps.step_ms(set_to, 7 * SECOND) == pytest.approx(step_s * 1_000)
    assert steps.step_ms(set_to + SECOND, 8 * SECOND) == 0.0
