"""The manager: takes an experiment from its hypothesis to a recommendation, and from there only as far as people go.

Whatever a step has done stands on the disk before the next begins, so that a manager that died goes on where it was.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import msgspec

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ExperimentError, SageTradeError
from sagetrade_nautilus.experiments import ground as grounds
from sagetrade_nautilus.experiments.delivery.deliver import Delivery
from sagetrade_nautilus.experiments.evaluation.bench import Bench, Code
from sagetrade_nautilus.experiments.evaluation.figures import Criterion
from sagetrade_nautilus.experiments.evaluation.plan import CanaryGround, Evaluated, EvaluationPlan
from sagetrade_nautilus.experiments.evaluation.quality import Faults, examine, is_code, plugins, static
from sagetrade_nautilus.experiments.evaluation.windows import Windows, shortfalls, windows
from sagetrade_nautilus.experiments.experiment import (
    Experiment,
    ExperimentState,
    ProposerName,
    UnfitError,
    id_of,
    noted,
)
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.ledger import TrialLedger
from sagetrade_nautilus.experiments.lifecycle import By
from sagetrade_nautilus.experiments.promotion.gate import Judge, Judgement, judged
from sagetrade_nautilus.experiments.promotion.sealed import Sealer, holdout_faults
from sagetrade_nautilus.experiments.proposers.base import Proposal, Proposer
from sagetrade_nautilus.experiments.sandbox.runner import Run
from sagetrade_nautilus.experiments.store import ExperimentStore, kept, put
from sagetrade_nautilus.experiments.workshop import Ground, Workbench, candidate, write
from sagetrade_nautilus.run.backtest import prepare

CANDIDATE, PROPOSAL, VERDICT = "candidate", "proposal.json", "verdict.json"


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What the manager works with.

    Parameters
    ----------
    plain : Run
        Runs code that stands in the repository already.
    sandbox : Run, optional
        Runs proposed code; without one no proposed code runs.
    faults : callable, optional
        The static guard; without one no model's code runs.
    judge : callable
        The gate, by the baseline's policy.
    proposer : callable
        Returns who makes the change, given the experiment, the baseline's run and a folder for its notes.
    now : callable
        Returns the moment, in UTC.
    """

    plain: Run
    sandbox: Run | None
    faults: Faults | None
    judge: Callable[[RunConfig], Judge]
    proposer: Callable[[Experiment, RunConfig, Path], Proposer]
    now: Callable[[], dt.datetime]


