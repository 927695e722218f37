"""A canary plan tightens every limit on money, and loosens none."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import LimitConfig
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.governance.canary import capped

PLAN = {"rollback": "the trader on duty flattens and halts"}


def test_at_most_a_hundredth_is_at_work_whatever_the_limits_say() -> None:
    limits = capped(LimitConfig(max_exposure_pct=500.0, max_order_notional_pct=300.0), CanaryConfig(**PLAN))
    assert (limits.max_exposure_pct, limits.max_order_notional_pct, limits.max_symbol_exposure_pct) == (1.0, 1.0, 1.0)
    assert (limits.max_daily_loss_pct, limits.max_drawdown_pct) == (0.5, 0.5)


@given(st.floats(0.01, 500.0), st.floats(0.01, 100.0), st.floats(0.01, 1.0))
def test_no_limit_is_ever_loosened(share: float, loss: float, allocation: float) -> None:
    limits = LimitConfig(max_exposure_pct=share, max_order_notional_pct=share, max_daily_loss_pct=loss)
    tight = capped(limits, CanaryConfig(allocation_pct=allocation, **PLAN))
    for name in limits.__struct_fields__:
        before, after = getattr(limits, name), getattr(tight, name)
        assert after == before or after < before


@pytest.mark.parametrize(
    "wrong", [{"allocation_pct": 1.01}, {"allocation_pct": 0.0}, {"duration_h": 71.0}, {"rollback": "-"}]
)
def test_a_plan_that_is_none_is_refused(wrong: dict) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**PLAN, **wrong}, CanaryConfig)
