"""What the manager works with, put together for one repository."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

from adapters.llm.client import LlmClient
from adapters.llm.completion import Kept
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError, ExperimentError
from sagetrade_nautilus.experiments.delivery.deliver import LLM
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.manager import Tools
from sagetrade_nautilus.experiments.promotion.gate import Judge
from sagetrade_nautilus.experiments.promotion.judge import judge
from sagetrade_nautilus.experiments.proposers.base import Proposer
from sagetrade_nautilus.experiments.proposers.human import HumanProposer
from sagetrade_nautilus.experiments.proposers.llm import LlmProposer
from sagetrade_nautilus.experiments.sandbox.bubblewrap import Sandbox, SandboxLimits
from sagetrade_nautilus.experiments.sandbox.runner import Plain, Run, limited
from sagetrade_nautilus.experiments.sandbox.static_guard import faults

EXTRA: Final = "pip install 'sagetrade-nautilus[experiments]'"


def tools(config: RunConfig, tell: Callable[[str], None] = lambda line: None) -> Tools:
    """Return the real tools: bubblewrap, the static guard, the gate, the wall's clock.

    Where this machine has no sandbox that is told, and no proposed code runs.
    """
    seconds = config.experiments.timeout_s
    return Tools(
        plain=limited(Plain(), seconds),
        sandbox=_sandbox(seconds, tell),
        faults=faults,
        judge=_judge,
        proposer=_proposer,
        now=lambda: dt.datetime.now(dt.UTC),
    )


def _sandbox(seconds: float, tell: Callable[[str], None]) -> Run | None:
    try:
        return limited(Sandbox(), SandboxLimits(seconds=seconds))
    except ExperimentError as error:
        tell(str(error))
        return None


def _judge(config: RunConfig) -> Judge:
    return lambda evidence, trials: judge(evidence, config.promotion, trials)


def _proposer(experiment: Experiment, config: RunConfig, folder: Path) -> Proposer:
    if experiment.proposer == "human":
        return HumanProposer(experiment.change)
    if experiment.proposer == "llm":
        return LlmProposer(LlmClient.of(config.llm, Kept(folder / LLM)))
    try:
        from sagetrade_nautilus.experiments.proposers.optuna import OptunaProposer  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(f"the optuna proposer needs Optuna and tomlkit: {EXTRA}") from None
    return OptunaProposer()
