"""`sagetool experiment` on real data, from a hypothesis to what people do with it; nothing merges by itself."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest

from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.dashboard.experiments import ExperimentFiles, view
from sagetrade_nautilus.experiments import tools as real
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.evaluation.evidence import GateEvidence
from sagetrade_nautilus.experiments.experiment import ExperimentState
from sagetrade_nautilus.experiments.ledger import TrialLedger
from sagetrade_nautilus.experiments.manager import Manager, Tools
from sagetrade_nautilus.experiments.promotion.gate import Judge
from sagetrade_nautilus.experiments.store import ARTIFACTS, ExperimentStore
from tests.support.deep_dips import Model
from tests.support.experiment_cli import CONFIG, TOOL, approve, tool
from tests.support.experiments import SMALL, git, repository
from tests.support.llm_server import answering
from tests.support.trade_log import trades_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git: apt-get install git"),
]
SEED_FIELDS = [
    *("experiment_id", "branch", "hypothesis", "baseline_metrics", "experiment_metrics", "backtest_range"),
    *("paper_simulation", "artifacts", "approved", "evidence"),
]


def _check_artifacts(folder: Path) -> dict:
    """Hold every artifact to what the specification says of it."""
    report = json.loads((folder / reports.REPORT).read_text())
    assert list(report) == SEED_FIELDS
    assert set(report["baseline_metrics"]) == {"sharpe", "return", "drawdown"} == set(report["experiment_metrics"])
    assert report["paper_simulation"] == {"allocated_capital_pct": 1.0, "duration_hours": 72}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d", report["backtest_range"])
    assert {"backtest_report.csv", "trades.log", "evidence.json", "comparison.html"} <= set(report["artifacts"])
    for name, digest in report["evidence"]["artifact_sha256"].items():
        assert sha256((folder / name).read_bytes()).hexdigest() == digest, name
    assert len(trades_in(folder / "trades.log")) == report["evidence"]["experiment"]["trades"]
    rows = list(csv.DictReader((folder / "backtest_report.csv").open()))
    found = {(row["run"], row["figure"]): row for row in rows}
    assert float(found["research", "total_return"]["baseline"]) == report["baseline_metrics"]["return"]
    assert {"costs x 2", "latency x 10", "walk-forward", "paper canary"} <= {row["run"] for row in rows}
    page = (folder / "comparison.html").read_text()
    assert report["experiment_id"] in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    named = [one["name"] for one in report["evidence"]["criteria"]]
    assert named == [
        *("static guard", "lint", "tests", "stress: costs x 2", "stress: latency x 10"),
        *("stability", "walk-forward", "look-ahead", "paper canary"),
    ]
    return report


def test_a_search_is_measured_judged_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo")
    head = git(root, "rev-parse", "main")
    said = tool(root, "experiment", "create", "--name", "less noise", "--no-run", *CONFIG)
    experiment_id = re.search(r"exp-\d{8}-\d{3}", said)
    assert experiment_id is not None
    name = experiment_id[0]
    folder = root / "experiments" / name
    running = subprocess.Popen(
        [*TOOL, "experiment", "run", name, *CONFIG], cwd=root, stdout=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 240.0
    while len(list((folder / "measured").glob("*.json"))) < 3:
        assert running.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    before = {path: path.stat().st_mtime_ns for path in (folder / "measured").glob("[0-9a-f]*.json")}
    tool(root, "experiment", "run", name, *CONFIG)

    assert {path: path.stat().st_mtime_ns for path in before} == before  # what was measured is not measured again
    report = _check_artifacts(folder / ARTIFACTS)
    store = ExperimentStore(root / "experiments")
    assert store.load(name).state is ExperimentState.REJECTED
    assert [event.state.value for event in store.history(name)] == ["evaluating", "evaluated", "rejected"]
    trials = TrialLedger(root / "experiments").trials()
    assert len({trial.key for trial in trials}) == len(trials) == report["evidence"]["trials"]
    assert sum(trial.kind == "search" for trial in trials) == 3
    assert not any(trial.kind == "holdout" for trial in trials)  # what fails before is not worth a reading

    assert git(root, "rev-parse", "main") == head
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "diff", "--name-only", head, report["evidence"]["change"]) == "configs/small.toml"
    assert name in tool(root, "experiment", "list", *CONFIG)
    assert "rejected by manager" in tool(root, "experiment", "show", name, *CONFIG)
    assert "total_return" in tool(root, "experiment", "compare", name, *CONFIG)
    assert "only what is recommended" in tool(root, "experiment", "pr", name, *CONFIG, code=13)
    assert "is rejected" in tool(root, "experiment", "run", name, *CONFIG)

    shown = view(ExperimentFiles(root / "experiments").experiments()[0])  # the dashboard finds what the manager left
    assert (shown.status, shown.trials, shown.fault) == ("rejected", len(trials), "")
    assert {row.name for row in shown.metrics} >= {"sharpe", "return", "drawdown"}


def test_what_can_only_be_rejected_is_said_before_the_first_trial(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", SMALL.replace("min_days = 10", "min_days = 90"))
    broken = root / "tests" / "unit" / "strategies" / "test_mean_reversion_scalper.py"
    broken.write_text("import not_there\n" + broken.read_text())
    git(root, "commit", "-qam", "A test that cannot load")
    said = tool(root, "experiment", "create", "--name", "x", *CONFIG)
    assert "warning: this can end only in a rejection: there are 22 research days" in said
    assert "nothing was tried, because the baseline's own tests" in said
    assert "No module named 'not_there'" in said
    assert TrialLedger(root / "experiments").trials() == []


def test_what_cannot_be_measured_is_refused_before_there_is_an_experiment(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", SMALL.replace("[costs]", '[venue]\ncurrency = "USD"\n\n[costs]'))
    said = tool(root, "experiment", "create", "--name", "x", *CONFIG, code=2)
    assert "`venue.currency`: BTCUSDT.BINANCE is priced in USDT" in said
    human = ["--proposer", "human", "--branch", "nope"]
    assert "no branch or commit 'nope'" in tool(root, "experiment", "create", "--name", "x", *human, *CONFIG, code=13)
    assert not (root / "experiments").exists()


def test_a_model_that_cannot_be_reached_leaves_an_experiment_that_says_how_it_goes_on(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", SMALL + '\n[llm]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "local"\n')
    said = tool(root, "experiment", "create", "--name", "x", "--proposer", "llm", *CONFIG, code=1)
    assert re.search(r"(exp-\S+) is evaluating, and nobody works on it: `sagetool experiment run \1` goes on", said)
    assert "evaluating, broken off" in tool(root, "experiment", "list", *CONFIG)
    with ExperimentStore(root / "experiments").running(said.split()[0]):
        assert "broken off" not in tool(root, "experiment", "list", *CONFIG)


class _Kind:
    """A gate that lets everything through, so that what comes after it can be seen."""

    awaits_holdout = False

    def __init__(self, evidence: GateEvidence, trials: int) -> None:
        self.recommended = len(evidence.trial_returns) > 1
        self.checks = (f"{trials} trials",)


def _kind(config: RunConfig) -> Judge:
    return _Kind


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap")
@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs OpenSSH: apt-get install openssh-client")
def test_a_models_plugin_goes_from_the_sandbox_to_people_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model()
    with answering(model) as server:
        root = repository(tmp_path / "repo", SMALL + f'\n[llm]\nbase_url = "{server.url}"\nmodel = "local"\n')
        monkeypatch.chdir(root)
        config, store = load(Path("configs/small.toml")), ExperimentStore(Path("experiments"))
        tools = real.tools(config)
        tools = Tools(
            **{name: getattr(tools, name) for name in tools.__struct_fields__ if name != "judge"}, judge=_kind
        )
        manager = Manager(root, store, tools)
        begun = manager.create("deep dips", "deep dips revert", "llm", "configs/small.toml", seed=1)
        experiment = manager.run(begun.id)
        asked = len(server.asked)
        assert manager.run(begun.id) == experiment
        assert len(server.asked) == asked == 3
    assert experiment.state is ExperimentState.RECOMMENDED, experiment.reasons
    folder = store.folder(experiment.id) / ARTIFACTS
    report = _check_artifacts(folder)
    exchanges = [json.loads(line) for line in (folder / "llm_exchanges.jsonl").read_text().splitlines()]
    assert len(exchanges) == 3
    assert any("`import os` is not allowed" in one["asked"]["user"] for one in exchanges)
    assert git(root, "diff", "--name-only", report["evidence"]["base"], report["evidence"]["change"]).split() == [
        *("configs/small.toml", "strategies/deep_dips.py", "tests/unit/strategies/test_deep_dips.py")
    ]
    assert report["evidence"]["needs_person"] == []
    _hand_over(root, experiment.id, experiment.branch)


def _hand_over(root: Path, name: str, branch: str) -> None:
    """Put it before people, let one approve, merge, and roll it back."""
    text = Path(tool(root, "experiment", "pr", name, *CONFIG).strip()).read_text()
    assert text.startswith("Title: [AI-PROPOSED] Buy deep dips only\nLabels: ai-proposed\n")
    said = tool(root, "experiment", "verify", "main", branch, "--branch", branch, code=11)
    assert "by the base's policy its evidence is not enough" in said  # only the manager had the kind gate
    assert "is approved" in approve(root, name)
    git(root, "merge", "-q", "--squash", branch)
    git(root, "commit", "-qm", "merged by a person")
    assert "is merged into main" in tool(root, "experiment", "merged", name, *CONFIG)
    said = tool(root, "rollback", name, "--reason", "slippage above plan", "--as", "anna@desk", *CONFIG)
    assert "ALERT" in said
    assert f"merge rollback/{name}" in said
    assert git(root, "show", f"rollback/{name}:configs/small.toml") == git(root, "show", "main~1:configs/small.toml")


def test_without_a_sandbox_no_proposed_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    with answering(model) as server:
        root = repository(tmp_path / "repo", SMALL + f'\n[llm]\nbase_url = "{server.url}"\nmodel = "local"\n')
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{_without_bwrap(tmp_path)}")
        said = tool(root, "experiment", "create", "--name", "dips", "--proposer", "llm", *CONFIG)
    assert "there is no sandbox" in said
    assert "is rejected" in said
    assert not list((root / "experiments").glob("exp-*/attempt"))


def _without_bwrap(folder: Path) -> Path:
    """Return a folder for PATH with git in it and no bubblewrap."""
    place = folder / "bin"
    place.mkdir()
    (place / "git").symlink_to(str(shutil.which("git")))
    return place


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap")
def test_a_persons_branch_reaches_nothing_outside_the_sandbox(tmp_path: Path) -> None:
    root, ran = repository(tmp_path / "repo"), tmp_path / "ran"
    git(root, "checkout", "-qb", "theirs")
    escape = f"open({str(ran)!r}, 'w')"
    (root / "compileall.py").write_text(f"{escape}\n")
    with (root / "pyproject.toml").open("r+") as settings:
        whole = settings.read().replace('addopts = "', 'addopts = "--doctest-glob=*.md ')
        settings.seek(0)
        settings.write(whole)
    (root / "tests" / "unit" / "strategies" / "notes.md").write_text(f">>> x = {escape}\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "an escape")
    (root / "strategies" / "linked.py").symlink_to(tmp_path)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "a link")
    git(root, "checkout", "-q", "main")
    for branch, says in (("theirs~1", "is rejected"), ("theirs", "symbolic link")):
        human = ["--name", "x", "--proposer", "human", "--branch", branch, *CONFIG]
        assert says in tool(root, "experiment", "create", *human)
        assert not ran.exists()
