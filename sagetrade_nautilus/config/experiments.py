"""Experiments: how a proposed change is made, measured, put forward and given up again."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sagetrade_nautilus.config.section import (
    NonNegativeFloat,
    NonNegativeInt,
    Percent,
    PositiveFloat,
    PositiveInt,
    Section,
)


class ParameterRange(Section, frozen=True):
    """What a search may set one value to.

    Parameters
    ----------
    low, high : float
        The least and the greatest value.
    step : float, optional
        The distance between values; any value between unless given.
    kind : {'float', 'int'}
        What the value is.
    """

    low: float
    high: float
    step: PositiveFloat | None = None
    kind: Literal["float", "int"] = "float"


class SearchConfig(Section, frozen=True):
    """The search of the `optuna` proposer.

    Parameters
    ----------
    trials : int
        How many settings it tries; each counts.
    batch : int
        How many it asks for at once, whatever the number of workers, so that the answer does not depend on them.
    prune_share : float
        The share of the research days, from their start, after which a setting is given up that is worse in every
        objective than the median of those before it; 1 gives none up.
    space : dict[str, ParameterRange]
        What may be changed, by its place in the configuration: 'aggregator.text_weight',
        'quant.features.0.weight', 'selector.rules.0.min_confidence', or
        'strategies.<name>.params.<setting>'.
    """

    trials: PositiveInt = 20
    batch: PositiveInt = 4
    prune_share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.5
    space: dict[str, ParameterRange] = {}


class ProposalCanaryConfig(Section, frozen=True):
    """With how little an approved change begins, and at which figures it is rolled back.

    Parameters
    ----------
    allocation_pct : float
        The share of capital that it begins with, at most 1.
    duration_h : int
        For how many hours of data, at least 72.
    max_loss_24h_pct : float
        Rolled back when it has lost more than this within 24 hours, in percent of what is allocated to it.
    max_drawdown_pct : float
        Rolled back when it has fallen further than this from its peak, in percent of what is allocated to it.
    max_slippage_bps : float
        Rolled back when its entries and exits fill worse than this on average.
    """

    allocation_pct: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    duration_h: Annotated[int, Meta(ge=72)] = 72
    max_loss_24h_pct: Percent = 3.0
    max_drawdown_pct: Percent = 5.0
    max_slippage_bps: PositiveFloat = 20.0


class ExperimentsConfig(Section, frozen=True):
    """Experiments.

    Parameters
    ----------
    directory : str
        Where experiments are kept, a folder each, beside the ledger of all trials.
    seed : int
        Seed of every search.
    holdout_days : int
        The last days of `data` are sealed: no proposer sees them, and the gate reads them once.
    canary : ProposalCanaryConfig
        The canary: simulated on the days before the holdout, and planned for after the merge.
    canary_of : str
        The approved experiment whose canary this run is: it has `canary.allocation_pct` of capital and no more, also on
        paper, is watched, and given up by its own criteria.
    folds : int
        Windows of the walk-forward.
    purge_h : float
        What is left out before each window, in hours: a trade of the past may still be open there.
    embargo_h : float
        What is left out between research and what comes after it, in hours.
    stress_cost_factor, stress_latency_factor : float
        By how much costs, and the way to the venue, are made worse for the stress test.
    neighbour_step_pct : float
        By how much each changed number is moved, up and down, to see whether the result hangs on it.
    neighbours_max : int
        How many numbers are moved at most.
    tests : list[str]
        What pytest runs in the candidate's worktree; what is not there is left out, and nothing at all is a failure.
    search : SearchConfig
        The search of the `optuna` proposer.
    rounds : int
        How many times the `llm` proposer may look at its results and try again.
    timeout_s : float
        How long one measurement may take, in seconds.
    remote, target : str
        The git remote and branch that a proposal is for; without a remote the branch stays where it is.
    repository : str
        'owner/name' on GitHub; without it, or without `GITHUB_TOKEN`, the pull request's text becomes a file.
    approver : str
        Whose approval the pull request asks for.
    """

    directory: str = "experiments"
    seed: NonNegativeInt = 7
    holdout_days: PositiveInt = 30
    canary: ProposalCanaryConfig = ProposalCanaryConfig()
    canary_of: Annotated[str, Meta(pattern=r"^(exp-\d{8}-\d{3})?\Z")] = ""
    folds: Annotated[int, Meta(ge=2)] = 4
    purge_h: NonNegativeFloat = 24.0
    embargo_h: NonNegativeFloat = 24.0
    stress_cost_factor: Annotated[float, Meta(ge=1.0)] = 2.0
    stress_latency_factor: Annotated[float, Meta(ge=1.0)] = 10.0
    neighbour_step_pct: Percent = 10.0
    neighbours_max: PositiveInt = 4
    tests: list[str] = msgspec.field(default_factory=lambda: ["tests/unit/strategies"])
    search: SearchConfig = SearchConfig()
    rounds: PositiveInt = 3
    timeout_s: PositiveFloat = 1_800.0
    remote: str = "origin"
    target: str = "main"
    repository: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)?\Z")] = ""
    approver: str = "@human_approver"