class Manager:
    """The experiments of one repository.

    Parameters
    ----------
    root : Path
        The repository's folder.
    store : ExperimentStore
        Where experiments are kept.
    tools : Tools
        What it works with.
    tell : callable
        Told what goes on.
    """

    def __init__(
        self, root: Path, store: ExperimentStore, tools: Tools, tell: Callable[[str], None] = lambda line: None
    ) -> None:
        self.root = root.absolute()
        self.store = store
        self._tools = tools
        self._tell = tell
        self._ledger = TrialLedger(store.directory)

    def create(
        self, name: str, hypothesis: str, proposer: ProposerName, config: str, *, seed: int, source: str = ""
    ) -> Experiment:
        """Begin an experiment from the present commit, and return it.

        Parameters
        ----------
        source : str
            The branch with a person's change; only for the proposer 'human', which needs one.

        Raises
        ------
        ExperimentError
            The run's file is not as the commit has it, or the branch does not fit the proposer.
        ConfigError
            The run cannot be made, too few days are left for research, or the proposer lacks a setting.
        DataError
            The bars of the run are not there.
        """
        git, now = Git(self.root), self._tools.now()
        if (proposer == "human") != bool(source):
            raise ExperimentError(
                "a person's proposal needs the branch with the change (--branch), and no other has one"
            )
        change = git.commit_of(source) if source else ""
        base = git.merge_base("HEAD", change) if source else git.commit_of("HEAD")
        if git.show("HEAD", config) != (self.root / config).read_bytes():
            raise ExperimentError(
                f"{config} is not as the last commit has it; commit it first: that is what is measured"
            )
        draft = Experiment(
            id=id_of(now.date(), 1),
            name=name,
            hypothesis=hypothesis,
            proposer=proposer,
            config=config,
            base=base,
            source=source,
            seed=seed,
            created_at=noted(now),
            change=change,
        )
        self._require(draft)
        return self.store.save(msgspec.structs.replace(draft, id=self.store.begin(now.date())))

    def _require(self, draft: Experiment) -> None:
        """Refuse what could not be measured, before there is an experiment."""
        settings = grounds.rooted(load(self.root / draft.config), self.root)
        windows(settings.data, settings.experiments)
        prepare(settings)
        self._tools.proposer(draft, settings, self.store.folder(draft.id))

    def run(self, experiment_id: str) -> Experiment:
        """Propose, measure and judge, from where it stands; return the experiment, recommended or rejected.

        Raises
        ------
        SageTradeError
            It cannot go on now. It can be run again, and goes on where it was.
        """
        with self.store.running(experiment_id):
            experiment = self.store.load(experiment_id)
            if experiment.state is ExperimentState.CREATED:
                experiment = self._move(experiment, ExperimentState.EVALUATING)
            if experiment.state not in (ExperimentState.EVALUATING, ExperimentState.EVALUATED):
                return experiment
            try:
                return self._work(experiment)
            except UnfitError as error:
                self._tell(str(error))
                return self._move(self.store.load(experiment_id), ExperimentState.REJECTED, (str(error),))
            except (SageTradeError, SystemExit):
                self._tell(
                    f"{experiment_id} is {self.store.load(experiment_id).state}, and nobody works on it: `sagetool "
                    f"experiment run {experiment_id}` goes on from the last finished step, `reject` gives it up"
                )
                raise

    def _work(self, experiment: Experiment) -> Experiment:
        folder = self.store.folder(experiment.id)
        self._tell("laying the ground: baseline, research days")
        ground, canary, cut = grounds.lay(self.root, experiment, folder, self._tools.plain)
        experiment = self.store.save(msgspec.structs.replace(experiment, data_fingerprint=ground.data))
        if short := [*shortfalls(cut, ground.config.promotion), *holdout_faults(self.store.directory, cut.holdout)]:
            self._tell(f"warning: this can end only in a rejection: {'; '.join(short)}")
        if not experiment.change:
            self._require_tests(ground)
        bench = Bench(folder, self._ledger, self._at, ground.config.pool)
        proposal = self._propose(experiment, ground, bench)
        experiment = self._commit(experiment, proposal, folder)
        plan, quality = self._plan(experiment, proposal, ground, canary)
        self._tell("measuring baseline and candidate: backtests, stress, neighbours, other futures, canary")
        evaluated = plan.run(bench, quality)
        if experiment.state is ExperimentState.EVALUATING:
            experiment = self._move(experiment, ExperimentState.EVALUATED)
        judgement = self._judgement(plan, evaluated, cut, bench)
        verdict = judgement.verdict
        delivery = Delivery(experiment, proposal, plan, evaluated, judgement)
        experiment = self.store.save(msgspec.structs.replace(experiment, proposal=delivery.commit(bench)))
        to = ExperimentState.RECOMMENDED if verdict.recommended else ExperimentState.REJECTED
        return self._move(experiment, to, verdict.reasons)

    def _require_tests(self, ground: Ground) -> None:
        """Refuse a baseline whose own tests fail: no proposal could pass them."""
        tests = examine(ground.base, [], ground.config.experiments.tests, ground.folder).checks[-1]
        if not tests.passed:
            raise UnfitError(
                "nothing was tried, because the baseline's own tests (`experiments.tests`) do not pass; mend and "
                f"commit them, and create another experiment: {tests.detail}"
            )

    def _propose(self, experiment: Experiment, ground: Ground, bench: Bench) -> Proposal:
        place = ground.folder / PROPOSAL
        found = kept(place, Proposal)
        if found is None:
            self._tell(f"asking the proposer: {experiment.proposer}")
            workshop = Workbench(experiment, ground, bench, self._tools.sandbox, self._tools.faults)
            found = self._tools.proposer(experiment, ground.config, ground.folder).propose(workshop)
            put(place, msgspec.json.encode(found))
        return found

    def _commit(self, experiment: Experiment, proposal: Proposal, folder: Path) -> Experiment:
        """Put the change on the experiment's own branch, in a worktree of its own."""
        place = folder / CANDIDATE
        git = Git(place)
        Git(self.root).add_worktree(place, proposal.commit or experiment.base, experiment.branch)
        if experiment.change and not proposal.files:
            git.reset(experiment.change)
            return experiment
        git.reset(experiment.base)
        message = f"{proposal.title}\n\n{proposal.rationale}\n\nExperiment {experiment.id}, not merged by anybody yet."
        change = write(git, proposal.files, message, experiment.created_at)
        if change == experiment.base:
            raise UnfitError(f"{experiment.id}: the proposal changes nothing")
        return self.store.save(msgspec.structs.replace(experiment, change=change))

    def _plan(
        self, experiment: Experiment, proposal: Proposal, ground: Ground, canary: CanaryGround
    ) -> tuple[EvaluationPlan, tuple[Criterion, ...]]:
        place = ground.folder / CANDIDATE
        git = Git(place)
        changed = git.changed(experiment.base, experiment.change)
        if links := git.links(experiment.change, changed):
            raise UnfitError(f"it brings a symbolic link or a submodule, which may lead anywhere: {', '.join(links)}")
        is_proposed = is_code(changed, experiment.config)
        run = self._tools.sandbox if is_proposed else self._tools.plain
        if run is None:
            raise ExperimentError("there is no sandbox here, so proposed code is not run; docs/experiments.md says how")
        sources = plugins(proposal.files)
        if sources and not (held := static(sources, self._tools.faults)).passed:
            raise UnfitError(f"{held.name}: {held.detail}")
        grounds.compiled(place, self._tools.plain, ground.folder)
        code = Code(place, git.tree_of(experiment.change), run, is_proposed=is_proposed)
        quality = examine(code, changed, ground.config.experiments.tests, ground.folder)
        if not quality.holds:
            failed = next(check for check in quality.checks if not check.passed)
            raise UnfitError(f"{failed.name} failed: {failed.detail}")
        guarded = static(sources, self._tools.faults) if sources else _no_guard(experiment)
        plan = EvaluationPlan(ground, code, candidate(place / experiment.config, ground), canary)
        return plan, (guarded, *quality.checks)

    def _judgement(self, plan: EvaluationPlan, evaluated: Evaluated, cut: Windows, bench: Bench) -> Judgement:
        place = plan.ground.folder / VERDICT
        found = kept(place, Judgement)
        if found is None:
            self._tell("asking the gate")
            sealer = Sealer(self.store.directory, plan, cut.holdout, bench, self._tools.now)
            judge = self._tools.judge(plan.ground.config)
            found = judged(evaluated.evidence, evaluated.criteria, self._ledger.count(), judge, sealer.read)
            put(place, msgspec.json.encode(found))
        return found

    def _move(self, experiment: Experiment, to: ExperimentState, reasons: tuple[str, ...] = ()) -> Experiment:
        return self.store.move(experiment, to, By.MANAGER, self._at(), reasons=reasons)

    def _at(self) -> str:
        return noted(self._tools.now())


def _no_guard(experiment: Experiment) -> Criterion:
    what = "a person wrote it" if experiment.proposer == "human" else "no code was changed"
    return Criterion(name="static guard", passed=True, detail=f"not asked: {what}")
