"""What the watch over a canary says before it looks."""

import datetime as dt
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.store import ExperimentStore
from sagetrade_nautilus.experiments.watch import check


def test_an_experiment_that_is_not_there_is_not_said_to_be_on_its_way(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"there is no experiment exp-20260101-001.*experiment list"):
        check(ExperimentStore(tmp_path), tmp_path, "exp-20260101-001", tmp_path / "canary", "", print, "main")


@pytest.mark.parametrize(
    "state",
    [ExperimentState.EVALUATING, ExperimentState.REJECTED, ExperimentState.RECOMMENDED, ExperimentState.ROLLED_BACK],
)
def test_what_is_neither_approved_nor_merged_has_no_canary_to_watch(tmp_path: Path, state: ExperimentState) -> None:
    store = ExperimentStore(tmp_path)
    experiment = Experiment(
        id=store.begin(dt.date(2026, 1, 1)),
        name="x",
        hypothesis="x",
        proposer="optuna",
        config="x.toml",
        base="0",
        seed=1,
        created_at="",
        state=state,
    )
    store.save(experiment)
    with pytest.raises(ExperimentError, match=f"is {state}: only what is approved or merged has a canary"):
        check(store, tmp_path, experiment.id, tmp_path / "canary", "", print, "main")
