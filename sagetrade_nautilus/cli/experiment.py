"""`sagetool experiment`: changes that are proposed, measured, judged, and put before people."""

import datetime as dt
import time
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sagetrade_nautilus.cli.gate import sign_off
from sagetrade_nautilus.cli.plain import plain
from sagetrade_nautilus.cli.verify import verify
from sagetrade_nautilus.config import RunConfig, load
from sagetrade_nautilus.errors import ExperimentError
from sagetrade_nautilus.experiments import people, tools, watch
from sagetrade_nautilus.experiments.book import ExperimentBook
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.github import TOKEN, GitHub
from sagetrade_nautilus.experiments.experiment import Experiment, ExperimentState, noted
from sagetrade_nautilus.experiments.manager import Manager
from sagetrade_nautilus.experiments.rollback import Demotion
from sagetrade_nautilus.experiments.store import ARTIFACTS, ExperimentStore
from sagetrade_nautilus.governance import store as approved
from sagetrade_nautilus.governance.approvals import Gate
from sagetrade_nautilus.report.text import number, percent
from sagetrade_nautilus.run.canary import canary_file
from sagetrade_nautilus.run.startup.approval import policy_digest
from sagetrade_nautilus.secrets import find_secret

CONFIG = Path("configs/experiment.toml")

app = typer.Typer(no_args_is_help=True, help="Propose changes, measure and judge them, and put them before people.")

ConfigOption = Annotated[Path, typer.Option("--config", help="The run's TOML file, as the last commit has it.")]
IdArgument = Annotated[str, typer.Argument(help="The experiment, such as exp-20260101-001.", metavar="id")]
WhoOption = Annotated[
    str,
    typer.Option(
        "--as", help="You, as `allowed_signers` names you; nobody is named if left out, and then nothing can be signed."
    ),
]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What it is called.")],
    hypothesis: Annotated[str, typer.Option(help="What it expects; the name if left out.")] = "",
    proposer: Annotated[
        Literal["optuna", "llm", "human"], typer.Option(help="Who makes the change: a search, a model, a person.")
    ] = "optuna",
    branch: Annotated[
        str, typer.Option(help="The branch with a person's change, for the proposer `human`; left out for the others.")
    ] = "",
    config: ConfigOption = CONFIG,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Whether to run it at once.")] = True,
) -> None:
    """Begin an experiment from the present commit, and run it from end to end.

    It works on a branch and in worktrees of its own, and merges nothing.

    Example: sagetool experiment create --name "less noise" --hypothesis "fewer, stronger entries lift the Sharpe ratio"
    """
    settings, console = load(config), Console()
    manager = _manager(settings, console)
    experiment = manager.create(
        name, hypothesis or name, proposer, config.as_posix(), seed=settings.experiments.seed, source=branch
    )
    console.print(f"{experiment.id} on the branch {experiment.branch}", highlight=False, markup=False)
    if run:
        _run(manager, experiment.id, console)


@app.command("run")
def run_(experiment_id: IdArgument, config: ConfigOption = CONFIG) -> None:
    """Run an experiment, or go on with one that was interrupted, from the step that was not finished.

    Example: sagetool experiment run exp-20260101-001
    """
    console = Console()
    manager = _manager(load(config), console)
    _run(manager, experiment_id, console)


@app.command("list")
def list_(config: ConfigOption = CONFIG) -> None:
    """List all experiments, the newest first, and how many evaluations anybody ever ran.

    Example: sagetool experiment list
    """
    directory = _directory(load(config))
    console, book, store = Console(), ExperimentBook(directory), ExperimentStore(directory)
    if not (found := book.list()):
        console.print(f"no experiment in {directory}; `sagetool experiment create` begins one", markup=False)
        return
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("id", "state", "proposer", "Sharpe", "return", "name"):
        table.add_column(column, no_wrap=column in ("id", "state"), overflow="fold")
    for one in found:
        sharpe = f"{number(one.baseline_sharpe)} to {number(one.sharpe)}"
        growth = f"{_percent(one.baseline_return)} to {_percent(one.total_return)}"
        rests = one.state in (ExperimentState.EVALUATING, ExperimentState.EVALUATED) and not store.is_running(one.id)
        state = f"{one.state}, broken off" if rests else one.state
        table.add_row(one.id, state, one.proposer, sharpe, growth, Text(plain(one.name)))
    console.print(table)
    console.print(f"{book.active()} active; {book.trials():,} evaluations so far, by anybody", highlight=False)


