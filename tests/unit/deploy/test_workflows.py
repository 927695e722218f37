"""The workflows: what an AI proposes cannot rewrite what judges it, and nothing of it is run with any right."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sagetrade_nautilus.cli import app
from tests.support.checkout import ROOT
from tests.support.sagetool import parse

FOLDER = ROOT / ".github" / "workflows"
ALL = sorted(FOLDER.glob("*.yml"))
OF_THE_DEFAULT_BRANCH = {"pull_request_target", "workflow_run", "schedule", "workflow_dispatch"}
"""The events for which GitHub takes the workflow's file from the default branch."""


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((FOLDER / name).read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - 'on' stays a word
    return found


def _steps(name: str) -> list[dict[str, Any]]:
    return [step for job in _read(name)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_workflow_names_its_rights_and_puts_nobodys_words_into_a_script(path: Path) -> None:
    workflow = _read(path.name)
    assert "permissions" in workflow
    for job in workflow["jobs"].values():
        assert "timeout-minutes" in job
        assert "permissions" not in job
    for step in _steps(path.name):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_only_a_file_that_no_pull_request_can_replace_may_write(path: Path) -> None:
    workflow = _read(path.name)
    may_write = [name for name, right in (workflow["permissions"] or {}).items() if right == "write"]
    assert not may_write or set(workflow["on"]) <= OF_THE_DEFAULT_BRANCH


def test_the_judge_hears_every_review_by_way_of_a_workflow_that_may_do_nothing() -> None:
    judge, messenger = _read("proposals.yml"), _read("proposal-review.yml")
    assert set(judge["on"]) == {"pull_request_target", "workflow_run"}
    assert judge["on"]["workflow_run"]["workflows"] == [messenger["name"]]
    assert set(messenger["on"]) == {"pull_request_review"}
    assert messenger["permissions"] == {}
    assert judge["permissions"] == {"contents": "read", "pull-requests": "read", "statuses": "write"}


def test_the_judge_lays_out_and_runs_the_default_branch_alone() -> None:
    steps = _steps("proposals.yml")
    laid_out = [step["with"] for step in steps if step.get("uses", "").startswith("actions/checkout")]
    assert [one["ref"] for one in laid_out] == ["${{ github.event.repository.default_branch }}"]
    assert laid_out[0]["persist-credentials"] == "false"
    said = " ".join(step.get("run", "") for step in steps)
    assert not re.search(r"git (-\S+ \S+ )*(checkout|switch|merge|worktree|reset|archive)", said)
    assert "pending" in steps[0]["run"]  # before anything that could fail


def test_what_the_judge_asks_sagetool_is_understood() -> None:
    run = next(step["run"] for step in _steps("proposals.yml") if "sagetool" in step.get("run", ""))
    words = re.sub(r"\s+", " ", run).strip().replace('"', "").split(" ")
    assert words[0] == "sagetool"
    assert "experiment" in app.COMMANDS
    parse(words[1:])


@pytest.mark.parametrize(("written", "sent"), [("success", "success"), ("pending", "pending"), (None, "failure")])
def test_what_is_told_github_is_what_was_found_and_a_failure_if_nothing_was(
    tmp_path: Path, written: str | None, sent: str
) -> None:
    if written:
        (tmp_path / "state").write_text(written)
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\necho "$@"\n')
    gh.chmod(0o755)
    names = ("GITHUB_REPOSITORY", "SHA", "GITHUB_SERVER_URL", "GITHUB_RUN_ID")
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path), **dict.fromkeys(names, "x")}
    step = _steps("proposals.yml")[-1]
    done = subprocess.run(["bash", "-ec", step["run"]], env=env, capture_output=True, text=True, check=True)
    assert f"state={sent}" in done.stdout
    assert "cancelled" in step["if"]
