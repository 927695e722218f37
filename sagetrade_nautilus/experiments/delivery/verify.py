"""Whether a proposal may be merged, as far as a machine can say: asked by the CI, of the target branch's own code.

Nothing of the proposal is run or imported: its files are read as data, out of git.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from sagetrade_nautilus.errors import ConfigError, ExperimentError
from sagetrade_nautilus.experiments.changes import as_canary
from sagetrade_nautilus.experiments.delivery import recheck
from sagetrade_nautilus.experiments.delivery import report as reports
from sagetrade_nautilus.experiments.delivery.pull_request import PROPOSALS
from sagetrade_nautilus.experiments.delivery.report import Report
from sagetrade_nautilus.experiments.delivery.touched import run_of, touched
from sagetrade_nautilus.experiments.experiment import BRANCH_PREFIX, ID
from sagetrade_nautilus.experiments.git import Git
from sagetrade_nautilus.governance import store
from sagetrade_nautilus.governance.approvals import Gate, Subject, missing
from sagetrade_nautilus.run.startup.approval import POLICY

FILE_BYTES_MAX: Final = 50_000_000


def faults(git: Git, base: str, head: str, branch: str, *, is_draft: bool) -> list[str]:
    """Return why the proposal may not be merged; nothing if it may.

    Parameters
    ----------
    base, head : str
        The commits of the target and of the proposal.
    branch : str
        The proposal's branch.
    is_draft : bool
        Whether the pull request is a draft, which GitHub does not merge.
    """
    start = git.merge_base(base, head)
    try:
        report, files = _report(git, start, head)
    except ExperimentError as error:
        return [str(error)]
    evidence = report.evidence
    found = [
        branch != report.branch and f"the branch is {branch}, the report's is {report.branch}",
        report.branch != f"{BRANCH_PREFIX}{report.experiment_id}"
        and "the report's branch is not that of its experiment",
        evidence.base != start and f"it was measured against {evidence.base[:12]}, and branches off at {start[:12]}",
        not evidence.verdict.recommended and "the gate does not recommend it",
        any(not one.passed for one in evidence.criteria) and "something did not hold that had to",
    ]
    found += _measured(git, report, start, head)
    found += _rechecked(git, report, files, base)
    if not is_draft:
        found += _unsigned(git, base, git.commit_of(head), files, touched(git, start, head))
    return [one for one in found if isinstance(one, str)]


def _report(git: Git, start: str, head: str) -> tuple[Report, dict[str, bytes]]:
    """Return the one report that the proposal brings, and all files beside it, which have the hashes that it names."""
    beside = [path for path in git.changed(start, head) if path.startswith(f"{PROPOSALS}/")]
    folders = sorted({path.split("/")[1] for path in beside})
    if len(folders) != 1 or ID.fullmatch(folders[0]) is None:
        raise ExperimentError(
            f"it must bring one {PROPOSALS}/exp-YYYYMMDD-NNN/, and brings {', '.join(folders) or 'none'}"
        )
    files = {}
    for path in beside:
        raw = git.show(head, path)
        if raw is None or path.count("/") != 2 or len(raw) > FILE_BYTES_MAX:
            raise ExperimentError(f"{path}: it is missing, too deep or too large")
        files[path.rsplit("/", 1)[1]] = raw
    with _laid_out(files) as scratch:
        report = reports.read(scratch)
    named = {f"{PROPOSALS}/{report.experiment_id}/{name}" for name in (*report.artifacts, reports.REPORT)}
    if set(beside) != named:
        raise ExperimentError(
            f"beside the report stand other files than it names: {', '.join(sorted(set(beside) ^ named))}"
        )
    return report, files


def _rechecked(git: Git, report: Report, files: dict[str, bytes], base: str) -> list[str]:
    """Return where the report differs from its artifacts, by the policy that the target has now."""
    evidence = report.evidence
    commits = {"the target": base, "the base": evidence.base, "the change": evidence.change}
    configs = {where: run_of(git, commit, evidence.config) for where, commit in commits.items()}
    lacking = [where for where, config in configs.items() if config is None]
    now, before, after = configs.values()
    if now is None or before is None or after is None:
        return [f"{evidence.config}: it cannot be read in {', '.join(lacking)}"]
    if now.promotion != before.promotion:
        return ["the target's policy `promotion` has changed since it was measured; create another experiment"]
    return recheck.faults(report, files, before, after)


def _unsigned(git: Git, base: str, head: str, files: dict[str, bytes], touches: tuple[str, ...]) -> list[str]:
    """Return why gate C is not open for this commit and report, by the people, policy and approvals of the target."""
    policy = git.show(base, POLICY.as_posix())
    kept = {path: git.show(base, path) for path in git.files(base, store.FOLDER.as_posix())}
    with _laid_out({path.rsplit("/", 1)[1]: raw for path, raw in kept.items() if raw is not None}) as folder:
        judged = store.read(folder)
    wanted = Subject(
        policy=sha256(policy or b"").hexdigest(), proposal=head, report=sha256(files[reports.REPORT]).hexdigest()
    )
    if missing(Gate.C, judged, wanted) is None:
        return []
    people = f"; it touches what only people change: {'; '.join(touches)}" if touches else ""
    return [
        f"nobody whom the target's {store.FOLDER}/{store.SIGNERS} names has signed this commit and report (`sagetool "
        f"experiment approve`, and commit into the target what it writes){people}"
    ]


@contextmanager
def _laid_out(files: dict[str, bytes]) -> Iterator[Path]:
    """Put files into a folder, for what reads them there."""
    with tempfile.TemporaryDirectory(prefix="sagetrade-") as scratch:
        for name, raw in files.items():
            (Path(scratch) / name).write_bytes(raw)
        yield Path(scratch)


def _measured(git: Git, report: Report, start: str, head: str) -> list[str]:
    """Return how what would be merged differs from what was measured: in nothing but the evidence itself."""
    evidence = report.evidence
    try:
        tree = git.tree_of(evidence.change)
    except ExperimentError:
        return [f"the commit that was measured, {evidence.change[:12]}, is not part of it"]
    others = [
        path
        for path in git.changed(evidence.change, head)
        if path != evidence.config and not path.startswith(f"{PROPOSALS}/")
    ]
    found = [] if tree == evidence.tree else ["the tree that was measured is not that of the commit"]
    if evidence.needs_person != touched(git, start, evidence.change):
        found.append("it does not say what it touches that only people change")
    if others:
        found.append(f"changed since it was measured: {', '.join(others)}")
    return [*found, *_canary(git, report, head)]


def _canary(git: Git, report: Report, head: str) -> list[str]:
    """Return what is wrong with the run's file: it must be that which was measured, as the experiment's canary."""
    evidence = report.evidence
    measured, merged = (git.show(commit, evidence.config) for commit in (evidence.change, head))
    try:
        wanted = None if measured is None else as_canary(measured.decode(), report.experiment_id).encode()
    except (ConfigError, UnicodeDecodeError) as error:
        return [f"{evidence.config}: {error}"]
    if merged == wanted:
        return []
    return [f"{evidence.config} is not the one that was measured with canary_of = {report.experiment_id!r}"]
