"""A canary plan tightens every limit on money, and loosens none."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagetrade_nautilus.config import LimitConfig, ProposalCanaryConfig, RunConfig, SizingConfig, load
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.errors import GovernanceError
from sagetrade_nautilus.governance.canary import begun, canary_of, capped, shrunk

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
    assert shrunk(SizingConfig(), 0.5).capital_pct == 0.5
    assert shrunk(SizingConfig(capital_pct=0.1), 0.5).capital_pct == 0.1


def _of_experiment(config: RunConfig, experiment: str, **plan: float) -> RunConfig:
    settings = msgspec.structs.replace(config.experiments, canary_of=experiment, canary=ProposalCanaryConfig(**plan))
    return msgspec.structs.replace(config, experiments=settings)


def test_an_experiments_canary_is_small_on_paper_too_and_any_other_paper_run_is_as_it_was(project_root: Path) -> None:
    demo = load(project_root / "configs" / "demo.toml")
    assert begun(demo, with_money=False) == demo
    small = begun(_of_experiment(demo, "exp-20261126-001", allocation_pct=0.7), with_money=False)
    assert small.sizing.capital_pct == 0.7
    found = {name: getattr(small.limits, name) for name in ("max_exposure_pct", "max_symbol_exposure_pct")}
    assert set(found.values()) == {0.7}
    assert small.limits.max_order_notional_pct == 0.7


@given(st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_of_two_plans_the_tighter_counts(own: float, of_experiment: float) -> None:
    demo = load(Path(__file__).resolve().parents[3] / "configs" / "demo.toml")
    config = msgspec.structs.replace(demo, canary=CanaryConfig(allocation_pct=own, **PLAN))
    small = begun(_of_experiment(config, "exp-20261126-001", allocation_pct=of_experiment), with_money=True)
    assert small.sizing.capital_pct == small.limits.max_exposure_pct == min(own, of_experiment)


def test_with_money_a_run_needs_a_plan_of_its_own_besides(project_root: Path) -> None:
    demo = load(project_root / "configs" / "demo.toml")
    with pytest.raises(GovernanceError, match=r"\[canary\]"):
        begun(_of_experiment(demo, "exp-20261126-001"), with_money=True)


def test_a_run_without_a_plan_has_none_to_go_live_by(project_root: Path) -> None:
    with pytest.raises(GovernanceError, match=r"\[canary\]"):
        canary_of(load(project_root / "configs" / "demo.toml"))
