"""A canary plan tightens every limit on money, and loosens none."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import LimitConfig, SizingConfig, load
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.governance.canary import canary_of, capped, shrunk

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


def test_strategies_size_by_what_the_plan_allots_and_never_by_more() -> None:
    plan = CanaryConfig(allocation_pct=0.5, **PLAN)
    assert shrunk(SizingConfig(), plan).capital_pct == 0.5
    assert shrunk(SizingConfig(capital_pct=0.1), plan).capital_pct == 0.1


def test_a_run_without_a_plan_has_none_to_go_live_by(project_root: Path) -> None:
    with pytest.raises(GovernanceError, match=r"\[canary\]"):
        canary_of(load(project_root / "configs" / "demo.toml"))
