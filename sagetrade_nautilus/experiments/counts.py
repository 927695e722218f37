"""How many experiments wait for something, and how many have broken their canary, for a node's metrics."""

from pathlib import Path

from actors.canary import read_canary
from sagetrade_nautilus.errors import ExperimentError, RunError
from sagetrade_nautilus.experiments.lifecycle import ACTIVE, TRADED
from sagetrade_nautilus.experiments.store import ExperimentStore
from sagetrade_nautilus.run.canary import canary_file


def by_state(directory: str, state: str) -> dict[str, int]:
    """Return how many experiments are 'active' and how many 'regressed'. It reads small files only, and never fails.

    Active are those in one of `ACTIVE`'s states; regressed are those that may trade and have broken their canary's
    criteria. What cannot be read counts as both: somebody must look.

    Parameters
    ----------
    directory : str
        Where the experiments are kept; there are none where it is missing.
    state : str
        The node's folder, in which it keeps its canaries.
    """
    store = ExperimentStore(Path(directory))
    try:
        found = [_judged(store, experiment_id, state) for experiment_id in store.ids()]
    except OSError:
        found = [(True, True)]
    return {"active": sum(active for active, _ in found), "regressed": sum(regressed for _, regressed in found)}


def _judged(store: ExperimentStore, experiment_id: str, state: str) -> tuple[bool, bool]:
    try:
        experiment = store.load(experiment_id)
        canary = read_canary(canary_file(state, experiment_id)) if experiment.state in TRADED else None
    except (ExperimentError, RunError):
        return True, True
    return experiment.state in ACTIVE, canary is not None and bool(canary.reasons)
