"""Experiments in their folders: numbered, whole, one worker each, with a history that cannot be rewritten."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.lifecycle import By
from sagetrade_nautilus.experiments.store import FILE, HISTORY, ExperimentStore, kept, put

DAY = dt.date(2026, 11, 26)


def _begun(store: ExperimentStore) -> Experiment:
    return store.save(
        Experiment(
            id=store.begin(DAY),
            name="n",
            hypothesis="h",
            proposer="human",
            config="c.toml",
            base="b",
            seed=1,
            created_at="2026-11-26T09:00:00Z",
        )
    )


def test_each_gets_the_next_number_of_its_day_also_when_many_begin_at_once(tmp_path: Path) -> None:
    store = ExperimentStore(tmp_path / "experiments")
    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(lambda _: store.begin(DAY), range(12)))
    assert found == [f"exp-20261126-{number:03d}" for number in range(1, 13)]
    assert store.ids() == []  # none of them was ever saved


def test_what_was_moved_stands_there_with_its_history(tmp_path: Path) -> None:
    store = ExperimentStore(tmp_path)
    experiment = store.move(_begun(store), ExperimentState.EVALUATING, By.MANAGER, "t1")
    experiment = store.move(
        experiment, ExperimentState.REJECTED, By.PERSON, "t2", who="anna@desk", reasons=("too slow",)
    )
    assert ExperimentStore(tmp_path).load(experiment.id) == experiment
    assert [(one.at, one.state, one.who) for one in store.history(experiment.id)] == [
        ("t1", ExperimentState.EVALUATING, ""),
        ("t2", ExperimentState.REJECTED, "anna@desk"),
    ]
    with pytest.raises(ExperimentError, match="cannot become"):
        store.move(experiment, ExperimentState.APPROVED, By.PERSON, "t3")
    assert len(store.history(experiment.id)) == 2
    path = store.folder(experiment.id) / HISTORY
    path.write_bytes(path.read_bytes().replace(b"too slow", b"too fast"))
    with pytest.raises(ExperimentError, match="edited"):
        store.history(experiment.id)


def test_only_one_process_works_on_an_experiment(tmp_path: Path) -> None:
    store = ExperimentStore(tmp_path)
    experiment = _begun(store)
    with (
        store.running(experiment.id),
        pytest.raises(ExperimentError, match="another process"),
        ExperimentStore(tmp_path).running(experiment.id),
    ):
        pass


@pytest.mark.parametrize("name", ["../x", "exp-1", "exp-20261126-001/..", ""])
def test_what_is_no_id_reaches_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExperimentError, match="no experiment's id"):
        ExperimentStore(tmp_path).load(name)


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    store = ExperimentStore(tmp_path)
    experiment = _begun(store)
    (store.folder(experiment.id) / FILE).write_text('{"id": "exp-20261126-001"}')
    with pytest.raises(ExperimentError, match=FILE):
        store.load(experiment.id)


def test_a_file_is_put_whole_or_not_at_all(tmp_path: Path) -> None:
    place = tmp_path / "a" / "b.json"
    assert kept(place, int) is None
    put(place, b"3")
    assert kept(place, int) == 3
    place.write_bytes(b"3x")
    with pytest.raises(ExperimentError, match="take it away"):
        kept(place, int)
    with pytest.raises(ExperimentError, match="cannot be written"):
        put(place / "c", b"4")
