"""What an experiment stands on, made ready: the baseline's worktree, and data that end where research ends."""

import filecmp
import os
import shutil
import sys
from importlib.resources import files
from pathlib import Path

import msgspec

from catalog.variants import truncated
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments.evaluation.bench import Code
from sagetrade_nautilus.experiments.evaluation.plan import CanaryGround
from sagetrade_nautilus.experiments.evaluation.variants import on
from sagetrade_nautilus.experiments.evaluation.windows import Days, Windows, windows, with_past
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.sandbox.runner import Run
from sagetrade_nautilus.experiments.workshop import Ground
from sagetrade_nautilus.run.backtest import prepare, read_prices
from sagetrade_nautilus.run.compose import interval_ns
from sagetrade_nautilus.run.version import OWN_PACKAGES

BASE, DATA = "base", "data"


def baseline(root: Path, experiment: Experiment, folder: Path) -> RunConfig:
    """Return the baseline's run as the base commit has it, its catalog named from the repository's folder."""
    place = folder / BASE
    Git(root).add_worktree(place, experiment.base)
    return rooted(load(place / experiment.config), root)


def rooted(config: RunConfig, root: Path) -> RunConfig:
    """Return the run with its catalog named from the repository's folder."""
    catalog = str((root / config.data.catalog).absolute())
    return msgspec.structs.replace(config, data=msgspec.structs.replace(config.data, catalog=catalog))


def lay(root: Path, experiment: Experiment, folder: Path, run: Run) -> tuple[Ground, CanaryGround, Windows]:
    """Make ready what the experiment stands on; what is ready already stays.

    Raises
    ------
    ConfigError, DataError
        The run cannot be made, its data are missing, or too few days are left for research.
    ExperimentError
        The research days hold other data than when it began.
    """
    config = baseline(root, experiment, folder)
    cut = windows(config.data, config.experiments)
    prepare(config)
    research = on(config, cut.research, _copy(config, folder / DATA / "research", cut.research))
    data = read_prices(research, [])[1]
    if experiment.data_fingerprint not in ("", data):
        raise ExperimentError(f"{experiment.id}: its research days hold other data than when it began; create another")
    place = folder / BASE
    compiled(place, run, folder)
    ground = Ground(
        folder=folder,
        config=research,
        config_text=(place / experiment.config).read_text(encoding="utf-8"),
        data=data,
        base=Code(place, Git(place).tree_of(experiment.base), run, is_here=_is_here(place)),
        whole_catalog=Path(config.data.catalog),
    )
    catalog = _copy(config, folder / DATA / "canary", cut.canary)
    seen = fingerprint(config, with_past(cut.canary, config.node.warm_up_h), catalog)
    return ground, CanaryGround(days=cut.canary, catalog=catalog, data=seen), cut


def fingerprint(config: RunConfig, days: Days, catalog: Path) -> str:
    """Return a SHA-256 of the bars and texts of these days."""
    return read_prices(on(config, days, catalog), [])[1]


def compiled(worktree: Path, run: Run, folder: Path) -> None:
    """Have a worktree's sources compiled, so that no process has to do it again.

    It runs none of them, whatever they are called: `-I` looks for nothing in the worktree.
    """
    there = [name for name in (*OWN_PACKAGES, "tests") if (worktree / name).is_dir()]
    if there:
        run([sys.executable, "-I", "-m", "compileall", "-q", *there], worktree=worktree, inputs=[], outputs=folder)


def _is_here(worktree: Path) -> bool:
    """Whether the code that runs here is the worktree's, file by file, as far as the worktree has any."""
    for name in OWN_PACKAGES:
        here, there = Path(str(files(name))), worktree / name
        if not there.is_dir():
            continue
        names = {path.relative_to(root) for root in (here, there) for path in root.rglob("*.py")}
        if not all(_same(here / path, there / path) for path in names):
            return False
    return True


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def _copy(config: RunConfig, target: Path, days: Days) -> Path:
    """Write a catalog that ends with `days`, whole or not at all; one that is there stays."""
    if not target.exists():
        made = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(made, ignore_errors=True)
        truncated(Path(config.data.catalog), made, interval_ns(on(config, days, target))[1])
        made.rename(target)
    return target
