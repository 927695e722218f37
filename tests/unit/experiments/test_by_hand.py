"""A run by hand beside experiments is counted, and told where it reads their sealed days."""

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments import chained
from sagetrade_nautilus.experiments.by_hand import note
from sagetrade_nautilus.experiments.evaluation.windows import Days
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.ledger import FILE, TrialLedger
from sagetrade_nautilus.experiments.promotion.holdout import Holdout, HoldoutReading
from tests.support.experiments import NOW
from tests.support.proposal import CONFIG, proposed, small_repository
from tests.support.sound import LONG

EDIT = {CONFIG: LONG.replace("min_score = 0.5", "min_score = 0.7")}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    """The run of a repository with one experiment, whose last thirty days are sealed."""
    root = small_repository(tmp_path / "repo", LONG)
    store, experiment = proposed(root, EDIT)
    Git(root).add_worktree(store.folder(experiment.id) / "base", experiment.base)
    monkeypatch.chdir(root)
    return load(root / CONFIG)


def _until(config: RunConfig, end: dt.date) -> RunConfig:
    return msgspec.structs.replace(config, data=msgspec.structs.replace(config.data, end=end))


def _readings() -> list[str]:
    return [one.deed for one in chained.read(Path("experiments/holdout.jsonl"), HoldoutReading)]


def test_every_other_run_counts_once_as_a_trial(config: RunConfig) -> None:
    research = _until(config, dt.date(2022, 5, 1))
    assert note(research, "code 1", NOW) == note(research, "code 1", NOW) == ""
    assert TrialLedger(Path("experiments")).count() == 1
    note(research, "code 2", NOW)
    trials = TrialLedger(Path("experiments")).trials()
    assert [one.kind for one in trials] == ["by hand", "by hand"]
    assert _readings() == []


def test_a_run_that_reads_sealed_days_is_told_and_written_down(config: RunConfig) -> None:
    for _ in range(2):
        assert "reads days that are sealed, 2022-06-01..2022-06-30:" in note(config, "code", NOW)
    assert _readings() == ["by hand"]
    assert note(_until(config, dt.date(2022, 6, 1)), "code", NOW) == ""
    assert "sealed" in note(_until(config, dt.date(2022, 6, 2)), "code", NOW)
    assert _readings() == ["by hand", "by hand"]


def test_a_run_is_made_though_the_ledger_is_for_the_days_of_another_experiment(config: RunConfig) -> None:
    others = Days(dt.date(2022, 2, 19), dt.date(2022, 3, 5))
    Holdout(Path("experiments/holdout.jsonl"), others).open("candidate", config, 1)
    assert note(config, "code", NOW) == ""
    assert _readings() == ["read"]


def test_the_days_are_sealed_for_the_experiments_own_markets(config: RunConfig) -> None:
    other = msgspec.structs.replace(config, data=msgspec.structs.replace(config.data, instruments=["ETHUSDT.BINANCE"]))
    assert note(other, "code", NOW) == ""


def test_where_nobody_experiments_nothing_is_written(
    config: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert note(config, "code", NOW) == ""
    assert list(Path().iterdir()) == []


def test_what_cannot_be_counted_is_not_run(config: RunConfig) -> None:
    note(config, "code", NOW)
    path = Path("experiments") / FILE
    path.write_bytes(path.read_bytes().replace(b"by hand", b"by hanD"))
    with pytest.raises(ExperimentError, match=FILE):
        note(config, "other code", NOW)