@app.command()
def show(experiment_id: IdArgument, config: ConfigOption = CONFIG) -> None:
    """Show all that is known of an experiment: itself, what became of it, and what had to hold.

    Example: sagetool experiment show exp-20260101-001
    """
    console = Console()
    found = ExperimentBook(_directory(load(config))).show(experiment_id)
    for name, value in found["experiment"].items():
        if value != "" and name != "reasons":  # which stand in the history
            console.print(f"[dim]{name:16}[/] {escape(plain(str(value)))}", highlight=False, soft_wrap=True)
    for event in found["history"]:
        reasons = plain("; ".join(event["reasons"]))
        line = f"{event['at']}  {event['state']} by {event['by']} {plain(event['who'])} {reasons}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if found["report"]:
        for one in found["report"]["evidence"]["criteria"]:
            mark = "[green]holds[/]" if one["passed"] else "[red]FAILS[/]"
            console.print(f"{mark} {escape(plain(one['name']))}: {escape(plain(one['detail']))}", soft_wrap=True)


@app.command()
def compare(
    experiment_id: IdArgument,
    other: Annotated[str, typer.Argument(help="Another experiment; the baseline if left out.")] = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Compare an experiment with its baseline, or with another one, figure by figure.

    Example: sagetool experiment compare exp-20260101-001
    """
    console, store = Console(), ExperimentStore(_directory(load(config)))
    mine = reports.read(store.folder(experiment_id) / ARTIFACTS)
    theirs = reports.read(store.folder(other) / ARTIFACTS) if other else None
    left = theirs.evidence.experiment if theirs else mine.evidence.baseline
    table = Table("", other or "baseline", experiment_id, box=box.SIMPLE_HEAD)
    for name in left.__struct_fields__:
        table.add_row(name, *(_shown(getattr(one, name)) for one in (left, mine.evidence.experiment)))
    console.print(table)
    if theirs and theirs.evidence.data_fingerprint != mine.evidence.data_fingerprint:
        console.print("[bold red]They were measured on different data.[/]")
    console.print(
        f"{store.folder(experiment_id) / ARTIFACTS / reports.COMPARISON}", highlight=False, markup=False, soft_wrap=True
    )


@app.command()
def approve(
    experiment_id: IdArgument,
    person: WhoOption = "",
    key: Annotated[Path, typer.Option(help="Your private SSH key, or the public one of a key in your agent.")] = Path(
        "~/.ssh/id_ed25519"
    ),
    approvals: Annotated[Path, typer.Option(help="Where approvals and `allowed_signers` are kept.")] = approved.FOLDER,
    config: ConfigOption = CONFIG,
) -> None:
    """Approve gate C for exactly what the experiment proposes, signed with your SSH key. Nothing is merged by it.

    Example: sagetool experiment approve exp-20260101-001 --as anna@desk
    """
    settings = load(config)
    store = ExperimentStore(_directory(settings))
    experiment = store.load(experiment_id)
    if experiment.state is ExperimentState.RECOMMENDED:
        wanted = people.subject(store, experiment_id, policy_digest())
        written = sign_off(Gate.C, lambda: wanted, person, key, approvals)
        print(f"written: {written}; commit it into {settings.experiments.target}: `experiment verify` looks there")
    people.approve(store, experiment_id, approved.read(approvals), policy_digest(), now())
    print(
        f"{experiment_id} is approved: merge {experiment.branch} as you merge anything else, and begin with its canary"
    )


@app.command()
def reject(
    experiment_id: IdArgument,
    reason: Annotated[str, typer.Option(help="Why; it is written down.")],
    person: WhoOption = "",
    config: ConfigOption = CONFIG,
) -> None:
    """Reject an experiment, whatever the gate said.

    Example: sagetool experiment reject exp-20260101-001 --reason "too few trades"
    """
    people.reject(ExperimentStore(_directory(load(config))), experiment_id, person, reason, now())
    print(f"{experiment_id} is rejected")


@app.command()
def pr(experiment_id: IdArgument, config: ConfigOption = CONFIG) -> None:
    """Put a recommended experiment before people: push its branch and open the pull request.

    Without `experiments.repository` or GITHUB_TOKEN, the pull request's text is written to a file.

    Example: sagetool experiment pr exp-20260101-001
    """
    settings = load(config).experiments
    token = find_secret(TOKEN) if settings.repository else None
    github = GitHub(settings.repository, token) if token else None
    print(people.submit(ExperimentStore(Path(settings.directory)), Path.cwd(), experiment_id, settings, github))


@app.command()
def merged(experiment_id: IdArgument, config: ConfigOption = CONFIG) -> None:
    """Note that people have merged an approved experiment, once the target branch holds it.

    Example: sagetool experiment merged exp-20260101-001
    """
    settings = load(config).experiments
    people.merged(ExperimentStore(Path(settings.directory)), Path.cwd(), experiment_id, settings.target, now())
    print(f"{experiment_id} is merged into {settings.target}; its canary begins")


@app.command("watch")
def watch_(
    experiment_id: IdArgument,
    once: Annotated[bool, typer.Option("--once", help="Look once, instead of until the canary is over.")] = False,
    every_s: Annotated[float, typer.Option(min=1.0, help="Seconds from one look to the next.")] = 60.0,
    config: ConfigOption = CONFIG,
) -> None:
    """Watch the canary of an approved experiment, and roll it back by itself when it breaks its own criteria.

    The node that is the canary says in its file: `experiments.canary_of`. Exits with code 13 if it is rolled back.

    Example: sagetool experiment watch exp-20260101-001 --once
    """
    settings = load(config)
    while True:
        done = watch.check(
            ExperimentStore(_directory(settings)),
            Path.cwd(),
            experiment_id,
            canary_file(settings.node.state, experiment_id),
            now(),
            lambda line: print(f"ALERT {plain(line)}", flush=True),
            settings.experiments.target,
        )
        if isinstance(done, Demotion):
            undo = f"; merge {done.branch} to undo it" if done.branch else ""
            raise ExperimentError(f"{experiment_id} was rolled back by its canary{undo}")
        if done or once:
            print(f"the canary of {experiment_id} is {'over, and within its criteria' if done else 'on its way'}")
            return
        time.sleep(every_s)


app.command()(verify)


def _manager(settings: RunConfig, console: Console) -> Manager:
    def tell(line: str) -> None:
        console.print(plain(line), style="dim", highlight=False, markup=False, soft_wrap=True)

    return Manager(Path.cwd(), ExperimentStore(_directory(settings)), tools.tools(settings, tell), tell)


def _run(manager: Manager, experiment_id: str, console: Console) -> None:
    try:
        experiment = manager.run(experiment_id)
    except SystemExit as asked:
        raise SystemExit(asked.code) from None  # the manager has said how it stands, so nothing else is said of it
    _told(experiment, manager.store, console)


def _directory(settings: RunConfig) -> Path:
    return Path(settings.experiments.directory)


def _told(experiment: Experiment, store: ExperimentStore, console: Console) -> None:
    style = "bold green" if experiment.state is ExperimentState.RECOMMENDED else "bold"
    console.print(f"{experiment.id} is {experiment.state}", style=style, highlight=False)
    for reason in experiment.reasons:
        console.print(f"• {plain(reason)}", highlight=False, markup=False, soft_wrap=True)
    folder = store.folder(experiment.id) / ARTIFACTS
    if folder.is_dir():
        console.print(f"{folder / reports.COMPARISON}", highlight=False, markup=False, soft_wrap=True)


def _percent(fraction: float | None) -> str:
    return percent(None if fraction is None else 100.0 * fraction, 2, signed=True)


def _shown(value: float | None) -> str:
    return number(value, 0 if isinstance(value, int) else 4)


def now() -> str:
    return noted(dt.datetime.now(dt.UTC))
