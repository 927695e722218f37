"""Nothing approves, merges or comes back by itself."""

import itertools

import msgspec
import pytest

from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState
from sagetrade_nautilus.experiments.lifecycle import ACTIVE, ALLOWED, By, moved


def _in(state: ExperimentState) -> Experiment:
    return Experiment(
        id="exp-20261126-001",
        name="n",
        hypothesis="h",
        proposer="optuna",
        config="configs/x.toml",
        base="b",
        seed=1,
        created_at="2026-11-26T09:00:00Z",
        state=state,
    )


@pytest.mark.parametrize(("start", "to", "by"), list(itertools.product(ExperimentState, ExperimentState, By)))
def test_only_the_listed_ways_are_open_and_only_on_the_word_of_who_may(
    start: ExperimentState, to: ExperimentState, by: By
) -> None:
    if by in ALLOWED.get((start, to), ()):
        assert moved(_in(start), to, by, ("why",)) == msgspec.structs.replace(_in(start), state=to, reasons=("why",))
    else:
        with pytest.raises(ExperimentError, match="exp-20261126-001"):
            moved(_in(start), to, by)


def test_only_a_person_approves_and_merges_and_nothing_leaves_rejected_or_rolled_back() -> None:
    assert {
        by for (_, to), who in ALLOWED.items() for by in who if to in (ExperimentState.APPROVED, ExperimentState.MERGED)
    } == {By.PERSON}
    assert {start for (start, to) in ALLOWED if to is ExperimentState.APPROVED} == {ExperimentState.RECOMMENDED}
    assert not any(start in (ExperimentState.REJECTED, ExperimentState.ROLLED_BACK) for start, _ in ALLOWED)
    assert ExperimentState.REJECTED not in ACTIVE
    assert ExperimentState.ROLLED_BACK not in ACTIVE
