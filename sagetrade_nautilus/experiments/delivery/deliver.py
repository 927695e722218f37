"""Delivering an experiment: its report and artifacts, beside the change, on the experiment's own branch."""

from hashlib import sha256
from typing import Final

import msgspec

from sagetrade_nautilus.experiments.changes import as_canary
from sagetrade_nautilus.experiments.delivery import comparison
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.pull_request import PROPOSALS
from sagetrade_nautilus.experiments.delivery.report import Figures, PaperSimulation, Report, ReportEvidence
from sagetrade_nautilus.experiments.delivery.touched import touched
from sagetrade_nautilus.experiments.evaluation.bench import Bench
from sagetrade_nautilus.experiments.evaluation.plan import Evaluated, EvaluationPlan
from sagetrade_nautilus.experiments.evaluation.variants import difference, digest
from sagetrade_nautilus.experiments.evaluation.windows import HOURS_A_DAY
from sagetrade_nautilus.experiments.experiment import Experiment
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.experiments.promotion.gate import Judgement
from sagetrade_nautilus.experiments.proposers.base import Proposal
from sagetrade_nautilus.experiments.store import ARTIFACTS, put
from sagetrade_nautilus.report import trade_log

LLM: Final = "llm"


class Delivery:
    """Everything that an experiment leaves, made of what was measured and judged."""

    def __init__(
        self,
        experiment: Experiment,
        proposal: Proposal,
        plan: EvaluationPlan,
        evaluated: Evaluated,
        judgement: Judgement,
    ) -> None:
        self._experiment = experiment
        self._proposal = proposal
        self._plan = plan
        self._evaluated = evaluated
        self._judgement = judgement
        self._folder = plan.ground.folder

    def commit(self, bench: Bench) -> str:
        """Write report and artifacts, commit a copy of them onto the branch, and return that commit.

        It also makes the run that was measured its canary, so that whoever merges the change begins with one.
        """
        experiment = self._experiment
        files = self._files(bench)
        git = Git(self._plan.code.worktree)
        git.reset(experiment.change)
        run = git.folder / experiment.config
        put(run, as_canary(run.read_text(encoding="utf-8"), experiment.id).encode())
        beside = f"{PROPOSALS}/{experiment.id}"
        for name, raw in files.items():
            put(self._folder / ARTIFACTS / name, raw)
            put(git.folder / beside / name, raw)
        paths = [experiment.config, *(f"{beside}/{name}" for name in files)]
        return git.commit(f"Evidence of {experiment.id}, and its canary", paths, experiment.created_at)

    def _files(self, bench: Bench) -> dict[str, bytes]:
        trips = bench.outcome(self._plan.candidate).round_trips
        trades = self._folder / ARTIFACTS / reports.TRADES
        trades.parent.mkdir(exist_ok=True)
        trade_log.write(trips, trades)
        files = {
            reports.BACKTEST: reports.backtest_csv(reports.pairs(self._evaluated)),
            reports.TRADES: trades.read_bytes(),
            reports.EVIDENCE: msgspec.json.encode(self._judgement.evidence) + b"\n",
        }
        exchanges = sorted((self._folder / LLM).glob("*.json"))
        if exchanges:
            lines = (msgspec.json.format(path.read_bytes(), indent=0) for path in exchanges)
            files[reports.EXCHANGES] = b"".join(line + b"\n" for line in lines)
        whole = self._report(files)
        values = difference(self._plan.ground.config, self._plan.config)
        diff = Git(self._plan.code.worktree).diff(self._experiment.base, self._experiment.change)
        files[reports.COMPARISON] = comparison.page(whole, self._evaluated, values, diff)
        files[reports.REPORT] = reports.encode(self._report(files))
        return files

    def _report(self, files: dict[str, bytes]) -> Report:
        experiment, plan, evaluated = self._experiment, self._plan, self._evaluated
        settings = plan.ground.config.experiments
        before, after = evaluated.baseline.figures, evaluated.candidate.figures
        walked = evaluated.walk_forward or (None, None)
        git = Git(plan.code.worktree)
        return Report(
            experiment_id=experiment.id,
            branch=experiment.branch,
            hypothesis=experiment.hypothesis,
            baseline_metrics=Figures.of(before),
            experiment_metrics=Figures.of(after),
            backtest_range=str(plan.ground.days),
            paper_simulation=self._simulated(),
            artifacts=tuple(files),
            approved=False,
            evidence=ReportEvidence(
                name=experiment.name,
                title=self._proposal.title,
                rationale=self._proposal.rationale,
                proposer=experiment.proposer,
                base=experiment.base,
                change=experiment.change,
                tree=plan.code.tree,
                config=experiment.config,
                config_sha256_baseline=digest(plan.ground.config),
                config_sha256_experiment=digest(plan.config),
                data_fingerprint=experiment.data_fingerprint,
                seed=experiment.seed,
                trials=self._judgement.verdict.trials,
                baseline=before,
                experiment=after,
                walk_forward_baseline=walked[0],
                walk_forward_experiment=walked[1],
                canary=evaluated.canary.metrics,
                canary_range=str(evaluated.canary_days),
                criteria=evaluated.criteria,
                verdict=self._judgement.verdict,
                needs_person=touched(git, experiment.base, experiment.change),
                rollback=(
                    f"negative return > {settings.canary.max_loss_24h_pct:g}% in 24h",
                    f"drawdown > {settings.canary.max_drawdown_pct:g}%",
                ),
                artifact_sha256={name: sha256(raw).hexdigest() for name, raw in files.items()},
            ),
        )

    def _simulated(self) -> PaperSimulation:
        """Return with how much, and for how long, the canary was really played; one that failed was for no hour."""
        whole, share = self._plan.config.venue.starting_balance, self._plan.canary.config.venue.starting_balance
        return PaperSimulation(
            allocated_capital_pct=round(100.0 * share / whole, 9),
            duration_hours=HOURS_A_DAY * len(self._evaluated.canary.days),
        )
