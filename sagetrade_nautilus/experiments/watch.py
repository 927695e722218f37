"""The end of a canary, whichever comes first: its time, or its own criteria, which roll the experiment back."""

from collections.abc import Callable
from pathlib import Path

from actors.canary import read_canary
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.lifecycle import TRADED, By
from sagetrade_nautilus.experiments.rollback import Demotion, demote
from sagetrade_nautilus.experiments.store import ExperimentStore


def check(
    store: ExperimentStore,
    root: Path,
    experiment_id: str,
    file: Path,
    at: str,
    alert: Callable[[str], None],
    target: str,
) -> Demotion | bool:
    """Look at the canary once: roll the experiment back if it has broken its criteria.

    Parameters
    ----------
    file : Path
        Where the node keeps the canary; see `run.canary.canary_file`.

    Returns
    -------
    Demotion or bool
        What was rolled back; or whether the canary is over, and well.

    Raises
    ------
    SageTradeError
        There is no such experiment, the file is damaged, or the experiment is neither approved nor merged.
    """
    state = store.load(experiment_id).state
    if state not in TRADED:
        raise ExperimentError(f"{experiment_id} is {state}: only what is approved or merged has a canary to watch")
    canary = read_canary(file)
    if canary is None:
        return False
    if canary.reasons:
        return demote(store, root, experiment_id, By.CANARY, canary.reasons, at, alert, target=target)
    return canary.ended
