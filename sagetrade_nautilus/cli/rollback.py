"""`sagetool rollback`: give up an approved or merged experiment."""

from pathlib import Path
from typing import Annotated

import typer

from sagetrade_nautilus.cli.experiment import CONFIG, ConfigOption, IdArgument, WhoOption, now
from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.config import load
from sagetrade_nautilus.experiments.lifecycle import By
from sagetrade_nautilus.experiments.rollback import demote
from sagetrade_nautilus.experiments.store import ExperimentStore


def rollback(
    experiment_id: IdArgument,
    reason: Annotated[str, typer.Option(help="Why; it is written down.")],
    person: WhoOption = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Roll an approved or merged experiment back: take its approval back, and prepare the commit that undoes it.

    What runs is not stopped by it: `sagetool stop` stops every node below ./state, with --latch one of them.

    Example: sagetool rollback exp-20260101-001 --reason "slippage above plan" --as anna@desk
    """
    settings = load(config).experiments
    done = demote(
        ExperimentStore(Path(settings.directory)),
        Path.cwd(),
        experiment_id,
        By.PERSON,
        (reason,),
        now(),
        lambda line: print(f"ALERT {plain(line)}"),
        who=person,
        target=settings.target,
    )
    if done.branch:
        print(f"merge {done.branch}: it puts every file of the change back as it was")
    else:
        print(f"{settings.target} does not hold the change as it was proposed, so there is nothing to undo by itself")
