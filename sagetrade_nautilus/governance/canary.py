"""What a canary plan makes of the limits: it can only tighten them."""

import msgspec

from sagetrade_nautilus.config import LimitConfig, ProposalCanaryConfig, RunConfig, SizingConfig
from sagetrade_nautilus.config.canary import CanaryConfig
from sagetrade_nautilus.errors import GovernanceError


def canary_of(config: RunConfig) -> CanaryConfig:
    """Return the plan by which a run goes live.

    Raises
    ------
    GovernanceError
        There is none.
    """
    if config.canary is None:
        raise GovernanceError("the configuration has no `[canary]`: add it, as configs/live-alpaca.toml has it")
    return config.canary


def capped(limits: LimitConfig, canary: CanaryConfig) -> LimitConfig:
    """Return `limits` with no more at work, and no more lost, than the canary plan allows."""
    return msgspec.structs.replace(
        _exposed(limits, canary),
        max_daily_loss_pct=min(limits.max_daily_loss_pct, canary.max_loss_pct),
        max_day_drop_pct=min(limits.max_day_drop_pct, canary.max_loss_pct),
        max_drawdown_pct=min(limits.max_drawdown_pct, canary.max_loss_pct),
    )


def _exposed(limits: LimitConfig, canary: CanaryConfig | ProposalCanaryConfig) -> LimitConfig:
    """Return `limits` with no more at work, and no worse fills, than either kind of plan allows."""
    most = canary.allocation_pct
    return msgspec.structs.replace(
        limits,
        max_order_notional_pct=min(limits.max_order_notional_pct, most),
        max_exposure_pct=min(limits.max_exposure_pct, most),
        max_net_exposure_pct=min(limits.max_net_exposure_pct, most),
        max_symbol_exposure_pct=min(limits.max_symbol_exposure_pct, most),
        max_cluster_exposure_pct=min(limits.max_cluster_exposure_pct, most),
        max_slippage_bps=min(limits.max_slippage_bps, canary.max_slippage_bps),
    )


def shrunk(sizing: SizingConfig, allocation_pct: float) -> SizingConfig:
    """Return `sizing` by which strategies see no more money than the canary plan allots to them."""
    return msgspec.structs.replace(sizing, capital_pct=min(sizing.capital_pct, allocation_pct))


def begun(config: RunConfig, *, with_money: bool) -> RunConfig:
    """Return the run with no more at work than its canary plans allow: the run's own, and that of an experiment.

    Parameters
    ----------
    with_money : bool
        Whether orders reach a broker: then the run must have a plan of its own. An experiment's canary is small
        wherever it runs, since its criteria are shares of what is allotted to it.

    Raises
    ------
    GovernanceError
        It has none.
    """
    limits, sizing = config.limits, config.sizing
    if with_money:
        plan = canary_of(config)
        limits, sizing = capped(limits, plan), shrunk(sizing, plan.allocation_pct)
    if config.experiments.canary_of:
        of_experiment = config.experiments.canary
        limits, sizing = _exposed(limits, of_experiment), shrunk(sizing, of_experiment.allocation_pct)
    return msgspec.structs.replace(config, limits=limits, sizing=sizing)
