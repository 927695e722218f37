"""A search over parameters: of strategies, of the composite's weights, of the policy table."""

from collections.abc import Mapping
from statistics import median
from typing import Final

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState

from sagetrade_nautilus.config import ParameterRange, RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments.changes import edited
from sagetrade_nautilus.experiments.evaluation.measure import Measured
from sagetrade_nautilus.experiments.evaluation.variants import Scalar, changed, first_part, flat
from sagetrade_nautilus.experiments.experiment import UnfitError
from sagetrade_nautilus.experiments.proposers.base import Proposal, Workshop
from sagetrade_nautilus.report.text import setting

DIRECTIONS: Final = ("maximize", "maximize", "minimize")
"""Of Sharpe ratio, return and drawdown."""
STARTUP_TRIALS: Final = 5

optuna.logging.set_verbosity(optuna.logging.WARNING)

type Objectives = tuple[float, float, float]


class OptunaProposer:
    """Searches with Optuna's multi-objective TPE, seeded; the most promising setting becomes the proposal.

    Sharpe ratio and return are to be high, the drawdown low. A setting that after a share of the days is worse in all
    three than the median of those before it is given up. What is proposed is, of the settings that no other beats in
    everything, the one with the highest Sharpe ratio. How good it looks is owed to the search too: the gate knows how
    many were tried, and judges that.
    """

    def propose(self, workshop: Workshop) -> Proposal:
        settings = workshop.config.experiments
        space = {path: _distribution(path, range_) for path, range_ in settings.search.space.items()}
        if not space:
            raise ConfigError("`experiments.search.space` is empty: name what the search may change")
        unknown = sorted(set(space) - set(flat(workshop.config)))
        for path in unknown:
            changed(workshop.config, {path: settings.search.space[path].low})  # a setting of a plugin may be left out
        sampler = optuna.samplers.TPESampler(seed=settings.seed, n_startup_trials=STARTUP_TRIALS)
        study = optuna.create_study(directions=DIRECTIONS, sampler=sampler)
        early: list[Objectives] = []
        for begun in range(0, settings.search.trials, settings.search.batch):
            count = min(settings.search.batch, settings.search.trials - begun)
            trials = [study.ask(space) for _ in range(count)]
            for trial, result in zip(trials, _results(workshop, trials, early), strict=True):
                if result is None:
                    study.tell(trial, state=TrialState.PRUNED)
                else:
                    study.tell(trial, result)
        return _chosen(study, workshop)


def _distribution(path: str, given: ParameterRange) -> BaseDistribution:
    if given.low >= given.high:
        raise ConfigError(f"`experiments.search.space.{path}`: low {given.low:g} is not below high {given.high:g}")
    if given.kind == "int":
        return IntDistribution(round(given.low), round(given.high), step=round(given.step or 1))
    return FloatDistribution(given.low, given.high, step=given.step)


def _results(workshop: Workshop, trials: list[Trial], early: list[Objectives]) -> list[Objectives | None]:
    """Return each trial's objectives, ``None`` for one that was given up or failed."""
    share = workshop.config.experiments.search.prune_share
    configs = [changed(workshop.config, trial.params) for trial in trials]
    hopeful = [True] * len(configs)
    if share < 1.0:
        for index, measured in enumerate(workshop.try_configs([first_part(config, share) for config in configs])):
            found = _objectives(measured)
            hopeful[index] = found is not None and not _hopeless(found, early)
            if found is not None:
                early.append(found)
    rest: list[RunConfig] = [config for config, hope in zip(configs, hopeful, strict=True) if hope]
    whole = iter(workshop.try_configs(rest))
    return [_objectives(next(whole)) if hope else None for hope in hopeful]


def _objectives(measured: Measured) -> Objectives | None:
    metrics = measured.metrics
    if metrics is None or metrics.sharpe is None:
        return None
    return metrics.sharpe, metrics.total_return, metrics.drawdown


def _hopeless(found: Objectives, before: list[Objectives]) -> bool:
    """Whether a setting is worse in everything than the median of those before it."""
    if len(before) < STARTUP_TRIALS:
        return False
    sharpe, total_return, drawdown = (median(column) for column in zip(*before, strict=True))
    return bool(found[0] < sharpe and found[1] < total_return and found[2] > drawdown)


def _shown(before: Mapping[str, Scalar], path: str) -> str:
    return setting(before[path]) if path in before else "its default"


def _chosen(study: optuna.Study, workshop: Workshop) -> Proposal:
    front = sorted(study.best_trials, key=lambda trial: (-trial.values[0], trial.number))
    if not front:
        raise UnfitError(f"{workshop.experiment.id}: not one of the settings tried has figures; look at `failure`")
    best = front[0]
    before = flat(workshop.config)
    values = best.params
    shown = ", ".join(f"{path} from {_shown(before, path)} to {setting(value)}" for path, value in values.items())
    pruned = sum(trial.state is TrialState.PRUNED for trial in study.trials)
    return Proposal(
        title=f"Set {', '.join(path.rsplit('.', 1)[-1] for path in values)}",
        rationale=f"Of {len(study.trials)} settings ({pruned} given up early) the one with the highest Sharpe ratio "
        f"that no other beats in Sharpe ratio, return and drawdown at once: {shown}. "
        f"Hypothesis: {workshop.experiment.hypothesis}",
        files={workshop.experiment.config: edited(workshop.config_text, values)},
    )
