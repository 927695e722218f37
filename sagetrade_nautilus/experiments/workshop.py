"""What a proposer works with: the baseline's code and figures on research days, and a bench that counts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ConfigError, ExperimentError
from sagetrade_nautilus.experiments.evaluation.bench import Bench, Code, Wanted
from sagetrade_nautilus.experiments.evaluation.figures import Criterion
from sagetrade_nautilus.experiments.evaluation.measure import Measured
from sagetrade_nautilus.experiments.evaluation.quality import Faults, examine, plugins, static
from sagetrade_nautilus.experiments.evaluation.variants import on, on_terms_of
from sagetrade_nautilus.experiments.evaluation.windows import Days
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.proposers.base import Tried
from sagetrade_nautilus.experiments.sandbox.runner import Run
from sagetrade_nautilus.experiments.store import kept, put

SEARCHED: Final = "searched.json"


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What an experiment stands on.

    Parameters
    ----------
    folder : Path
        The experiment's folder.
    config : RunConfig
        The baseline, on the research days.
    config_text : str
        Its file.
    data : str
        The fingerprint of the research days.
    base : Code
        The baseline's code.
    whole_catalog : Path
        The catalog with the sealed days, for the gate alone.
    """

    folder: Path
    config: RunConfig
    config_text: str
    data: str
    base: Code
    whole_catalog: Path

    @property
    def baseline(self) -> Wanted:
        return Wanted(kind="baseline", config=self.config, code=self.base, data=self.data)

    @property
    def days(self) -> Days:
        return Days(self.config.data.start, self.config.data.end)


class Workbench:
    """Implements `proposers.base.Workshop`.

    Parameters
    ----------
    sandbox : Run, optional
        Where proposed code runs; without one it does not run.
    faults : callable, optional
        The static guard.
    """

    def __init__(
        self, experiment: Experiment, ground: Ground, bench: Bench, sandbox: Run | None, faults: Faults | None
    ) -> None:
        self.experiment = experiment
        self._ground = ground
        self._bench = bench
        self._sandbox = sandbox
        self._faults = faults

    @property
    def config(self) -> RunConfig:
        return self._ground.config

    @property
    def config_text(self) -> str:
        return self._ground.config_text

    @property
    def folder(self) -> Path:
        return self._ground.folder

    def baseline(self) -> Measured:
        return self._bench.measure([self._ground.baseline])[0]

    def source(self, path: str) -> str | None:
        raw = Git(self._ground.base.worktree).show(self.experiment.base, path)
        return None if raw is None else raw.decode("utf-8", "replace")

    def try_configs(self, configs: Sequence[RunConfig]) -> list[Measured]:
        ground = self._ground
        wanted = [Wanted(kind="search", config=config, code=ground.base, data=ground.data) for config in configs]
        self._remember(wanted)
        return self._bench.measure(wanted)

    def try_files(self, files: Mapping[str, str]) -> Tried:
        refused = self._refused(files) or static(plugins(files), self._faults)
        if not refused.passed:
            return Tried((refused,), None)
        code, config = self._stage(files)
        if isinstance(config, str):
            return Tried((refused, Criterion(name="configuration", passed=False, detail=config)), None)
        settings = self._ground.config.experiments
        quality = examine(code, sorted(files), settings.tests, self.folder)
        if not quality.holds:
            return Tried((refused, *quality.checks), None)
        wanted = Wanted(kind="search", config=config, code=code, data=self._ground.data)
        self._remember([wanted])
        return Tried((refused, *quality.checks), self._bench.measure([wanted])[0])

    def _refused(self, files: Mapping[str, str]) -> Criterion | None:
        """Return why these files are not even looked at."""
        allowed = ("strategies/", "tests/unit/strategies/")
        strange = [
            path
            for path in files
            if path != self.experiment.config
            and not (path.startswith(allowed) and path.endswith(".py") and ".." not in path and path.count("/") <= 3)
        ]
        if strange:
            return Criterion(
                name="paths", passed=False, detail=f"a proposer may not write {', '.join(sorted(strange))}"
            )
        if self._sandbox is None:
            return Criterion(name="sandbox", passed=False, detail="there is no sandbox, so proposed code is not run")
        return None

    def _stage(self, files: Mapping[str, str]) -> tuple[Code, RunConfig | str]:
        """Put the files into a worktree of their own; return its code and its configuration, or what is wrong there."""
        place = self.folder / "attempt"
        Git(self._ground.base.worktree).add_worktree(place, self.experiment.base)
        git = Git(place)
        git.reset(self.experiment.base)
        commit = write(git, files, f"{self.experiment.id}: a try", self.experiment.created_at)
        if self._sandbox is None:
            raise ExperimentError("there is no sandbox, so proposed code is not run")
        code = Code(place, git.tree_of(commit), self._sandbox, is_proposed=True)
        try:
            return code, candidate(place / self.experiment.config, self._ground)
        except ConfigError as error:
            return code, str(error)

    def _remember(self, wanted: Sequence[Wanted]) -> None:
        """Keep every setting that is searched once, in the order of the search; see `searched`."""
        ground = self._ground
        catalog = Path(ground.config.data.catalog)
        keys = [msgspec.structs.replace(one, config=on(one.config, ground.days, catalog)).key for one in wanted]
        known = searched(self.folder)
        put(self.folder / SEARCHED, msgspec.json.encode(list(dict.fromkeys([*known, *keys]))))


def searched(folder: Path) -> list[str]:
    """Return the key on all research days of every setting that a proposer measured, be it on some of them only."""
    return kept(folder / SEARCHED, list[str]) or []


def candidate(path: Path, ground: Ground) -> RunConfig:
    """Return the candidate's run on the baseline's terms: data, account and costs are the baseline's."""
    found = load(path)
    return on_terms_of(found, on(ground.config, ground.days, Path(ground.config.data.catalog)))


def write(git: Git, files: Mapping[str, str], message: str, at: str) -> str:
    """Write files into a worktree and commit them; return the commit."""
    for path, text in files.items():
        place = git.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="\n")
    return git.commit(message, sorted(files), at)
