"""A language model's proposal: a strategy plugin with its test, tried out for a bounded number of rounds."""

import asyncio
from math import inf
from typing import Annotated, Any, Final, Protocol

import msgspec
from msgspec import Meta

from sagetrade_nautilus.decoding import UNDECODABLE
from sagetrade_nautilus.errors import ConfigError, LlmError
from sagetrade_nautilus.experiments.changes import edited, with_strategy
from sagetrade_nautilus.experiments.evaluation.figures import Criterion
from sagetrade_nautilus.experiments.experiment import UnfitError
from sagetrade_nautilus.experiments.proposers import prompts
from sagetrade_nautilus.experiments.proposers.base import Proposal, Tried, Workshop

EXAMPLE: Final = "strategies/mean_reversion_scalper.py"
EXAMPLE_TEST: Final = "tests/unit/strategies/test_mean_reversion_scalper.py"
SOURCE_CHARS_MAX: Final = 20_000


class Completed(Protocol):
    """An answer."""

    @property
    def text(self) -> str: ...


class Asks(Protocol):
    """Who asks the language model; `adapters.llm.client.LlmClient` does."""

    async def complete(
        self, system: str, user: str, *, schema: dict[str, Any] | None = None, max_tokens: int | None = None
    ) -> Completed: ...


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A setting of the plugin."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$(?!\n)")]
    value: int | float


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value of the run's file, by its place."""

    path: Annotated[str, Meta(pattern=r"^[a-z][A-Za-z0-9_.]*$(?!\n)")]
    value: bool | int | float


class Idea(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model answers."""

    title: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
    rationale: Annotated[str, Meta(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$")]
    plugin: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{2,39}$(?!\n)")]
    strategy_source: Annotated[str, Meta(max_length=SOURCE_CHARS_MAX)]
    test_source: Annotated[str, Meta(max_length=SOURCE_CHARS_MAX)]
    params: list[Setting]
    changes: list[Change]


class LlmProposer:
    """Asks a language model, tells it how its answer did, and takes the best answer that held.

    Parameters
    ----------
    client : Asks
        The language model. With its answers kept, the same rounds come again after a crash and cost nothing.
    """

    def __init__(self, client: Asks) -> None:
        self._client = client

    def propose(self, workshop: Workshop) -> Proposal:
        baseline = workshop.baseline().figures
        config = workshop.config
        first = prompts.question(
            workshop.experiment.hypothesis,
            workshop.config_text,
            baseline,
            config.costs.round_trip_bps,
            workshop.source(EXAMPLE) or "",
            workshop.source(EXAMPLE_TEST) or "",
        )
        asked, held, last = first, [], "nothing was answered"
        for left in reversed(range(config.experiments.rounds)):
            answer = asyncio.run(self._client.complete(prompts.SYSTEM, asked, schema=schema())).text
            files, tried = _try(workshop, answer)
            if files and tried.measured is not None and tried.measured.metrics is not None:
                held.append((tried.measured.metrics.sharpe or -inf, left, files, answer))
            last = "; ".join(f"{check.name}: {check.detail}" for check in tried.checks if not check.passed) or last
            asked = prompts.again(first, answer, tried, baseline, left)
        if not held:
            raise UnfitError(f"{workshop.experiment.id}: no answer of the model held: {last}")
        _, _, files, answer = max(held, key=lambda one: one[:2])
        idea = msgspec.json.decode(answer, type=Idea)
        return Proposal(title=idea.title, rationale=idea.rationale, files=files)


def schema() -> dict[str, Any]:
    """Return the JSON schema that an answer must follow, with an object at its top."""
    whole = msgspec.json.schema(Idea)
    parts: dict[str, Any] = whole["$defs"]
    return {**parts.pop("Idea"), "$defs": parts}


def _try(workshop: Workshop, answer: str) -> tuple[dict[str, str], Tried]:
    try:
        files = _files(workshop, msgspec.json.decode(answer, type=Idea))
    except (*UNDECODABLE, ConfigError, LlmError) as error:
        return {}, Tried((Criterion(name="answer", passed=False, detail=str(error)),), None)
    return files, workshop.try_files(files)


def _files(workshop: Workshop, idea: Idea) -> dict[str, str]:
    params = {setting.name: setting.value for setting in idea.params}
    config = with_strategy(workshop.config_text, idea.plugin, params)
    values = {f"strategies.{idea.plugin}.params.{name}": value for name, value in params.items()}
    values |= {change.path: change.value for change in idea.changes}
    return {
        f"strategies/{idea.plugin}.py": idea.strategy_source,
        f"tests/unit/strategies/test_{idea.plugin}.py": idea.test_source,
        workshop.experiment.config: edited(config, values),
    }
