"""A git repository of one's own with the project's present files in it, for experiments to branch from."""

import datetime as dt
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from sagetrade_nautilus.config import RunConfig
from sagetrade_nautilus.experiments.batch import WORKER
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.gate import Judge
from sagetrade_nautilus.experiments.manager import Tools
from sagetrade_nautilus.experiments.proposers.base import Proposer
from sagetrade_nautilus.experiments.runner import Plain, Run, limited
from tests.support.checkout import ROOT

PARTS = (
    "sagetrade_nautilus",
    "strategies",
    "actors",
    "adapters",
    "catalog",
    "configs",
    "tests",
    "AI_POLICY.md",
    "pyproject.toml",
)
NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)

SMALL = """\
name = "small"

[data]
instruments = ["BTCUSDT.BINANCE"]
start = 2022-01-01
end = 2022-02-04
sample = true
texts = false

[costs]
maker_fee_bps = 0.5
taker_fee_bps = 0.5

[[strategies]]
plugin = "mean_reversion_scalper"
params = { min_score = 0.5, hold_minutes = 60.0 }

[experiments]
holdout_days = 7
folds = 2
tests = ["tests/unit/strategies/test_mean_reversion_scalper.py"]
rounds = 3
timeout_s = 300.0

[experiments.search]
trials = 3
batch = 3
prune_share = 1.0

[experiments.search.space]
"strategies.mean_reversion_scalper.params.min_score" = { low = 0.5, high = 0.9 }

[promotion]
min_days = 10
"""
"""A run of three weeks of research, without texts, that takes seconds."""


def git(folder: Path, *words: str) -> str:
    """Run git in `folder`, and return what it said."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def repository(folder: Path, config: str = SMALL, parts: tuple[str, ...] = PARTS) -> Path:
    """Make a repository with these parts of the project, and the run `configs/small.toml`; return its folder."""
    folder.mkdir()
    for name in parts:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
        else:
            shutil.copy(source, folder / name)
    (folder / "configs").mkdir(exist_ok=True)
    (folder / "configs" / "small.toml").write_text(config)
    (folder / ".gitignore").write_text("/experiments/\n/catalog/data/\n__pycache__/\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "Anna")
    git(folder, "config", "user.email", "anna@desk.invalid")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "The project")
    return folder


def plain(seconds: float = 300.0) -> Run:
    """Return a runner without isolation."""
    return limited(Plain(), seconds)


def tools(
    proposer: Callable[[Experiment, RunConfig, Path], Proposer],
    judge: Callable[[RunConfig], Judge],
    *,
    sandbox: Run | None = None,
    faults: Callable[[str, str], list[str]] | None = None,
) -> Tools:
    """Return tools with a clock that stands still."""
    return Tools(plain=plain(), sandbox=sandbox, faults=faults, judge=judge, proposer=proposer, now=lambda: NOW)


__all__ = ["NOW", "SMALL", "WORKER", "git", "plain", "repository", "tools"]
