"""Proposers: the same seed, the same proposal; bounded rounds; nothing that does not hold is proposed."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.llm.completion import Completion
from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.errors import ConfigError
from sagetrade_nautilus.experiments.evaluation.figures import Criterion, RunFigures
from sagetrade_nautilus.experiments.evaluation.measure import Measured
from sagetrade_nautilus.experiments.experiment import Experiment, UnfitError
from sagetrade_nautilus.experiments.proposers.base import Tried
from sagetrade_nautilus.experiments.proposers.llm import LlmProposer, schema
from sagetrade_nautilus.experiments.proposers.optuna import OptunaProposer
from tests.support.experiments import SMALL

PLACE = "strategies.mean_reversion_scalper.params.min_score"


def _metrics(sharpe: float) -> RunFigures:
    return RunFigures(sharpe=sharpe, total_return=sharpe / 10.0, drawdown=1.0 - sharpe / 2.0, trades=10)


class FakeWorkshop:
    """Measures by a formula: the best `min_score` is 0.8. Files hold unless they say BAD."""

    def __init__(self, text: str = SMALL, failing: bool = False) -> None:
        self.config_text = text
        self.config = msgspec.toml.decode(text.encode(), type=RunConfig)
        self.folder = Path("unused")
        self.experiment = Experiment(
            id="exp-20261126-001",
            name="n",
            hypothesis="stronger entries",
            proposer="optuna",
            config="configs/small.toml",
            base="b",
            seed=7,
            created_at="t",
        )
        self.asked: list[RunConfig] = []
        self.files: list[Mapping[str, str]] = []
        self._failing = failing

    def baseline(self) -> Measured:
        return Measured(key="b", metrics=_metrics(0.5))

    def source(self, path: str) -> str | None:
        return f"# {path}"

    def try_configs(self, configs: Sequence[RunConfig]) -> list[Measured]:
        self.asked += configs
        if self._failing:
            return [Measured(key="k", failure="ruined") for _ in configs]
        scores = [config.strategies[0].params["min_score"] for config in configs]
        return [Measured(key="k", metrics=_metrics(1.0 - abs(score - 0.8))) for score in scores]

    def try_files(self, files: Mapping[str, str]) -> Tried:
        self.files.append(files)
        source = files["strategies/dip_buyer.py"]
        check = Criterion(name="static guard", passed="BAD" not in source, detail="it says BAD")
        sharpe = float(source.removeprefix("# ")) if check.passed else 0.0
        return Tried((check,), Measured(key="k", metrics=_metrics(sharpe)) if check.passed else None)


def _search(**changes: object) -> str:
    lines = SMALL.replace("trials = 3", f"trials = {changes.get('trials', 24)}")
    return lines.replace("prune_share = 1.0", f"prune_share = {changes.get('prune_share', 1.0)}")


def test_the_search_finds_the_best_setting_and_changes_nothing_else() -> None:
    workshop = FakeWorkshop(_search())
    proposal = OptunaProposer().propose(workshop)
    after = msgspec.toml.decode(proposal.files["configs/small.toml"].encode(), type=RunConfig)
    assert after.strategies[0].params["min_score"] == pytest.approx(0.8, abs=0.05)
    assert after.strategies[0].params["hold_minutes"] == 60.0
    assert len(workshop.asked) == 24
    assert "24 settings" in proposal.rationale


def test_the_same_seed_gives_the_same_search_to_the_last_digit() -> None:
    first, second, other = (FakeWorkshop(_search()) for _ in range(3))
    assert OptunaProposer().propose(first) == OptunaProposer().propose(second)
    assert first.asked == second.asked
    config = msgspec.structs.replace(
        other.config, experiments=msgspec.structs.replace(other.config.experiments, seed=8)
    )
    other.config = config
    OptunaProposer().propose(other)
    assert [one.strategies for one in other.asked] != [one.strategies for one in first.asked]


def test_what_is_worse_in_everything_after_a_share_of_the_days_is_given_up() -> None:
    workshop = FakeWorkshop(_search(prune_share=0.5))
    proposal = OptunaProposer().propose(workshop)
    short = [one for one in workshop.asked if one.data.end < workshop.config.data.end]
    whole = [one for one in workshop.asked if one.data.end == workshop.config.data.end]
    assert len(short) == 24
    assert 0 < len(whole) < 24
    assert f"({24 - len(whole)} given up early)" in proposal.rationale


def test_a_search_without_a_space_or_without_any_figures_ends_in_words() -> None:
    with pytest.raises(ConfigError, match="space"):
        OptunaProposer().propose(FakeWorkshop(SMALL.split("[experiments.search.space]")[0]))
    with pytest.raises(ConfigError, match="there is no"):
        OptunaProposer().propose(FakeWorkshop(SMALL.replace(PLACE, "strategies.nobody.params.x")))
    with pytest.raises(UnfitError, match="not one of the settings"):
        OptunaProposer().propose(FakeWorkshop(failing=True))


def _idea(**said: object) -> str:
    idea = {
        "title": "Buy dips",
        "rationale": "they revert",
        "plugin": "dip_buyer",
        "strategy_source": "# 0.9",
        "test_source": "# a test",
        "params": [{"name": "min_score", "value": 0.7}, {"name": "bars", "value": 3}],
        "changes": [{"path": "strategies.mean_reversion_scalper.enabled", "value": False}],
    }
    return json.dumps({**idea, **said})


class FakeModel:
    """Answers in turn; what it was asked is in `asked`."""

    def __init__(self, *sources: str, raw: str = "") -> None:
        self.asked: list[str] = []
        self._sources = list(sources)
        self._raw = raw

    async def complete(
        self, system: str, user: str, *, schema: dict[str, Any] | None = None, max_tokens: int | None = None
    ) -> Completion:
        self.asked.append(user)
        return Completion(self._raw or _idea(strategy_source=self._sources.pop(0) if self._sources else "BAD"))


def test_the_best_answer_that_held_is_proposed_and_each_round_is_told_of_the_last() -> None:
    workshop, model = FakeWorkshop(), FakeModel("# BAD", "# 0.9", "# 0.6")
    proposal = LlmProposer(model).propose(workshop)
    assert proposal.files["strategies/dip_buyer.py"] == "# 0.9"
    assert sorted(proposal.files) == [
        "configs/small.toml",
        "strategies/dip_buyer.py",
        "tests/unit/strategies/test_dip_buyer.py",
    ]
    run = msgspec.toml.decode(proposal.files["configs/small.toml"].encode(), type=RunConfig)
    assert run.strategies[1].params == {"min_score": 0.7, "bars": 3}
    assert not run.strategies[0].enabled
    assert len(model.asked) == 3
    assert "static guard failed: it says BAD" in model.asked[1]
    assert "You have 2 more tries" in model.asked[1]
    assert "Sharpe ratio 0.900" in model.asked[2]
    assert "You have 1 more try." in model.asked[2]


def test_the_model_is_told_of_research_alone() -> None:
    model = FakeModel("# 0.9", "# 0.9", "# 0.9")
    LlmProposer(model).propose(FakeWorkshop())
    assert not any("holdout:" in asked or "sealed" in asked for asked in model.asked)


@pytest.mark.parametrize(
    "raw",
    [
        "{}",
        "[]",
        '{"title": 3}',
        json.dumps({"title": "t", "rationale": "r", "plugin": "../../etc", "strategy_source": ""}),
        _idea(title="a\0b"),
        _idea(title="a\n\nSigned-off-by: anna@desk"),
        _idea(rationale="a\0b"),
        _idea(changes=[{"path": "data.start.x", "value": 1}]),
        _idea(changes=[{"path": "strategies.0", "value": 1.5}]),
        _idea(changes=[{"path": "data.instruments.x.y", "value": 1}]),
    ],
)
def test_an_answer_that_is_no_idea_writes_no_file(raw: str) -> None:
    workshop, model = FakeWorkshop(), FakeModel(raw=raw)
    with pytest.raises(UnfitError, match="no answer of the model held"):
        LlmProposer(model).propose(workshop)
    assert workshop.files == []
    assert len(model.asked) == 3


def test_the_schema_is_one_that_strict_endpoints_take() -> None:
    found = schema()
    assert found["type"] == "object"
    assert found["additionalProperties"] is False
    assert set(found["required"]) == set(found["properties"])
